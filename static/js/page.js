// What the server has put into the page: where the reader stands, who the reader is, and the log's first items.

export class Page {
  #main;
  #log;

  constructor(document) {
    this.#main = document.querySelector("#main");
    this.#log = document.querySelector(".log");
    this.language = document.documentElement.lang;
    this.room = this.#main.dataset.room;
    this.cursor = this.#main.dataset.cursor;
    this.patience = Number(this.#main.dataset.patience) * 1000; // ms
    this.limit = Number(this.#main.dataset.maxBody);
    this.me = this.#main.dataset.me;
    this.guest = "guest" in this.#main.dataset; // without an account
    this.at = this.#main.dataset.at; // the message that the page was opened at, "" for none
    this.title = document.querySelector(".heading").dataset.title;
    this.topic = document.querySelector(".topic").textContent;
    this.name = document.querySelector(".own-name")?.textContent ?? "";
  }

  // The token of the page's forms, "" where there is none.
  get token() {
    return document.querySelector("input[name=_xsrf]")?.value ?? "";
  }

  get entries() {
    return [...this.#log.querySelectorAll(".message")].map((message) => ({
      kind: "message",
      id: message.dataset.id,
      author: { id: message.dataset.author },
      at: message.querySelector("time").dateTime,
    }));
  }

  get gap() {
    return this.#bar(".gap:not(.later)");
  }

  get later() {
    return this.#bar(".gap.later");
  }

  #bar(selector) {
    const bar = this.#log.querySelector(selector);
    return bar && { after: bar.dataset.after, before: bar.dataset.before };
  }
}
