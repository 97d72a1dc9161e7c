// What has become of a room's messages since: texts that were deleted, all that somebody had said, all up to an entry,
// and what messages that were amended are now.

import { position } from "../position.js";

const MOST = 1000; // amended messages that are remembered: those that a range on its way may have in an older state

export class Losses {
  #deleted = new Set(); // ids
  #erased = new Map(); // person -> offset up to which all that they said is gone
  #amended = new Map(); // id -> { offset of the entry that says so, message }
  trimmed = 0; // offset up to which everything is gone

  // Take in an entry of any kind; returns whether anything is gone or another by it.
  take(entry) {
    const { kind, id, target, person, upto, message } = entry;
    if (kind === "deletion" || message === null) this.#deleted.add(target);
    else if (kind === "erasure") this.#erased.set(person, Math.max(this.#erased.get(person) ?? 0, position(id).offset));
    else if (kind === "trim") this.trimmed = Math.max(this.trimmed, position(upto).offset);
    else if (message) this.#amend(position(id).offset, message);
    else return false;
    return true;
  }

  // What a message has become behind that offset of the log, null where it is the same.
  amended(id, since) {
    const known = this.#amended.get(id);
    return known && known.offset > since ? known : null;
  }

  // Is there still something to be shown of this message?
  spare({ id, author, deleted }) {
    const { offset } = position(id);
    const erased = this.#erased.get(author.id) ?? 0;
    return !deleted && offset > this.trimmed && offset > erased && !this.#deleted.has(id);
  }

  #amend(offset, message) {
    if (this.#amended.get(message.id)?.offset > offset) return;
    this.#amended.delete(message.id); // so the one that was amended last is the last one
    this.#amended.set(message.id, { offset, message });
    if (this.#amended.size > MOST) this.#amended.delete(this.#amended.keys().next().value);
  }
}
