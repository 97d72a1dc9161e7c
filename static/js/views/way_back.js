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

  // There is another place where it begins.
  renew() {
    this.#done = false;
    this.show();
  }

  show() {
    if (this.#done) return;
    const line = this.#line();
    const above = Boolean(line) && this.#scroller.above(line);
    this.#done = Boolean(line) && !above;
    this.#button.hidden = !(above || (!line && this.#away()));
  }
}
