import assert from "node:assert/strict";
import { test } from "node:test";

import { Losses } from "../../static/js/models/losses.js";
import { Timeline } from "../../static/js/models/timeline.js";
import { entries, entry, id, seen, update } from "./kit.js";

const ANN = { id: "ann", name: "Ann" };
const BOB = { id: "bob", name: "Bob" };

const act = (offset, kind, more = {}) => ({ id: id(offset), room: "7", kind, author: ANN, at: "", ...more });
const deletion = (offset, target) => act(offset, "deletion", { target: id(target) });
const erasure = (offset, person) => act(offset, "erasure", { person });
const trim = (offset, upto) => act(offset, "trim", { upto: id(upto) });
const told = (messages, last = Number(messages.at(-1).id.split("-")[1])) => ({ messages, cursors: { 7: id(last) } });

function timelineOf(count) {
  const timeline = new Timeline({ room: "7", cursor: id(0) });
  timeline.apply(update(1, count));
  return timeline;
}

test("only what takes something away is a loss", () => {
  const losses = new Losses();
  for (const kind of ["message", "room", "member", "bar", "reaction"]) assert.equal(losses.take(act(1, kind)), false);
  for (const it of [deletion(2, 1), erasure(3, "ann"), trim(4, 1)]) assert.equal(losses.take(it), true);
});

test("a deleted message loses its line, and no other does", () => {
  const timeline = timelineOf(3);
  const { messages } = timeline.apply(told([deletion(4, 2)]));
  assert.deepEqual(messages, []);
  assert.deepEqual(seen(timeline.items), [1, 3]);
  assert.equal(timeline.cursor, id(4));
});

test("a message that comes with its deletion, or without its text, is never shown and is no news", () => {
  const timeline = timelineOf(1);
  const gone = entry(4, { html: "", deleted: true, client_id: "c1" });
  const { messages, said } = timeline.apply(told([entry(2), deletion(3, 2), gone]));
  assert.deepEqual(seen(timeline.items), [1]);
  assert.deepEqual(messages, []);
  assert.deepEqual(said.map(({ clientId }) => clientId), [null, "c1"]);
});

test("an erasure takes all that somebody had said, and nothing that they say later", () => {
  const timeline = new Timeline({ room: "7", cursor: id(0) });
  timeline.apply(told([entry(1), entry(2, { author: BOB }), entry(3)]));
  timeline.apply(told([erasure(4, "ann"), entry(5)]));
  assert.deepEqual(seen(timeline.items), [2, 5]);
});

test("what is trimmed is gone, and no gap is drawn for it", () => {
  const timeline = timelineOf(3);
  timeline.apply(update(10, 12, { gaps: { 7: { after: id(3), before: id(10) } } }));
  timeline.apply(told([trim(13, 2)]));
  assert.deepEqual(seen(timeline.items), [3, [3, 10], 10, 11, 12]);
  timeline.apply(told([trim(14, 6)]));
  assert.deepEqual(seen(timeline.items), [[6, 10], 10, 11, 12]);
  assert.equal(timeline.items[0].count, 3);
  timeline.apply(told([trim(15, 9)]));
  assert.deepEqual(seen(timeline.items), [10, 11, 12]);
  timeline.apply(told([trim(16, 12)]));
  assert.deepEqual(seen(timeline.items), []);
});

test("a late trim that reaches less far changes nothing", () => {
  const timeline = timelineOf(5);
  timeline.apply(told([trim(6, 3), trim(7, 1)]));
  assert.deepEqual(seen(timeline.items), [4, 5]);
});

test("what was deleted while its gap was being filled does not come back by it", () => {
  const timeline = timelineOf(1);
  timeline.apply(update(5, 5, { gaps: { 7: { after: id(1), before: id(5) } } }));
  const [, gap] = timeline.items;
  const range = { messages: entries(2, 4), more: false };
  timeline.apply(told([deletion(6, 3)]));
  timeline.fill(gap, range);
  assert.deepEqual(seen(timeline.items), [1, 2, 4, 5]);
});

test("what a gap held of acts takes away what stands before it", () => {
  const timeline = timelineOf(2);
  timeline.apply(update(6, 6, { gaps: { 7: { after: id(2), before: id(6) } } }));
  timeline.fill(timeline.items[2], { messages: [entry(3), deletion(4, 1), trim(5, 0)], more: false });
  assert.deepEqual(seen(timeline.items), [2, 3, 6]);
});

test("a reset forgets what was lost", () => {
  const timeline = timelineOf(3);
  timeline.apply(told([deletion(4, 2)]));
  const anew = entries(1, 2).map((it) => ({ ...it, id: it.id.replace(/^\w+/, "newepoch") }));
  timeline.apply({ messages: anew, cursors: { 7: id(2, "newepoch") }, resets: ["7"] });
  assert.deepEqual(seen(timeline.items), [1, 2, "reset"]);
});

