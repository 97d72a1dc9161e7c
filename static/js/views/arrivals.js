// What came while the reader was looking elsewhere: a button while scrolled up, a count in the title while hidden.

import { counted } from "../words.js";

export class Arrivals {
  #button;
  #scroller;
  #page;
  #title;
  #below = 0;
  #unread = 0;

  // page: the document, for its title, language and visibility
  constructor({ button, scroller, page }) {
    this.#button = button;
    this.#scroller = scroller;
    this.#page = page;
    this.#title = page.title;
    button.addEventListener("click", () => this.#show());
    scroller.onScroll(() => scroller.atEnd && this.#count(0));
    page.addEventListener("visibilitychange", () => page.hidden || this.#mark(0));
  }

  add(count, wasAtEnd) {
    if (!wasAtEnd) this.#count(this.#below + count);
    if (this.#page.hidden) this.#mark(this.#unread + count);
  }

  // The page is called otherwise from now on.
  rename(title) {
    this.#title = title;
    this.#mark(this.#unread);
  }

  #show() {
    this.#scroller.toEnd();
    this.#scroller.focus();
    this.#count(0);
  }

  #count(below) {
    this.#below = below;
    this.#button.hidden = below === 0;
    if (below) this.#button.textContent = counted(this.#button.dataset, below, this.#page.documentElement.lang);
  }

  #mark(unread) {
    this.#unread = unread;
    this.#page.title = unread ? `(${unread}) ${this.#title}` : this.#title;
  }
}
