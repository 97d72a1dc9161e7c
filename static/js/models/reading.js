// Tells the server up to where the reader has read: now and then, and only what it has not been told.

import { Refused } from "../exchange.js";
import { position } from "../position.js";

// ms between two tellings
const ROUND = 3000;
const PATIENCE = 15_000; // ms

export class Reading {
  #path;
  #exchange;
  #sleep;
  #backoff;
  #noted;
  #reached = null;
  #told = null;
  #telling = false;

  // noted: ({ me, was }) => called with what the server replies
  constructor({ room, exchange, sleep, backoff, noted }) {
    this.#path = `/a/room/${encodeURIComponent(room)}/read`;
    this.#exchange = exchange;
    this.#sleep = sleep;
    this.#backoff = backoff;
    this.#noted = noted;
  }

  // The reader has read everything up to this id.
  async reach(id) {
    if (!this.#goesOn(id)) return;
    this.#reached = id;
    if (this.#telling) return;
    this.#telling = true;
    while (this.#told !== this.#reached) {
      await this.#tell(this.#reached);
      await this.#sleep(ROUND + this.#backoff.next());
    }
    this.#telling = false;
  }

  // The page is left. What was not told yet is told now, and outlives it.
  leave() {
    if (this.#told !== this.#reached) this.#tell(this.#reached);
  }

  #goesOn(id) {
    const { epoch, offset } = position(id);
    const before = this.#reached && position(this.#reached);
    return offset > (before?.epoch === epoch ? before.offset : 0);
  }

  async #tell(id) {
    try {
      this.#noted(await this.#exchange.post(this.#path, { id }, { patience: PATIENCE, keepalive: true }));
      this.#told = id;
      this.#backoff.reset();
    } catch (error) {
      // The room is not the reader's any more, or the log is another one.
      if (error instanceof Refused) this.#told = id;
    }
  }
}
