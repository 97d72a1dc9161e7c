// What the reader is called, and the form that changes it.

import { Refused } from "../exchange.js";

const PATIENCE = 15_000; // ms

export class NameForm {
  #details;
  #form;
  #error;
  #exchange;
  #renamed;

  // renamed: (name) => called with the name as the server keeps it
  constructor({ details, exchange, renamed }) {
    this.#details = details;
    this.#form = details.querySelector("form");
    this.#error = details.querySelector(".error");
    this.#exchange = exchange;
    this.#renamed = renamed;
  }

  open() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#details.addEventListener("toggle", () => this.#toggle());
    this.#details.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
  }

  // Resolves when the reader is called so, everywhere on the page.
  async rename(wanted) {
    const { name } = await this.#exchange.post("/a/session", { name: wanted }, { patience: PATIENCE });
    this.#field.value = name;
    this.#details.querySelector(".own-name").textContent = name;
    this.#renamed(name);
  }

  get #field() {
    return this.#form.elements.name;
  }

  #toggle() {
    if (this.#details.open) this.#field.select();
  }

  #close() {
    this.#details.open = false;
    this.#details.querySelector("summary").focus();
  }

  async #submit(event) {
    event.preventDefault();
    this.#explain("");
    try {
      await this.rename(this.#field.value);
      this.#close();
    } catch (error) {
      this.#explain(error instanceof Refused ? error.message : this.#error.dataset.unavailable);
    }
  }

  #explain(reason) {
    this.#error.textContent = reason;
    this.#error.hidden = !reason;
    this.#field.ariaInvalid = String(Boolean(reason));
  }
}
