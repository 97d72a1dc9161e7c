// A small window of emoji beside what it was opened from: those used most come first, a name finds others.

import { emojiFor } from "../emoji.js";
import { Options } from "./options.js";

const ROW = 8; // emoji beside each other
const STEPS = { ArrowDown: ROW, ArrowUp: -ROW, ArrowRight: 1, ArrowLeft: -1 };

export class Picker {
  #popover;
  #field;
  #language;
  #options;
  #chosen;

  constructor({ popover, language }) {
    this.#popover = popover;
    this.#field = popover.querySelector("input");
    this.#language = language;
    this.#options = new Options({ field: this.#field, list: popover.querySelector("ul"), choose: (it) => this.#choose(it) });
  }

  open() {
    this.#options.open();
    this.#field.addEventListener("input", () => this.#offer());
    this.#field.addEventListener("keydown", (event) => this.#press(event) && event.preventDefault());
  }

  get shown() {
    return this.#popover.matches(":popover-open");
  }

  // anchor: the element beside which it stands; chosen: (emoji) => called with the one that is chosen, if any
  show(anchor, chosen) {
    this.#chosen = chosen;
    this.#field.value = "";
    this.#offer();
    this.#popover.showPopover();
    this.#place(anchor.getBoundingClientRect());
    if (matchMedia("(pointer: fine)").matches) this.#field.focus();
  }

  #offer() {
    const found = emojiFor(this.#field.value, this.#language);
    this.#options.show(found.map(({ emoji, name }) => ({ show: emoji, hint: name })), Boolean(this.#field.value));
  }

  #press({ key, isComposing, keyCode }) {
    if (isComposing || keyCode === 229) return false;
    if (key in STEPS) this.#options.move(STEPS[key]);
    else if (key === "Enter") this.#options.take();
    else return false;
    return true;
  }

  #choose({ show }) {
    this.#popover.hidePopover();
    this.#chosen(show);
  }

  // Above the anchor or below it, where there is room, and always in the window.
  #place({ top, bottom, right }) {
    const { offsetWidth: width, offsetHeight: height, style } = this.#popover;
    const below = Math.min(bottom + 4, innerHeight - height - 4);
    style.top = `${Math.max(4, top - height - 4 > 0 ? top - height - 4 : below)}px`;
    style.left = `${Math.min(Math.max(4, right - width), innerWidth - width - 4)}px`;
  }
}
