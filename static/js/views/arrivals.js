// What came while the reader was scrolled up: a button that says how much, and leads there.

import { counted } from "../words.js";

export class Arrivals {
  #button;
  #scroller;
  #language;
  #below = 0;

  constructor({ button, scroller, language }) {
    this.#button = button;
    this.#scroller = scroller;
    this.#language = language;
    button.addEventListener("click", () => this.#show());
    scroller.onScroll(() => scroller.atEnd && this.#count(0));
  }

  add(count, wasAtEnd) {
    if (!wasAtEnd) this.#count(this.#below + count);
  }

  #show() {
    this.#scroller.toEnd();
    this.#scroller.focus();
    this.#count(0);
  }

  #count(below) {
    this.#below = below;
    this.#button.hidden = below === 0;
    if (below) this.#button.textContent = counted(this.#button.dataset, below, this.#language);
  }
}
