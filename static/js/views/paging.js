// Loads more of the log where the reader comes near the end of what is loaded, in the direction in which they go.

export class Paging {
  #scroller;
  #items;
  #load;
  #busy = false;
  #failed = null;

  // items: () => those of the log; load: async (gap) => loads some of it, and says whether that worked
  constructor({ scroller, items, load }) {
    this.#scroller = scroller;
    this.#items = items;
    this.#load = load;
  }

  open() {
    this.#scroller.onScroll(() => this.#look());
  }

  // A gap that could not be filled stays until its reader asks for it.
  async #look() {
    if (this.#busy) return;
    this.#busy = true;
    for (let gap; (gap = this.#gap()); ) if (!(await this.#load(gap))) this.#failed = gap;
    this.#busy = false;
  }

  #gap() {
    const { way } = this.#scroller;
    const gap = way < 0 ? this.#items()[0] : this.#items().at(-1);
    const due = way !== 0 && gap?.kind === "gap" && gap !== this.#failed && (way < 0 || gap.later);
    return due && this.#scroller.near(way) ? gap : null;
  }
}
