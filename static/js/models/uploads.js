// The files that go with the next message: they are sent up one after the other while it is still being written.

import { Refused } from "../exchange.js";

const LIMIT = 10; // files in a message, as in chatroom/message.py
// Then the reader decides; at once where the server asks to wait for longer than that many ms.
const TRIES = 4;
const PATIENCE = 60_000;

export class Uploads {
  #send;
  #backoff;
  #pause;
  #changed;
  #files = new Map(); // key -> { file, attempt }
  #count = 0;
  #running = false;

  // send: (file, { progress, signal }) => a promise of what the server says of it; changed: called after each change
  constructor({ send, backoff, pause, changed }) {
    this.#send = send;
    this.#backoff = backoff;
    this.#pause = pause;
    this.#changed = changed;
    this.items = []; // { key, name, size, state, share, reason }; state: "waiting", "failed" or "done", then with `told`
  }

  get limit() {
    return LIMIT;
  }

  get ready() {
    return this.items.every(({ state }) => state === "done");
  }

  // Returns how many have no place any more.
  add(files) {
    const taken = [...files].slice(0, LIMIT - this.items.length);
    for (const file of taken) this.#admit(file);
    void this.#run();
    return files.length - taken.length;
  }

  retry(key) {
    this.#update(key, { state: "waiting", share: 0, reason: null });
    return this.#run();
  }

  remove(key) {
    const { attempt } = this.#files.get(key);
    this.#files.delete(key);
    this.items = this.items.filter((item) => item.key !== key);
    attempt.abort();
    this.#pause.wake();
    this.#changed();
  }

  // Hand over what the server has said of them all; they are the message's now.
  take() {
    const told = this.items.map((item) => item.told);
    this.items = [];
    this.#files.clear();
    this.#changed();
    return told;
  }

  // There is reason to believe that a new attempt succeeds.
  wake() {
    this.#pause.wake();
    for (const { key, state, reason } of this.items) if (state === "failed" && !reason) void this.retry(key);
  }

  #admit(file) {
    const key = `file-${++this.#count}`;
    this.#files.set(key, { file, attempt: new AbortController() });
    this.items = [...this.items, { key, name: file.name, size: file.size, state: "waiting", share: 0, reason: null }];
    this.#changed();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let next;
    while ((next = this.items.find(({ state }) => state === "waiting"))) await this.#lift(next.key);
    this.#running = false;
  }

  async #lift(key) {
    for (let tries = 1; this.#files.has(key); tries++) {
      const wait = await this.#attempt(key, tries);
      if (!wait) return;
      await this.#pause.for(wait);
    }
  }

  // Returns the ms to wait before the next attempt, 0 for none.
  async #attempt(key, tries) {
    const { file, attempt } = this.#files.get(key);
    try {
      const progress = (share) => this.#update(key, { share });
      const told = await this.#send(file, { progress, signal: attempt.signal });
      this.#backoff.reset();
      this.#update(key, { state: "done", share: 1, told });
      return 0;
    } catch (error) {
      if (!this.#files.has(key)) return 0;
      if (error instanceof Refused) this.#update(key, { state: "failed", reason: error.message });
      else if (tries < TRIES && !(error.retryAfter > PATIENCE))
        return Math.max(this.#backoff.next(), error.retryAfter ?? 0, 1);
      else this.#update(key, { state: "failed", reason: "" });
      return 0;
    }
  }

  #update(key, change) {
    if (!this.#files.has(key)) return;
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...change } : item));
    this.#changed();
  }
}