const amending = (offset, kind, target, now) => act(offset, kind, { target: id(target), message: now });
const texts = (items) => items.map(({ key, html }) => html ?? key);

test("a message that is amended is another one in the same place, and no news", () => {
  const timeline = timelineOf(3);
  const [, before] = timeline.items;
  const { messages, said } = timeline.apply(told([amending(4, "edit", 2, entry(2, { html: "new", body: "N" }))]));
  assert.deepEqual([messages, said], [[], []]);
  assert.deepEqual(texts(timeline.items), ["<p>1</p>", "new", "<p>3</p>"]);
  assert.notEqual(timeline.items[1], before);
  assert.equal(timeline.items[1].key, before.key);
  assert.equal(timeline.items[1].body, "N");
});

test("an amendment without its message, and one whose message is deleted, take it away", () => {
  const timeline = timelineOf(3);
  timeline.apply(told([amending(4, "reaction", 1, null)]));
  timeline.apply(told([amending(5, "edit", 3, entry(3, { html: "", deleted: true }))]));
  assert.deepEqual(seen(timeline.items), [2]);
});

test("of two amendments the one that the log has last counts, whichever is heard first", () => {
  const timeline = timelineOf(1);
  timeline.apply(update(4, 4));
  const [, gap] = timeline.items;
  timeline.apply(told([amending(5, "edit", 1, entry(1, { html: "second" }))]));
  timeline.fill(gap, { messages: [entry(2), amending(3, "edit", 1, entry(1, { html: "first" }))], more: false });
  assert.deepEqual(texts(timeline.items), ["second", "<p>2</p>", "<p>4</p>"]);
});

test("a range that was asked for before an amendment and comes behind it is amended", () => {
  const timeline = timelineOf(1);
  timeline.apply(update(5, 5));
  const asOf = timeline.cursor;
  const [, gap] = timeline.items;
  timeline.apply(told([amending(6, "edit", 3, entry(3, { html: "new" }))]));
  timeline.fill(gap, { messages: entries(2, 4), more: false, asOf });
  assert.deepEqual(texts(timeline.items), ["<p>1</p>", "<p>2</p>", "new", "<p>4</p>", "<p>5</p>"]);
});

test("a range that was asked for behind an amendment may know of a later one, and is believed", () => {
  const timeline = timelineOf(1);
  timeline.apply(update(5, 5));
  timeline.apply(told([amending(6, "edit", 3, entry(3, { html: "older" }))]));
  const range = { messages: [entry(2), entry(3, { html: "newer" }), entry(4)], more: false, asOf: timeline.cursor };
  timeline.fill(timeline.items[1], range);
  assert.equal(timeline.items[2].html, "newer");
});

// A log as the server has it: what a page that is loaded now is given, what an update brings, and a range of it.
class Log {
  #entries = [];
  #trimmed = 0;

  get head() {
    return this.#entries.length;
  }

  add(entry) {
    this.#entries.push(entry);
    const offset = this.head;
    if (entry.kind === "deletion") this.#blank((it) => it.id === entry.target);
    if (entry.kind === "erasure") this.#blank((it, at) => it.author.id === entry.person && at < offset);
    if (entry.message) this.#amend(entry);
    if (entry.kind === "trim") this.#trimmed = Math.max(this.#trimmed, Number(entry.upto.split("-")[1]));
  }

  page() {
    const lines = this.#from(0).filter(({ kind, html }) => kind === "message" && html);
    return new Timeline({ room: "7", cursor: id(this.head), entries: lines });
  }

  // The newest `limit` entries strictly between two offsets.
  range(after, before, limit) {
    const there = this.#entries.slice(Math.max(after, this.#trimmed), before - 1);
    return { messages: there.slice(-limit), more: there.length > limit };
  }

  // What a page there hears that has missed all but the newest `limit` entries.
  missed(offset, limit) {
    const messages = this.#from(offset).slice(-limit);
    return { messages, cursors: { 7: id(this.head) } };
  }

  since(offset) {
    const gaps = offset < this.#trimmed ? { 7: { after: id(offset), before: id(this.#trimmed + 1) } } : {};
    return { messages: this.#from(offset), cursors: { 7: id(this.head) }, gaps };
  }

  #from(offset) {
    return this.#entries.slice(Math.max(offset, this.#trimmed));
  }

