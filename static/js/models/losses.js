// What has been taken out of a room's log since: texts that were deleted, all that somebody had said, all up to an entry.

import { position } from "../position.js";

export class Losses {
  #deleted = new Set(); // ids
  #erased = new Map(); // person -> offset up to which all that they said is gone
  trimmed = 0; // offset up to which everything is gone

  // Take in an entry of any kind; returns whether anything is gone by it.
  take({ kind, id, target, person, upto }) {
    if (kind === "deletion") this.#deleted.add(target);
    else if (kind === "erasure") this.#erased.set(person, position(id).offset);
    else if (kind === "trim") this.trimmed = Math.max(this.trimmed, position(upto).offset);
    else return false;
    return true;
  }

  // Is there still something to be shown of this message?
  spare({ id, author, deleted }) {
    const { offset } = position(id);
    const erased = this.#erased.get(author.id) ?? 0;
    return !deleted && offset > this.trimmed && offset > erased && !this.#deleted.has(id);
  }
}
