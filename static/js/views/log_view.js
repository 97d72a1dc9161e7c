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
    const drawn = new Map([...this.#element.children].map((it) => [keyOf(it), it]));
    for (const item of items) {
      const element = drawn.get(item.key);
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

  // The element of the item with that key, if it stands in the log.
  element(key) {
    return this.#shown.get(key)?.element;
  }

  // The key of the item of a line; null of none.
  keyOf(line) {
    return line?.querySelector(".message").dataset.id || null;
  }

  // Lead the reader to a message, which stays marked, and has the focus.
  point(id) {
    const line = this.element(id);
    if (!line) return;
    this.#element.querySelector(".pointed")?.classList.remove("pointed");
    line.classList.add("pointed");
    this.reveal(id);
  }

  // Have an item in the middle of what the reader sees, and the focus at the message there.
  reveal(key) {
    const element = this.element(key);
    element?.scrollIntoView({ block: "center" });
    const line = element?.matches(".line") ? element : element?.nextElementSibling;
    line?.querySelector(".at").focus({ preventScroll: true });
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
      const other = current.get(key);
      if (other === item || (other && item.kind === "message")) continue;
      element.remove();
      this.#shown.delete(key);
    }
  }

  #elementOf(item) {
    const shown = this.#shown.get(item.key) ?? { item, element: this.#lines.make(item) };
    if (shown.item !== item) this.#renew(shown.element, item);
    this.#shown.set(item.key, { item, element: shown.element });
    return shown.element;
  }

  // A message that was amended keeps its element, and with it its place.
  #renew(element, item) {
    this.#facts.delete(element);
    this.#lines.renew(element, item);
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
  const { after } = element.dataset;
  return after ? `gap-${after}` : element.querySelector(".message").dataset.id;
}
