// What a reader knows of a room's log: items in the order of their offsets, with a gap wherever entries are missing.
//
// Every offset up to the cursor is either known or inside a gap. Offsets are dense, so a hole shows itself; what an
// update says in `gaps` is the same in other words. An entry is shown once: up to the cursor, entries enter only
// through `fill`, and there only inside a gap. What is done to a room has no line; where it takes something away, that is
// gone from here, too, as it would be from a page that is loaded now.

import { idOf, position } from "../position.js";
import { Losses } from "./losses.js";

export class Timeline {
  #room;
  #epoch;
  #known;
  #losses = new Losses();

  // entries: those that are on the page already, and with the gap all up to the cursor that has a line;
  // gap: { after, before } ids around what is missing before them, or null
  constructor({ room, cursor, entries = [], gap = null }) {
    const { epoch, offset } = position(cursor);
    this.#room = room;
    this.#epoch = epoch;
    this.#known = offset;
    this.items = gap ? [this.#gap(position(gap.after).offset, position(gap.before).offset)] : [];
    this.items.push(...entries.map(messageItem));
  }

  // The id up to which everything has been heard: the cursor of the next poll.
  get cursor() {
    return idOf({ epoch: this.#epoch, offset: this.#known });
  }

  // Has the cursor passed this id, whether it is shown or lies in a gap?
  reached(id) {
    const { epoch, offset } = position(id);
    return epoch === this.#epoch && offset <= this.#known;
  }

  // Take in an update; returns the messages that are new (those to be seen, and all), and whether everything was drawn
  // anew.
  apply(update) {
    const cursor = update.cursors[this.#room];
    if (cursor === undefined) return { messages: [], said: [], reset: false };
    const { epoch, offset } = position(cursor);
    const reset = update.resets?.includes(this.#room) ?? false;
    if (reset) this.#restart(epoch);
    if (epoch !== this.#epoch) return { messages: [], said: [], reset };
    const said = this.#append(update.messages.filter((entry) => entry.room === this.#room));
    this.#reach(offset);
    if (reset) this.items.push({ kind: "reset", key: `reset-${this.cursor}` });
    return { messages: said.filter((item) => this.items.includes(item)), said, reset };
  }

  // Put a range of the log, { messages, more }, in the place of the gap; `more` leaves a smaller gap before it. A gap
  // that is no longer there takes nothing.
  fill(gap, { messages, more }) {
    const place = this.items.findIndex(({ key }) => key === gap.key);
    if (place < 0) return;
    const { after, before } = this.items[place];
    const inside = messages.filter(({ id }) => this.#between(id, position(after), position(before)));
    const rest = more ? [this.#gap(position(after).offset, position(inside[0]?.id ?? before).offset)] : [];
    const lost = inside.filter((entry) => this.#losses.take(entry)).length > 0;
    this.items.splice(place, 1, ...rest, ...this.#shown(inside));
    if (lost) this.#drop();
  }

  #restart(epoch) {
    this.#epoch = epoch;
    this.#known = 0;
    this.#losses = new Losses();
    this.items = [];
  }

  // Returns the items of all messages among them, also of such as are gone already.
  #append(entries) {
    const said = [];
    let lost = false;
    for (const entry of entries) {
      const { epoch, offset } = position(entry.id);
      if (epoch !== this.#epoch || offset <= this.#known) continue;
      this.#reach(offset - 1);
      this.#known = offset;
      if (isMessage(entry)) said.push(messageItem(entry));
      if (isMessage(entry)) this.items.push(said.at(-1));
      lost = this.#losses.take(entry) || entry.deleted || lost;
    }
    if (lost) this.#drop();
    return said;
  }

  // Let go of what is gone, and of gaps as far as nothing is there to fill them.
  #drop() {
    this.items = this.items.flatMap((item) => {
      if (item.kind === "gap") return this.#rest(item);
      return item.kind === "message" && !this.#losses.spare(item) ? [] : [item];
    });
  }

  #rest(gap) {
    const { trimmed } = this.#losses;
    const before = position(gap.before).offset;
    if (position(gap.after).offset >= trimmed) return [gap];
    return before > trimmed + 1 ? [this.#gap(trimmed, before)] : [];
  }

  #shown(entries) {
    return entries.filter((entry) => isMessage(entry) && this.#losses.spare(entry)).map(messageItem);
  }

  // Move the cursor over entries that did not come: they are missing, and the gap says so.
  #reach(offset) {
    if (offset <= this.#known) return;
    this.items.push(this.#gap(this.#known, offset + 1));
    this.#known = offset;
  }

  #gap(after, before) {
    const epoch = this.#epoch;
    return {
      kind: "gap",
      key: `gap-${epoch}-${after}`,
      after: idOf({ epoch, offset: after }),
      before: idOf({ epoch, offset: before }),
      count: before - after - 1,
    };
  }

  #between(id, after, before) {
    const { epoch, offset } = position(id);
    return epoch === this.#epoch && offset > after.offset && offset < before.offset;
  }
}

// Kinds of entries that are not known here have their place in the log, but no line.
function isMessage({ kind }) {
  return kind === "message";
}

function messageItem({ id, author, at, html, deleted, client_id: clientId }) {
  return { kind: "message", key: id, id, author, at, html, deleted, clientId };
}
