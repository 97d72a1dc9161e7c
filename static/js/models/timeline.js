// What a reader knows of a room's log: items in the order of their offsets, with a gap wherever entries are missing.
//
// Every offset up to the cursor is either known or inside a gap. Offsets are dense, so a hole shows itself; what an
// update says in `gaps` is the same in other words. An entry is shown once: up to the cursor, entries enter only
// through `fill`, and there only inside a gap. What is done to a room has no line; where it takes something away, that is
// gone from here, too, as it would be from a page that is loaded now, and where it amends a message, that is another
// item under the same key.
//
// Only so many items are kept. What is far from the reader is let go of, and a gap stands for it. One at the end, `later`,
// grows with the log: the reader is not at its newest part.

import { idOf, position } from "../position.js";
import { Losses } from "./losses.js";

// items; beyond it all but KEPT are let go of
const MOST = 400;
const KEPT = 300;
// items beside one that is seen, which are never let go of
const AROUND = 50;

export class Timeline {
  #room;
  #epoch;
  #known;
  // offset up to which there is nothing to be had
  #start;
  #losses = new Losses();
  // May a gap hold what was done to messages before it?
  unsure = false;

  // entries: those that are on the page already, and with the gaps all up to the cursor that has a line;
  // gap, later: { after, before } ids around what is missing before them and behind them, or null
  constructor({ room, cursor, entries = [], gap = null, later = null }) {
    const { epoch, offset } = position(cursor);
    const bar = (it, more) => (it ? [this.#gap(position(it.after).offset, position(it.before).offset, more)] : []);
    this.#room = room;
    this.#epoch = epoch;
    this.#known = offset;
    this.items = [...bar(gap), ...entries.map((it) => messageItem(it, offset)), ...bar(later, true)];
    this.#start = this.items.length ? this.#before(this.items[0]) : offset;
  }

  // The id up to which everything has been heard: the cursor of the next poll.
  get cursor() {
    return idOf({ epoch: this.#epoch, offset: this.#known });
  }

  // Do the items reach the end of the log?
  get newest() {
    return !this.items.at(-1)?.later;
  }

  // All that there is, as a gap.
  get whole() {
    return this.#gap(Math.max(this.#start, this.#losses.trimmed), this.#known + 1, true);
  }

  // Of the messages before the last gap; none where there is no gap.
  get ids() {
    const gap = this.items.findLastIndex(({ kind }) => kind === "gap");
    return this.items.slice(0, gap + 1).filter(isMessage).map(({ id }) => id);
  }

  has(id) {
    return this.items.some(({ key }) => key === id);
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
    else this.unsure ||= Boolean(update.gaps?.[this.#room]);
    if (epoch !== this.#epoch) return { messages: [], said: [], reset };
    const said = this.#append(update.messages.filter((entry) => entry.room === this.#room));
    this.#reach(offset);
    if (reset) this.items.push({ kind: "reset", key: `reset-${this.cursor}`, after: this.cursor });
    return { messages: said.filter((item) => this.#losses.spare(item)), said, reset };
  }

  // Put a range of the log, { messages, more }, in the place of the gap; `more` leaves a smaller gap before it. A gap
  // that is no longer there takes nothing. after, before: the ids between which it was asked for, by default those of the
  // gap; asOf: the cursor of that moment: the range knows at least what was heard until then.
  fill(gap, { messages, more, after = gap.after, before = gap.before, asOf = null }) {
    const place = this.items.findIndex(({ key }) => key === gap.key);
    if (place < 0 || position(after).epoch !== this.#epoch) return;
    const { low, high } = bounds(this.items[place]);
    const first = Math.min(Math.max(low, position(after).offset), high - 1);
    const heard = asOf ? position(asOf).offset : Infinity;
    const last = Math.max(Math.min(high, position(before).offset, heard + 1), first + 1);
    const inside = messages.filter(({ id }) => this.#between(id, first, last));
    const found = more ? position(inside[0]?.id ?? idOf({ offset: last })).offset : first + 1;
    const lost = inside.filter((entry) => this.#losses.take(entry)).length > 0;
    const lines = inside.filter(isMessage).map((it) => messageItem(it, asOf ? heard : 0));
    const rest = [this.#gap(low, found), this.#gap(last - 1, high, this.items[place].later)];
    const [older, later] = rest.map((it) => (it.count > 0 ? [it] : []));
    this.items.splice(place, 1, ...older, ...lines.flatMap((item) => this.#now(item)), ...later);
    if (lost) this.#settle();
  }

  // Show these messages as they are now: known, a Map of id -> message, those that are gone not in it; as of a cursor.
  review(ids, known, asOf) {
    for (const id of ids) this.#losses.take({ id: asOf, target: id, message: known.get(id) ?? null });
    this.#settle();
  }

  // Show a range of the log instead of what is shown; all else is gaps.
  leap(range) {
    if (position(range.before).epoch !== this.#epoch) return;
    this.items = [this.whole];
    this.fill(this.items[0], range);
  }

  // Keep no more items than a reader needs who goes back ("older") or forth: let go of those at the other end, but of none
  // near those between two that are seen, { first, last } keys.
  bound(older, { first, last }) {
    if (this.items.length <= MOST) return;
    const place = (key, otherwise) => this.items.findIndex((it) => it.key === key) + 1 || otherwise;
    if (older) this.#dropNewest(Math.max(KEPT, place(last, 0) + AROUND));
    else this.#dropOldest(Math.min(this.items.length - KEPT, place(first, Infinity) - 1 - AROUND));
  }

  #dropNewest(count) {
    if (count >= this.items.length) return;
    const kept = this.items.slice(0, count).filter(({ kind }) => kind !== "reset");
    const after = kept.at(-1).kind === "gap" ? bounds(kept.pop()).low : position(kept.at(-1).id).offset;
    this.items = [...kept, this.#gap(after, this.#known + 1, true)];
  }

  #dropOldest(count) {
    if (count <= 0) return;
    const after = this.#before(this.items[0]);
    const kept = this.items.slice(count);
    const before = kept[0].kind === "gap" ? bounds(kept.shift()).high : this.#before(kept[0]) + 1;
    this.items = [this.#gap(after, before), ...kept];
  }

  // The offset behind which an item stands.
  #before(item) {
    return item.kind === "message" ? position(item.id).offset - 1 : position(item.after).offset;
  }

  #restart(epoch) {
    this.#epoch = epoch;
    this.#known = 0;
    this.#start = 0;
    this.unsure = false;
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
      const item = isMessage(entry) ? messageItem(entry, offset) : null;
      this.#go(offset, item ? [item] : []);
      if (item) said.push(item);
      lost = this.#losses.take(entry) || entry.deleted || lost;
    }
    if (lost) this.#settle();
    return said;
  }

  // Let go of what is gone, and of gaps as far as nothing is there to fill them; see what was amended.
  #settle() {
    this.items = this.items.flatMap((item) => {
      if (item.kind === "gap") return this.#rest(item);
      return item.kind === "message" ? this.#now(item) : [item];
    });
  }

  // What a message is now: nothing, itself or another one.
  #now(item) {
    const amended = this.#losses.amended(item.id, item.asOf);
    const now = amended ? messageItem(amended.message, amended.offset) : item;
    return this.#losses.spare(now) ? [now] : [];
  }

  #rest(gap) {
    const { trimmed } = this.#losses;
    const { low, high } = bounds(gap);
    if (low >= trimmed) return [gap];
    return high > trimmed + 1 ? [this.#gap(trimmed, high, gap.later)] : [];
  }

  // Move the cursor over entries that did not come: they are missing, and the gap says so.
  #reach(offset) {
    if (offset > this.#known) this.#go(offset, [this.#gap(this.#known, offset + 1)]);
  }

  // Move the cursor; what comes is not for a reader who is not at the end of the log.
  #go(offset, items) {
    this.#known = offset;
    if (this.newest) this.items.push(...items);
    else this.items.push(this.#gap(bounds(this.items.pop()).low, offset + 1, true));
  }

  #gap(after, before, later = false) {
    const epoch = this.#epoch;
    return {
      kind: "gap",
      key: `gap-${epoch}-${after}`,
      after: idOf({ epoch, offset: after }),
      before: idOf({ epoch, offset: before }),
      count: before - after - 1,
      later,
    };
  }

  #between(id, low, high) {
    const { epoch, offset } = position(id);
    return epoch === this.#epoch && offset > low && offset < high;
  }
}

function bounds(gap) {
  return { low: position(gap.after).offset, high: position(gap.before).offset };
}

// Kinds of entries that are not known here have their place in the log, but no line.
function isMessage({ kind }) {
  return kind === "message";
}

// asOf: offset of an entry; the message is at least as it was when that was written
function messageItem({ id, author, at, body, html, deleted, reply, files, client_id: clientId }, asOf) {
  return { kind: "message", key: id, id, author, at, body, html, deleted, reply, files, clientId, asOf };
}
