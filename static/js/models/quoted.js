// Messages that others answer and that are not on the page: asked for once, many at a time.

import { Refused, Unavailable } from "../exchange.js";

// messages that are remembered
const MOST = 500;

export class Quoted {
  #room;
  #history;
  // id -> message, null where there is none any more
  #known = new Map();
  #asking = new Set(); // ids

  constructor({ room, history }) {
    this.#room = room;
    this.#history = history;
  }

  // undefined where it was not asked for yet
  get(id) {
    return this.#known.get(id);
  }

  // Returns whether more is known now. What could not be asked for is asked for another time.
  async ask(ids) {
    const wanted = [...new Set(ids)].filter((id) => !this.#asking.has(id));
    if (wanted.length === 0) return false;
    for (const id of wanted) this.#asking.add(id);
    try {
      const found = await this.#history.messages(wanted);
      for (const id of wanted) this.#keep(id, found.get(id));
      return true;
    } catch (error) {
      // They are not of this log.
      if (error instanceof Refused) for (const id of wanted) this.#keep(id, null);
      else if (!(error instanceof Unavailable)) throw error;
      return false;
    } finally {
      for (const id of wanted) this.#asking.delete(id);
    }
  }

  // Take in an update. What may be gone or another by it, nobody says of which messages, is asked for again.
  hear({ messages, gaps = {}, resets = [] }) {
    if (gaps[this.#room] || resets.includes(this.#room)) this.#known.clear();
    for (const { room, kind, target, message } of messages) {
      if (room !== this.#room) continue;
      if (kind === "erasure" || kind === "trim") this.#known.clear();
      else if (this.#known.has(target)) this.#keep(target, message);
    }
  }

  #keep(id, message) {
    this.#known.delete(id);
    this.#known.set(id, message?.html ? message : null);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value);
  }
}
