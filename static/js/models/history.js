// Ranges of a room's log, for filling gaps.

const LIMIT = 200; // entries: the most that one reply holds
const PATIENCE = 30_000; // ms

export class History {
  #path;
  #exchange;

  constructor({ room, exchange }) {
    this.#path = `/a/room/${encodeURIComponent(room)}/messages`;
    this.#exchange = exchange;
  }

  // The newest entries strictly between two ids, { messages, more }: `more` when older ones were left out.
  range({ after, before }) {
    return this.#exchange.get(this.#path, { after, before, limit: LIMIT }, { patience: PATIENCE });
  }
}