  #blank(whose) {
    this.#entries = this.#entries.map((it, i) =>
      it.kind === "message" && whose(it, i + 1) ? { ...it, html: "", deleted: true } : it,
    );
    this.#renew();
  }

  #amend({ id: by, target }) {
    const version = `<p>${target} as of ${by}</p>`;
    this.#entries = this.#entries.map((it) => (it.id === target && it.html ? { ...it, html: version } : it));
    this.#renew();
  }

  // An entry that amends a message is told with the message as it is now.
  #renew() {
    this.#entries = this.#entries.map((it) => {
      if (it.message === undefined) return it;
      const now = this.#entries.find(({ id }) => id === it.target);
      return { ...it, message: now.html && now.kind === "message" ? now : null };
    });
  }
}

// Chance that is the same each time (mulberry32).
function chance(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let it = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it;
    return ((it ^ (it >>> 14)) >>> 0) % below;
  };
}

const KINDS = {
  message: (offset, pick) => entry(offset, { author: [ANN, BOB][pick(2)] }),
  deletion: (offset, pick) => deletion(offset, 1 + pick(offset - 1)),
  erasure: (offset, pick) => erasure(offset, ["ann", "bob"][pick(2)]),
  trim: (offset, pick) => trim(offset, pick(offset)),
  room: (offset) => act(offset, "room", { title: "T" }),
  member: (offset) => act(offset, "member", { person: BOB, role: "moderator" }),
  bar: (offset) => act(offset, "bar", { person: BOB, until: null, mute: false }),
  reaction: (offset, pick) => amending(offset, "reaction", 1 + pick(offset - 1), {}),
  edit: (offset, pick) => amending(offset, "edit", 1 + pick(offset - 1), {}),
};

for (const kind of Object.keys(KINDS)) {
  test(`a page that is told of ${kind} ends where one stands that is loaded then`, () => {
    for (let seed = 0; seed < 40; seed++) {
      const pick = chance(seed);
      const log = new Log();
      for (let offset = 1; offset <= 6; offset++) log.add(KINDS.message(offset, pick));
      const stale = log.page();
      log.add(KINDS[kind](7, pick));
      stale.apply(log.since(6));
      assert.deepEqual(texts(stale.items), texts(log.page().items));
      assert.equal(stale.cursor, log.page().cursor);
    }
  });
}

test("so does every page, however old and however often it asks, whatever is done", () => {
  const kinds = [...Object.values(KINDS), KINDS.message, KINDS.message, KINDS.message];
  for (let seed = 0; seed < 300; seed++) {
    const pick = chance(seed);
    const log = new Log();
    const pages = [];
    for (let offset = 1; offset <= 30; offset++) {
      log.add((offset === 1 ? KINDS.message : kinds[pick(kinds.length)])(offset, pick));
      if (pick(3) === 0) pages.push(log.page());
      for (const page of pages) if (pick(4) === 0) page.apply(log.since(Number(page.cursor.split("-")[1])));
    }
    for (const page of pages) {
      page.apply(log.since(Number(page.cursor.split("-")[1])));
      assert.deepEqual(texts(page.items), texts(log.page().items), `seed ${seed}`);
    }
  }
});

const offsetOf = (it) => Number(it.split("-")[1]);

// Fill a gap that chance picks, of a page that hears of the log as it is `now`, with what was asked for earlier or later.
function ask(log, page, pick) {
  const gaps = page.items.filter(({ kind }) => kind === "gap");
  if (gaps.length === 0) return null;
  const gap = gaps[pick(gaps.length)];
  const after = offsetOf(gap.after);
  const before = gap.later ? Math.min(offsetOf(gap.before), after + 1 + pick(5)) : offsetOf(gap.before);
  const reply = log.range(after, before, 1 + pick(4));
  return { gap, range: { ...reply, after: gap.after, before: id(before), asOf: page.cursor } };
}

test("and so does one with gaps, in whatever order ranges are asked for and come", () => {
  const kinds = [...Object.values(KINDS), KINDS.message, KINDS.message, KINDS.edit];
  for (let seed = 0; seed < 400; seed++) {
    const pick = chance(seed);
    const log = new Log();
    const page = new Timeline({ room: "7", cursor: id(0) });
    const asked = [];
    for (let offset = 1; offset <= 40; offset++) {
      log.add((offset === 1 ? KINDS.message : kinds[pick(kinds.length)])(offset, pick));
      if (pick(4) === 0) page.apply(log.missed(offsetOf(page.cursor), 1 + pick(4)));
      if (pick(8) === 0) page.leap({ ...log.range(3, 9, 9), after: id(3), before: id(9), asOf: page.cursor });
      if (pick(2) === 0) asked.push(ask(log, page, pick));
      if (pick(3) === 0 && asked[0]) page.fill(asked[0].gap, asked.shift().range);
    }
    page.apply(log.since(offsetOf(page.cursor)));
    for (let left; (left = ask(log, page, pick)); ) page.fill(left.gap, left.range);
    assert.deepEqual(texts(page.items), texts(log.page().items), `seed ${seed}`);
  }
});
