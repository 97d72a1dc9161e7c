// The log by keyboard. A log of fifty messages is one stop for Tab and not a hundred: Enter leads from it to the time of
// the message that is seen last, which is the way to its page; up and down lead to other messages, left to the name of
// who said it, right to what it answers, its reactions and to what can be done about it, Escape leads back to the log. Names are buttons:
// they are chosen.

const TIME = ".at[href]";
const NAME = ".author[role=button]";
const STOPS = `${NAME}, ${TIME}, .quoted, .reactions button, .tools button:not([hidden])`;

export class Stops {
  #scroller;
  #meet;

  // meet: ({ id, name }) => called when a name is chosen
  constructor(scroller, meet) {
    this.#scroller = scroller;
    this.#meet = meet;
  }

  open() {
    this.#scroller.addEventListener("click", ({ target }) => this.#choose(target.closest(NAME)));
    this.#scroller.addEventListener("keydown", (event) => this.#press(event) && event.preventDefault());
  }

  #press({ key, target }) {
    const line = target.closest(".line");
    if (!line) return key === "Enter" && target === this.#scroller && this.#focus(this.#lastSeen());
    if (!target.matches(STOPS)) return false;
    if (target.matches(NAME) && (key === "Enter" || key === " ")) return this.#choose(target);
    return this.#focus(this.#beside(line, target, key));
  }

  #beside(line, target, key) {
    const kind = target.matches(NAME) ? NAME : TIME;
    switch (key) {
      case "ArrowUp": return this.#next(line, kind, -1);
      case "ArrowDown": return this.#next(line, kind, 1);
      case "ArrowLeft": return this.#along(line, target, -1);
      case "ArrowRight": return this.#along(line, target, 1);
      case "Escape": return this.#scroller;
    }
  }

  #along(line, target, step) {
    const stops = [...line.querySelectorAll(STOPS)];
    return stops[stops.indexOf(target) + step];
  }

  #next(line, kind, step) {
    const lines = this.#lines();
    const next = lines[lines.indexOf(line) + step];
    return next?.querySelector(kind) ?? next?.querySelector(TIME);
  }

  #lastSeen() {
    const { bottom } = this.#scroller.getBoundingClientRect();
    return this.#lines().findLast((it) => it.getBoundingClientRect().bottom <= bottom + 1)?.querySelector(TIME);
  }

  #lines() {
    return [...this.#scroller.querySelectorAll(".line:not([hidden])")].filter((it) => it.querySelector(TIME));
  }

  #choose(name) {
    if (!name) return false;
    this.#meet({ id: name.closest(".message").dataset.author, name: name.textContent });
    return true;
  }

  #focus(element) {
    element?.focus();
    return Boolean(element);
  }
}
