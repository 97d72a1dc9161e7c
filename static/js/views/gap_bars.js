// A bar where entries are missing: a link that works by itself, and here fills the gap in place.

import { counted } from "../words.js";

export class GapBars {
  #template;
  #language;
  #fill;

  // fill: async (item) => puts the missing entries there; rejects when it cannot
  constructor({ template, language, fill }) {
    this.#template = template;
    this.#language = language;
    this.#fill = fill;
  }

  make(item) {
    const bar = this.#template.content.firstElementChild.cloneNode(true);
    Object.assign(bar.dataset, { after: item.after, before: item.before });
    const link = bar.querySelector("a");
    link.search = new URLSearchParams({ before: item.before });
    link.textContent = counted(this.#template.dataset, item.count, this.#language);
    this.enhance(bar, item);
    return bar;
  }

  enhance(bar, item) {
    const link = bar.querySelector("a");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window was asked for
      event.preventDefault();
      this.#load(link, item);
    });
  }

  async #load(link, item) {
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    link.textContent = this.#template.dataset.loading;
    try {
      await this.#fill(item);
    } catch {
      link.textContent = this.#template.dataset.failed;
    } finally {
      link.ariaBusy = "false";
    }
  }
}
