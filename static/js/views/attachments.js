// The files that go with the next message, and the ways in which they come: a button, pasted, dropped on the page.
// Sending waits until all of them are up.

import { sized } from "../sizes.js";
import { counted } from "../words.js";

export class Attachments {
  #form;
  #field;
  #section;
  #template;
  #target;
  #language;
  #uploads;
  #post;
  #chips = new Map(); // key -> element
  #wanted = false; // is the message to be sent as soon as it can be?

  // section: holds the list and what is said of it; template: of one file; target: shows where files can be dropped;
  // post: () => sends a message of files alone
  constructor({ form, section, template, target, language, uploads, post }) {
    this.#form = form;
    this.#field = form.elements.body;
    this.#section = section;
    this.#template = template;
    this.#target = target;
    this.#language = language;
    this.#uploads = uploads;
    this.#post = post;
  }

  open(page) {
    this.#openButton(this.#form.querySelector(".attach"), this.#form.querySelector("input[type=file]"));
    this.#form.addEventListener("submit", (event) => this.#submit(event), { capture: true });
    this.#section.addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    page.addEventListener("paste", (event) => this.#paste(event));
    page.addEventListener("dragover", (event) => this.#drag(event));
    page.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || this.#aim(false));
    page.addEventListener("drop", (event) => this.#drop(event));
  }

  render() {
    const { items } = this.#uploads;
    this.#section.hidden = items.length === 0;
    this.#field.required = items.length === 0;
    this.#remove(items);
    for (const item of items) this.#show(this.#chips.get(item.key) ?? this.#make(item), item);
    if (items.length === 0 || items.some(({ state }) => state === "failed")) this.#wanted = false;
    this.#say();
    if (this.#wanted && this.#uploads.ready) this.#form.requestSubmit();
  }

  #openButton(button, input) {
    button.hidden = false;
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#add(input.files);
      input.value = ""; // so the same one can be chosen again
    });
  }

  #submit(event) {
    if (this.#uploads.items.length === 0) return;
    const failed = this.#section.querySelector("[data-state=failed] [name=retry]");
    failed?.focus(); // it is for the reader to decide what becomes of it
    this.#wanted = !this.#uploads.ready && !failed;
    this.#say();
    if (this.#uploads.ready && this.#field.value.trim()) return; // the composer sends it
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#uploads.ready) this.#post();
  }

  #paste(event) {
    const { files, types } = event.clipboardData;
    const text = types.includes("text/plain") && types.includes("text/html"); // an office's, with a picture of itself
    if (files.length === 0 || text) return;
    event.preventDefault();
    this.#add(files);
  }

  #drag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#aim(true);
  }

  #drop(event) {
    this.#aim(false);
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.#add(event.dataTransfer.files);
  }

  #aim(shown) {
    this.#target.hidden = !shown;
  }

  #add(files) {
    const left = this.#uploads.add(files);
    const error = this.#section.querySelector(".error");
    error.hidden = left === 0;
    error.textContent = left ? counted(this.#section.dataset, this.#uploads.limit, this.#language, "full") : "";
    this.#field.focus();
  }

  #choose(button) {
    if (button?.name === "retry") this.#uploads.retry(button.value);
    if (button?.name !== "remove") return;
    this.#section.querySelector(".error").hidden = true;
    this.#uploads.remove(button.value);
    this.#field.focus();
  }

  #remove(items) {
    const current = new Set(items.map(({ key }) => key));
    for (const [key, chip] of this.#chips) {
      if (current.has(key)) continue;
      chip.remove();
      this.#chips.delete(key);
    }
  }

  #make({ key, name, size }) {
    const chip = this.#template.content.firstElementChild.cloneNode(true);
    chip.querySelector(".name").textContent = name;
    chip.querySelector(".size").textContent = sized(size, this.#language);
    for (const part of chip.querySelectorAll("[aria-label]")) part.ariaLabel = part.ariaLabel.replace("{name}", () => name);
    for (const button of chip.querySelectorAll("button")) button.value = key;
    this.#section.querySelector("ul").append(chip);
    this.#chips.set(key, chip);
    return chip;
  }

  #show(chip, { state, share, reason }) {
    chip.dataset.state = state;
    chip.querySelector("progress").value = share;
    chip.querySelector("progress").hidden = state === "failed";
    chip.querySelector("[name=retry]").hidden = state !== "failed";
    const words = state === "failed" ? reason || this.#section.dataset.unavailable : "";
    const failed = chip.querySelector(".failed");
    if (failed.textContent !== words) failed.textContent = words;
  }

  #say() {
    const status = this.#section.querySelector("[role=status]");
    const { length } = this.#uploads.items;
    const attached = () => counted(this.#section.dataset, length, this.#language, "attached");
    const words = this.#wanted ? this.#section.dataset.waiting : length ? attached() : "";
    status.classList.toggle("unseen", !this.#wanted); // whoever sees it sees the files
    if (status.textContent !== words) status.textContent = words;
  }
}
