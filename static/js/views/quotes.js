// The beginning of what a message answers, in one line, filled in where it is to be had.

import { fragmentOf } from "./fragment.js";

// characters: more than one line shows
const LENGTH = 140;

export class Quotes {
  #element;
  #lineOf;
  #quoted;
  #ignores;
  #changed;
  // message -> its beginning
  #texts = new WeakMap();

  // lineOf: (id) => the element of a message, if it is there; quoted: what is known of others; ignores: (id) => does the
  // reader not want to hear them?; changed: called when more is known
  constructor({ element, lineOf, quoted, ignores, changed }) {
    this.#element = element;
    this.#lineOf = lineOf;
    this.#quoted = quoted;
    this.#ignores = ignores;
    this.#changed = changed;
  }

  // meet: (id) => called when a quotation is chosen
  open(meet) {
    this.#element.addEventListener("click", (event) => {
      const link = event.target.closest("a.quoted");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      meet(link.dataset.id);
    });
  }

  async render() {
    const links = [...this.#element.querySelectorAll("a.quoted[data-id]")];
    const unknown = links.filter((link) => !this.#fill(link)).map((link) => link.dataset.id);
    if (unknown.length > 0 && (await this.#quoted.ask(unknown))) this.#changed();
  }

  // Returns whether it is known what to put there.
  #fill(link) {
    const { id } = link.dataset;
    const line = this.#lineOf(id);
    const entry = line ? null : this.#quoted.get(id);
    if (!line && entry === undefined) return false;
    const author = line ? line.querySelector(".message").dataset.author : entry?.author.id;
    const text = !author || this.#ignores(author) ? "" : line ? beginning(line) : this.#textOf(entry);
    if ((link.querySelector("q")?.textContent ?? "") !== text) this.#put(link, text);
    return true;
  }

  #textOf(entry) {
    if (!this.#texts.has(entry)) this.#texts.set(entry, beginning(fragmentOf(entry.html)));
    return this.#texts.get(entry);
  }

  #put(link, text) {
    link.querySelector("q")?.remove();
    if (!text) return;
    const quotation = document.createElement("q");
    quotation.dir = "auto";
    quotation.textContent = text;
    link.append(" ", quotation);
  }
}

function beginning(message) {
  const files = () => [...message.querySelectorAll(".files img, .files bdi")].map((it) => it.alt ?? it.textContent);
  const text = message.querySelector(".text").textContent.replace(/\s+/g, " ").trim() || files().join(", ");
  const characters = [...text.slice(0, 2 * LENGTH)];
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH).join("")}…` : text;
}
