// What came while the reader was scrolled up: a button that leads to the end, and says how much waits there.

import { counted } from "../words.js";

export class Arrivals {
  #button;
  #scroller;
  #language;
  #below = 0;

  // leave: called when the reader wants to go to the end
  constructor({ button, scroller, language, leave }) {
    this.#button = button;
    this.#scroller = scroller;
    this.#language = language;
    button.addEventListener("click", leave);
    scroller.onScroll(() => this.look());
  }

  // count: of those that came where the reader is not
  add(count) {
    this.#count(this.#below + count);
  }

  // See where the reader is.
  look() {
    this.#count(this.#scroller.atEnd ? 0 : this.#below);
  }

  #count(below) {
    const hidden = below === 0 && !this.#scroller.farFromEnd;
    if (below === this.#below && hidden === this.#button.hidden) return;
    this.#below = below;
    this.#button.hidden = hidden;
    const { dataset } = this.#button;
    this.#button.textContent = below ? counted(dataset, below, this.#language) : dataset.none;
  }
}
