// The list of what was measured. A screen reader hears only that it began, and what has come of it.

import { counted } from "../words.js";

export class Checks {
  #summary;
  #items;
  #language;

  constructor({ element, language }) {
    this.#summary = element.querySelector(".summary");
    this.#items = [...element.querySelectorAll("[data-check]")];
    this.#language = language;
  }

  begin() {
    this.#summary.textContent = this.#summary.dataset.running;
    for (const item of this.#items) this.#put(item, { state: "running" });
  }

  // As a check of Path resolves
  show(name, result) {
    this.#put(this.#items.find(({ dataset }) => dataset.check === name), result);
  }

  // What was not measured is left blank.
  end() {
    for (const item of this.#items) if (item.dataset.state === "running") this.#put(item, { state: "unknown" });
    const bad = this.#items.filter(({ dataset }) => dataset.state === "bad").length;
    this.#summary.textContent = this.#words(this.#summary, bad > 0 ? { state: "bad", count: bad } : { state: "good" });
  }

  #put(item, result) {
    const line = item.querySelector(".result");
    item.dataset.state = result.state;
    line.textContent = this.#words(line, result);
    const advice = item.querySelector(".advice");
    if (advice) advice.hidden = result.state !== "bad";
  }

  #words({ dataset }, { state, count, missing = [] }) {
    if (count !== undefined) return counted(dataset, count, this.#language, state);
    const names = missing.map((name) => dataset[name]);
    return (dataset[state] ?? "").replace("{what}", new Intl.ListFormat(this.#language).format(names));
  }
}
