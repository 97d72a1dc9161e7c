// Ranges of a room's log, for filling gaps and for looking something up.

import { idOf, position } from "../position.js";

// entries: what a reader who scrolls is given at a time
const PAGE = 100;
// entries that are asked for together when single ones are wanted
const CLOSE = 50;
const PATIENCE = 30_000; // ms

export class History {
  #path;
  #exchange;

  constructor({ room, exchange }) {
    this.#path = `/a/room/${encodeURIComponent(room)}/messages`;
    this.#exchange = exchange;
  }

  // The entries of a gap next to what is known behind it, or, where that is later than what is read, before it:
  // { messages, more, after, before }, `more` when older ones between these two ids were left out.
  range({ after, before, later = false }) {
    const { epoch, offset } = position(after);
    const near = Math.min(position(before).offset, offset + PAGE + 1);
    return this.#between(after, later ? idOf({ epoch, offset: near }) : before, PAGE);
  }

  // The entries around an id.
  around(id) {
    const { epoch, offset } = position(id);
    const at = (it) => idOf({ epoch, offset: Math.max(0, it) });
    return this.#between(at(offset - PAGE / 2), at(offset + PAGE / 2), PAGE);
  }

  // The messages with these ids, as far as they are there: a Map. Those that lie close are asked for together.
  async messages(ids) {
    const found = new Map();
    for (const group of closeTogether(ids)) {
      const { epoch, offset } = position(group[0]);
      const after = idOf({ epoch, offset: offset - 1 });
      let before = idOf({ epoch, offset: position(group.at(-1)).offset + 1 });
      while (before) {
        const { messages, more } = await this.#between(after, before, CLOSE);
        for (const it of messages) if (it.kind === "message" && group.includes(it.id)) found.set(it.id, it);
        before = more && messages[0]?.id; // the longest ones come in more than one reply
      }
    }
    return found;
  }

  async #between(after, before, limit) {
    const reply = await this.#exchange.get(this.#path, { after, before, limit }, { patience: PATIENCE });
    return { ...reply, after, before };
  }
}

// Groups of ids, each of which one range covers.
function closeTogether(ids) {
  const sorted = [...ids].sort((one, other) => position(one).offset - position(other).offset);
  const groups = [];
  for (const id of sorted) {
    const group = groups.at(-1);
    if (group && position(id).offset - position(group[0]).offset < CLOSE) group.push(id);
    else groups.push([id]);
  }
  return groups;
}
