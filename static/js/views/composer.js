// Where a message is written. What is in it survives errors and reloads.

import { sends } from "../keys.js";
import { counted } from "../words.js";

const LEFT = 200; // characters: from here on it is shown how many are left

export class Composer {
  #form;
  #field;
  #left;
  #limit;
  #shelf;
  #language;
  #typed;
  #post;

  // limit: characters in a message; shelf: keeps the draft; typed: (text) => called with what is in the field, whenever the
  // reader changes it; post: (body) => takes it over
  constructor({ form, limit, shelf, language, typed, post }) {
    this.#form = form;
    this.#field = form.elements.body;
    this.#left = form.querySelector(".left");
    this.#limit = limit;
    this.#shelf = shelf;
    this.#language = language;
    this.#typed = typed;
    this.#post = post;
  }

  open() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("input", () => this.#refresh());
    this.#field.addEventListener("input", () => this.#typed(this.#field.value));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.value ||= this.#shelf.read() ?? "";
    this.#refresh();
  }

  #key(event) {
    if (!sends(event)) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const body = this.#field.value.trim();
    this.#field.focus();
    if (!body || this.#remaining() < 0) return;
    this.#field.value = "";
    this.#refresh();
    this.#post(body);
  }

  #refresh() {
    this.#field.parentElement.dataset.text = this.#field.value; // the stylesheet makes the field as high as this
    this.#shelf.write(this.#field.value);
    this.#count(this.#remaining());
  }

  #count(remaining) {
    const prefix = remaining < 0 ? "over" : "left";
    const words = () => counted(this.#left.dataset, Math.abs(remaining), this.#language, prefix);
    this.#left.textContent = remaining < LEFT ? words() : "";
    this.#field.ariaInvalid = String(remaining < 0);
  }

  // The server counts characters, not UTF-16 units.
  #remaining() {
    return this.#limit - [...this.#field.value.trim()].length;
  }
}
