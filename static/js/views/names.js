// Names in the log are buttons, but no stops of the Tab key: there would be hundreds. From the log, Enter leads to the
// first name in view, the arrows from one to the next, Escape back.

const SHOWN = ".line:not([hidden], .continued) .author[role=button]";

export class Names {
  #element;
  #meet;

  // element: the log as it is scrolled; meet: ({ id, name }) => called when a name is chosen
  constructor({ element, meet }) {
    this.#element = element;
    this.#meet = meet;
  }

  open() {
    this.#element.addEventListener("click", ({ target }) => this.#choose(target.closest(SHOWN)));
    this.#element.addEventListener("keydown", (event) => this.#press(event) && event.preventDefault());
  }

  #press({ key, target }) {
    const names = [...this.#element.querySelectorAll(SHOWN)];
    if (target === this.#element) return key === "Enter" && this.#focus(names.find((name) => this.#inView(name)));
    const place = names.indexOf(target);
    if (place < 0) return false;
    if (key === "Enter" || key === " ") return this.#choose(target);
    if (key === "Escape") return this.#focus(this.#element);
    if (key === "ArrowUp") return this.#focus(names[Math.max(0, place - 1)]);
    return key === "ArrowDown" && this.#focus(names[place + 1] ?? target);
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

  #inView(name) {
    return name.getBoundingClientRect().bottom > this.#element.getBoundingClientRect().top;
  }
}
