// Keeps the log's elements in step with the items of a conversation: one element per item, in their order.

import { continues, opensDay } from "../grouping.js";

export class LogView {
  #element;
  #lines;
  #calendar;
  #ignores;
  #shown = new Map(); // key -> { item, element }
  #facts = new WeakMap(); // line -> { author, name, at, day }, read once

  // ignores: (id) => does the reader not want to hear them?
  constructor({ element, lines, calendar, ignores }) {
    this.#element = element;
    this.#lines = lines;
    this.#calendar = calendar;
    this.#ignores = ignores;
  }

  // Take over what the server has drawn for some of these items.
  adopt(items) {
    const drawn = new Map([...this.#element.children].map((element) => [keyOf(element), element]));
    for (const item of items) {
      const element = drawn.get(item.kind === "gap" ? item.after : item.id);
      if (!element) continue;
      this.#lines.adopt(element, item);
      this.#shown.set(item.key, { item, element });
    }
  }

  // listeners: { retry, discard }, called with the client_id of an echo
  onChoice(listeners) {
    this.#element.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) listeners[button.name]?.(button.value);
    });
  }

  // The element after that of an item, which stands in the log.
  after({ key }) {
    return this.#shown.get(key)?.element.nextElementSibling;
  }

  // What is drawn meanwhile is not news: it is not read out.
  quietly(draw) {
    this.#element.ariaBusy = "true";
    draw();
    this.#element.ariaBusy = "false";
  }

  render(items) {
    this.#remove(items);
    let place = this.#element.firstElementChild;
    for (const item of items) {
      const element = this.#elementOf(item);
      if (element === place) place = place.nextElementSibling;
      else this.#element.insertBefore(element, place);
    }
    this.#arrange();
  }

  #remove(items) {
    const current = new Map(items.map((item) => [item.key, item]));
    for (const [key, { item, element }] of this.#shown) {
      if (current.get(key) === item) continue;
      element.remove();
      this.#shown.delete(key);
    }
  }

  #elementOf(item) {
    if (!this.#shown.has(item.key)) {
      this.#shown.set(item.key, { item, element: this.#lines.make(item) });
    }
    return this.#shown.get(item.key).element;
  }

  #arrange() {
    let previous = null;
    for (const element of this.#element.children) {
      if (!element.matches(".line")) continue;
      const line = this.#factsOf(element);
      element.hidden = this.#ignores(line.author);
      if (element.hidden) continue;
      this.#group(element, line, previous);
      previous = line;
    }
  }

  #group(element, line, previous) {
    const adjacent = element.previousElementSibling?.matches(".line");
    element.classList.toggle("continued", Boolean(adjacent) && continues(line, previous));
    if (opensDay(line, previous)) element.dataset.day = line.day;
    else delete element.dataset.day;
  }

  #factsOf(element) {
    if (!this.#facts.has(element)) {
      const at = element.querySelector("time").dateTime;
      const { author } = element.querySelector(".message").dataset;
      const name = element.querySelector(".author").textContent;
      this.#facts.set(element, { author, name, at, day: this.#calendar.day(at) });
    }
    return this.#facts.get(element);
  }
}

function keyOf(element) {
  return element.dataset.after ?? element.querySelector(".message").dataset.id;
}
