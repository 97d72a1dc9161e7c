// Offers what a begun word could become. An input method goes first: while it composes nothing is offered, and no key taken.

import { Options } from "./options.js";

export class Completion {
  #field;
  #find;
  #options;
  #start = 0;

  // list: the listbox; find: (text) => what the text up to the caret can become, as of completing.js
  constructor({ field, list, find }) {
    this.#field = field;
    this.#find = find;
    this.#options = new Options({ field, list, choose: (item) => this.#insert(item) });
  }

  // Before whatever else listens to the keys of the field: what is done here is prevented there.
  open() {
    this.#options.open();
    this.#field.addEventListener("input", ({ isComposing }) => (isComposing ? this.#options.hide() : this.#offer()));
    this.#field.addEventListener("compositionend", () => this.#offer());
    this.#field.addEventListener("blur", () => this.#options.hide());
    this.#field.addEventListener("keydown", (event) => this.#press(event) && event.preventDefault());
  }

  #offer() {
    const { value, selectionStart, selectionEnd } = this.#field;
    const found = selectionStart === selectionEnd ? this.#find(value.slice(0, selectionEnd)) : null;
    if (!found) return this.#options.hide();
    this.#start = found.start;
    this.#options.show(found.items, found.eager);
  }

  #press({ key, shiftKey, isComposing, keyCode }) {
    if (!this.#options.shown || shiftKey || isComposing || keyCode === 229) return false;
    switch (key) {
      case "ArrowDown": return this.#move(1);
      case "ArrowUp": return this.#move(-1);
      case "Enter": return this.#options.chosen && this.#take();
      case "Tab": return this.#take();
      case "Escape": return this.#leave();
      case "ArrowLeft": case "ArrowRight": case "Home": case "End": this.#options.hide();
    }
    return false;
  }

  #move(step) {
    this.#options.move(step);
    return true;
  }

  #take() {
    this.#options.take();
    return true;
  }

  #leave() {
    this.#options.hide();
    return true;
  }

  #insert({ insert }) {
    this.#field.setRangeText(insert, this.#start, this.#field.selectionEnd, "end");
    this.#field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}
