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
    const { after, before, count, later } = item;
    const bar = this.#template.content.firstElementChild.cloneNode(true);
    bar.classList.toggle("later", later);
    Object.assign(bar.dataset, { after, before });
    const link = bar.querySelector("a");
    link.search = new URLSearchParams(later ? { after } : { before });
    link.textContent = counted(this.#template.dataset, count, this.#language, later ? "later" : "");
    this.enhance(bar, item);
    return bar;
  }

  enhance(bar, item) {
    bar.querySelector("a").addEventListener("click", (event) => {
      // A new tab or window was asked for.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.load(bar, item);
    });
  }

  // Returns whether it worked. `unasked`: not where the bar has the focus, which its reader would lose.
  async load(bar, item, unasked = false) {
    const link = bar.querySelector("a");
    if (link.ariaBusy === "true" || (unasked && link === document.activeElement)) return false;
    link.ariaBusy = "true";
    link.textContent = this.#template.dataset.loading;
    try {
      await this.#fill(item);
      return true;
    } catch {
      link.textContent = this.#template.dataset.failed;
      return false;
    } finally {
      link.ariaBusy = "false";
    }
  }
}
