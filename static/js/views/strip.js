// The state of the connection, in words. A screen reader hears the sentence once, not every second of the countdown.

import { counted } from "../words.js";

const TICK = 500; // ms

export class Strip {
  #element;
  #sentence;
  #countdown;
  #language;
  #now;
  #until = null;
  #timer = null;

  // again: called when the reader does not want to wait
  constructor({ element, language, now, again }) {
    this.#element = element;
    this.#sentence = element.querySelector("[role=status]");
    this.#countdown = element.querySelector(".countdown");
    this.#language = language;
    this.#now = now;
    element.querySelector(".again").addEventListener("click", again);
  }

  // As LongPoll reports it; stranger: the browser's cookie is somebody else's now
  show({ state, until = null, gone = false, stranger = false }) {
    this.#element.dataset.state = state;
    this.#element.hidden = state === "live";
    const unplugged = state === "offline" && !navigator.onLine;
    const reason = (gone && "gone") || (stranger && "stranger") || (unplugged && "unplugged") || state;
    const sentence = this.#sentence.dataset[reason] ?? "";
    if (this.#sentence.textContent !== sentence) this.#sentence.textContent = sentence;
    this.#until = until;
    this.#count(state === "offline" || state === "restarting");
  }

  #count(waiting) {
    clearInterval(this.#timer);
    this.#countdown.hidden = !waiting;
    if (!waiting) return;
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#tick();
  }

  #tick() {
    const seconds = this.#until === null ? 0 : Math.ceil((this.#until - this.#now()) / 1000);
    const { dataset } = this.#countdown;
    this.#countdown.textContent = seconds > 0 ? counted(dataset, seconds, this.#language) : dataset.now;
  }
}
