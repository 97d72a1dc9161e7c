// What a room is called and what it is about, as its log has it.

import { Refused, Unavailable } from "../exchange.js";
import { position } from "../position.js";

const PATIENCE = 30_000; // ms

export class Heading {
  #room;
  #path;
  #exchange;
  #changed;
  #since = 0; // offset of the last entry that has changed it

  // title, topic: as the page has them, "" where there is none; changed: () => called when they are others
  constructor({ room, title, topic, exchange, changed }) {
    this.#room = room;
    this.#path = `/a/room/${encodeURIComponent(room)}`;
    this.#exchange = exchange;
    this.#changed = changed;
    this.title = title;
    this.topic = topic;
  }

  // Take in an update. What a gap may hold is asked for.
  async apply({ messages, gaps = {}, resets = [] }) {
    const reset = resets.includes(this.#room);
    if (reset) this.#since = 0;
    for (const entry of messages) {
      if (entry.room !== this.#room || entry.kind !== "room") continue;
      this.#since = position(entry.id).offset;
      this.#be(entry);
    }
    if (reset || gaps[this.#room]) await this.#renew();
  }

  async #renew() {
    try {
      const room = await this.#exchange.get(this.#path, {}, { patience: PATIENCE });
      if (position(room.cursor).offset >= this.#since) this.#be(room);
    } catch (error) {
      // Then it stays as it is, until it changes again or the page is loaded anew.
      if (!(error instanceof Refused || error instanceof Unavailable)) throw error;
    }
  }

  #be({ title = this.title, topic = this.topic }) {
    if (title === this.title && topic === this.topic) return;
    Object.assign(this, { title, topic });
    this.#changed();
  }
}
