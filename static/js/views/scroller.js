// The scrolled log. It is laid out from its end (column-reverse), so `scrollTop` is 0 at the end and negative above it,
// and a reader at the end stays there by itself, whatever grows. A reader who has scrolled up is held in place here.

const NEAR = 32; // px: closer to the end than one line counts as being there

export class Scroller {
  #element;
  #log;

  constructor(element, log) {
    this.#element = element;
    this.#log = log;
  }

  get atEnd() {
    return Math.abs(this.#element.scrollTop) < NEAR;
  }

  focus() {
    this.#element.focus();
  }

  toEnd() {
    this.#element.scrollTop = 0;
  }

  // Call `change` without moving the line `still`, by default the first one that the reader sees.
  hold(change, still = this.#firstVisibleLine()) {
    const anchor = this.atEnd ? null : still;
    const before = anchor?.getBoundingClientRect().bottom; // a line that joins a group loses its head, above its text
    change();
    if (!anchor?.isConnected) return this.#end(anchor);
    this.#element.scrollTop += anchor.getBoundingClientRect().bottom - before;
  }

  onScroll(listener) {
    this.#element.addEventListener("scroll", listener, { passive: true });
  }

  #end(lost) {
    if (lost || this.atEnd) this.toEnd();
  }

  // Lines lie in the order of the document, so the first one that reaches into view is found by bisection.
  #firstVisibleLine() {
    const { top } = this.#element.getBoundingClientRect();
    const lines = this.#log.querySelectorAll(".line:not([hidden])");
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    return lines[low] ?? null;
  }
}
