// A room's title and topic, where the page shows them.

export class HeadingView {
  #element;
  #renamed;

  // renamed: (title) => called with what the page is called
  constructor({ element, renamed }) {
    this.#element = element;
    this.#renamed = renamed;
  }

  show({ title, topic }) {
    const { name, page, word } = this.#element.dataset;
    this.#element.querySelector(".title").textContent = title || name;
    this.#element.querySelector(".word").hidden = Boolean(title) || word === undefined;
    const line = this.#element.querySelector(".topic");
    line.hidden = !topic;
    line.firstElementChild.textContent = topic;
    this.#renamed(title || page);
  }
}
