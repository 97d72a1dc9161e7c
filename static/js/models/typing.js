// Tells the server that the reader types: now and then, and only while somebody can see it.

// ms between two tellings: the server takes one in 2 s, and shows it for 6
const ROUND = 2500;
// ms: later it would not be true any more
const PATIENCE = 5000;

export class Typing {
  #path;
  #exchange;
  #now;
  #seen;
  #next = 0;

  // now: () => ms; seen: () => would anybody be shown it?
  constructor({ room, exchange, now, seen }) {
    this.#path = `/a/room/${encodeURIComponent(room)}/typing`;
    this.#exchange = exchange;
    this.#now = now;
    this.#seen = seen;
  }

  // The reader has typed, and this is what is in the field now.
  async note(text) {
    if (!text.trim() || this.#now() < this.#next || !this.#seen()) return;
    this.#next = this.#now() + ROUND;
    try {
      await this.#exchange.post(this.#path, {}, { patience: PATIENCE });
    } catch {
      // Nobody misses it, and the next letter tells it again.
    }
  }
}
