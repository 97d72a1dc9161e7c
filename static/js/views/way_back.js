// The way to the first message that the reader has not read: a button until they have seen where that is.

export class WayBack {
  #button;
  #scroller;
  #line;
  #away;
  #done = false;

  // line: () => the element where the unread begins, if it is there; away: () => may it be in what is not loaded?;
  // go: called when the reader wants to be there
  constructor({ button, scroller, line, away, go }) {
    this.#button = button;
    this.#scroller = scroller;
    this.#line = line;
    this.#away = away;
    button.addEventListener("click", go);
    scroller.onScroll(() => this.show());
  }

  // Is the reader still to be led there?
  get open() {
    return !this.#button.hidden;
  }

  // There is another place where it begins.
  renew() {
    this.#done = false;
  }

  show() {
    if (this.#done) return;
    const line = this.#line();
    this.#done = Boolean(line) && this.#scroller.shows(line);
    this.#button.hidden = this.#done || (!line && !this.#away());
  }
}
