import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline } from "../../static/js/models/timeline.js";
import { entries, entry, id, seen, update } from "./kit.js";

const timelineAt = (offset, more = {}) => new Timeline({ room: "7", cursor: id(offset), ...more });
const missed = (after, first, last) =>
  update(first, last, { gaps: { 7: { after: id(after), before: id(first) } } });

test("updates are joined in order and move the cursor", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 2));
  const { messages } = timeline.apply(update(3, 4));
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4]);
  assert.deepEqual(seen(messages), [3, 4]);
  assert.equal(timeline.cursor, id(4));
});

test("an update that comes again changes nothing", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 3));
  const again = timeline.apply(update(1, 3));
  assert.deepEqual(again.messages, []);
  assert.deepEqual(seen(timeline.items), [1, 2, 3]);
});

test("an update that overlaps brings only what is new", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 3));
  assert.deepEqual(seen(timeline.apply(update(2, 5)).messages), [4, 5]);
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4, 5]);
});

test("a late update neither moves the cursor back nor shows anything", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 2));
  timeline.apply(update(3, 5));
  timeline.apply(update(1, 2));
  timeline.apply({ messages: [], cursors: { 7: id(2) } });
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4, 5]);
  assert.equal(timeline.cursor, id(5));
});

test("replayed in any order, every entry is shown once and every hole is a gap", () => {
  const parts = [update(1, 2), update(2, 4), update(4, 4), update(7, 8), update(5, 9), update(1, 9)];
  for (let turn = 0; turn < parts.length; turn++) {
    const timeline = timelineAt(0);
    for (const part of [...parts.slice(turn), ...parts.slice(0, turn), ...parts]) timeline.apply(part);
    const covered = seen(timeline.items).flatMap((it) =>
      Array.isArray(it) ? Array.from({ length: it[1] - it[0] - 1 }, (_, i) => it[0] + 1 + i) : [it],
    );
    assert.deepEqual(covered, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test("an empty update at the head changes nothing", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 2));
  assert.deepEqual(timeline.apply({ messages: [], cursors: { 7: id(2) } }).messages, []);
  assert.deepEqual(seen(timeline.items), [1, 2]);
});

test("entries of other rooms, and updates that do not speak of this one, are not for here", () => {
  const timeline = timelineAt(0);
  timeline.apply({ messages: [entry(1, { room: "8" })], cursors: { 8: id(1) } });
  timeline.apply({ messages: [entry(5, { room: "8" }), entry(1)], cursors: { 7: id(1), 8: id(5) } });
  assert.deepEqual(seen(timeline.items), [1]);
  assert.equal(timeline.cursor, id(1));
});

test("an entry of an unknown kind is not shown and moves the cursor", () => {
  const timeline = timelineAt(0);
  const messages = [entry(1), entry(2, { kind: "reaction" }), entry(3)];
  timeline.apply({ messages, cursors: { 7: id(3) } });
  timeline.apply({ messages: [entry(4, { kind: "reaction" })], cursors: { 7: id(4) } });
  assert.deepEqual(seen(timeline.items), [1, 3]);
  assert.equal(timeline.cursor, id(4));
});

test("what an update leaves out is a gap", () => {
  const timeline = timelineAt(2);
  timeline.apply(missed(2, 10, 12));
  assert.deepEqual(seen(timeline.items), [[2, 10], 10, 11, 12]);
  assert.equal(timeline.items[0].count, 7);
});

test("a hole that nobody speaks of is a gap as well", () => {
  const timeline = timelineAt(0);
  timeline.apply({ messages: [entry(1), entry(4)], cursors: { 7: id(6) } });
  assert.deepEqual(seen(timeline.items), [1, [1, 4], 4, [4, 7]]);
  assert.equal(timeline.cursor, id(6));
});

test("a gap takes the entries of its range and is gone", () => {
  const timeline = timelineAt(2);
  timeline.apply(missed(2, 6, 7));
  timeline.fill(timeline.items[0], { messages: entries(3, 5), more: false });
  assert.deepEqual(seen(timeline.items), [3, 4, 5, 6, 7]);
  assert.equal(timeline.cursor, id(7));
});

test("a gap that is larger than a reply is split, and the rest of it stays before the entries", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 10, 10));
  const [{ key }] = timeline.items;
  timeline.fill(timeline.items[0], { messages: entries(7, 9), more: true });
  assert.deepEqual(seen(timeline.items), [[0, 7], 7, 8, 9, 10]);
  assert.equal(timeline.items[0].key, key);
  timeline.fill(timeline.items[0], { messages: entries(1, 6), more: false });
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a gap that is filled twice takes its entries once", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 10, 10));
  const [gap] = timeline.items;
  timeline.fill(gap, { messages: entries(7, 9), more: true });
  timeline.fill(gap, { messages: entries(7, 9), more: true });
  assert.deepEqual(seen(timeline.items), [[0, 7], 7, 8, 9, 10]);
});

test("a range that says too much adds nothing outside the gap", () => {
  const timeline = timelineAt(2);
  timeline.apply(missed(2, 5, 6));
  timeline.fill(timeline.items[0], { messages: entries(1, 6), more: false });
  assert.deepEqual(seen(timeline.items), [3, 4, 5, 6]);
});

test("two gaps are filled independently, and what arrives meanwhile stays at the end", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 3, 3));
  timeline.apply(missed(3, 6, 6));
  const [first, , second] = timeline.items;
  timeline.fill(second, { messages: entries(4, 5), more: false });
  timeline.apply(update(7, 7));
  timeline.fill(first, { messages: entries(1, 2), more: false });
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4, 5, 6, 7]);
});

test("a gap of entries that have no line closes without a line", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 2, 2));
  timeline.fill(timeline.items[0], { messages: [entry(1, { kind: "reaction" })], more: false });
  assert.deepEqual(seen(timeline.items), [2]);
});

const elsewhere = (first, last) => ({
  messages: entries(first, last).map((it) => ({ ...it, id: it.id.replace(/^\w+/, "newepoch") })),
  cursors: { 7: id(last, "newepoch") },
});

test("a reset clears the timeline, draws the new log and says so", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 5));
  const { reset } = timeline.apply({ ...elsewhere(1, 2), resets: ["7"] });
  assert.equal(reset, true);
  assert.deepEqual(seen(timeline.items), [1, 2, "reset"]);
  assert.equal(timeline.cursor, "newepoch-2");
});

test("a reset that brings only the end of the log has a gap from its beginning", () => {
  const timeline = timelineAt(3);
  timeline.apply({ ...elsewhere(8, 9), resets: ["7"] });
  assert.deepEqual(seen(timeline.items), [[0, 8], 8, 9, "reset"]);
});

test("a reset of another room is none of ours", () => {
  const timeline = timelineAt(0);
  const { reset } = timeline.apply(update(1, 1, { resets: ["8"] }));
  assert.equal(reset, false);
});

test("after a reset, a late update and a late range of the old log are ignored", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 4, 5));
  const [gap] = timeline.items;
  timeline.apply({ ...elsewhere(1, 2), resets: ["7"] });
  timeline.apply(update(6, 7));
  timeline.fill(gap, { messages: entries(1, 3), more: false });
  assert.deepEqual(seen(timeline.items), [1, 2, "reset"]);
  assert.equal(timeline.cursor, "newepoch-2");
});

test("the page's lines and its gap are the beginning", () => {
  const gap = { after: id(0), before: id(51) };
  const timeline = timelineAt(53, { entries: entries(51, 53), gap });
  timeline.apply(update(54, 54));
  assert.deepEqual(seen(timeline.items), [[0, 51], 51, 52, 53, 54]);
});

test("what has no line on the page is no gap: between its lines, before them, or behind them", () => {
  const timeline = timelineAt(7, { entries: [entry(2), entry(5)] });
  timeline.apply(update(8, 8));
  assert.deepEqual(seen(timeline.items), [2, 5, 8]);
  timeline.apply(update(10, 10));
  assert.deepEqual(seen(timeline.items), [2, 5, 8, [8, 10], 10]);
});

test("an id is reached when the cursor has passed it, shown or not", () => {
  const timeline = timelineAt(0);
  timeline.apply(missed(0, 5, 6));
  assert.deepEqual([3, 6, 7].map((offset) => timeline.reached(id(offset))), [true, true, false]);
  assert.equal(timeline.reached(id(1, "newepoch")), false);
});

const nobody = { first: null, last: null };
const at = (first, last) => ({ first: id(first), last: id(last) });
const ends = (timeline) => [seen(timeline.items).at(0), seen(timeline.items).at(-1)];

test("who goes back loses the newest of many, and a gap that grows with the log stands for them", () => {
  const timeline = timelineAt(400, { entries: entries(1, 400) });
  timeline.bound(true, at(1, 20));
  assert.equal(timeline.items.length, 400);
  timeline.apply(update(401, 401));
  timeline.bound(true, at(1, 20));
  assert.deepEqual(ends(timeline), [1, [300, 402]]);
  assert.equal(timeline.newest, false);
  const { messages } = timeline.apply(update(402, 403));
  assert.deepEqual(seen(messages), [402, 403]);
  assert.deepEqual(ends(timeline), [1, [300, 404]]);
  assert.equal(timeline.cursor, id(403));
});

test("who goes forth loses the oldest, also such as lay before a gap", () => {
  const timeline = timelineAt(10, { entries: entries(1, 10) });
  timeline.apply(missed(10, 21, 420));
  timeline.bound(false, at(400, 420));
  assert.deepEqual(ends(timeline), [[0, 121], 420]);
  assert.equal(timeline.newest, true);
  assert.equal(timeline.items.length, 301);
});

test("nothing near what is seen is let go of", () => {
  const timeline = timelineAt(500, { entries: entries(1, 500) });
  timeline.bound(true, at(390, 420));
  assert.deepEqual(ends(timeline), [1, [470, 501]]);
  const other = timelineAt(500, { entries: entries(1, 500) });
  other.bound(false, at(80, 110));
  assert.deepEqual(ends(other), [[0, 30], 500]);
});

test("where nothing is seen, as many are kept", () => {
  const timeline = timelineAt(500, { entries: entries(1, 500) });
  timeline.bound(true, nobody);
  assert.deepEqual(ends(timeline), [1, [300, 501]]);
  const other = timelineAt(500, { entries: entries(1, 500) });
  other.bound(false, nobody);
  assert.deepEqual(ends(other), [[0, 201], 500]);
});

test("a gap at the edge of what is let go of becomes part of the one that stands for it", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 299));
  timeline.apply(missed(299, 400, 520));
  timeline.bound(true, at(1, 20));
  assert.deepEqual(ends(timeline), [1, [299, 521]]);
});

test("what is behind what is shown comes a page at a time, and at last the reader is at the end", () => {
  const timeline = timelineAt(9, { entries: entries(1, 3), later: { after: id(3), before: id(10) } });
  timeline.fill(timeline.items.at(-1), { messages: entries(4, 6), more: false, after: id(3), before: id(7) });
  assert.deepEqual(seen(timeline.items), [1, 2, 3, 4, 5, 6, [6, 10]]);
  assert.equal(timeline.newest, false);
  const [gap] = timeline.items.slice(-1);
  timeline.apply(update(10, 10));
  timeline.fill(gap, { messages: entries(7, 9), more: false, after: id(6), before: id(10) });
  assert.deepEqual(seen(timeline.items).slice(-2), [9, [9, 11]]);
  timeline.fill(timeline.items.at(-1), { messages: entries(10, 10), more: false });
  assert.deepEqual(seen(timeline.items).at(-1), 10);
  assert.equal(timeline.newest, true);
});

test("a reader can leap to another part of the log, and to its end", () => {
  const timeline = timelineAt(50, { entries: entries(41, 50), gap: { after: id(5), before: id(41) } });
  timeline.leap({ messages: entries(20, 22), more: false, after: id(19), before: id(23) });
  assert.deepEqual(seen(timeline.items), [[5, 20], 20, 21, 22, [22, 51]]);
  timeline.leap({ messages: entries(48, 50), more: true, after: id(5), before: id(51) });
  assert.deepEqual(seen(timeline.items), [[5, 48], 48, 49, 50]);
  timeline.leap({ messages: [], more: false, after: "newepoch-1", before: "newepoch-3" });
  assert.deepEqual(seen(timeline.items), [[5, 48], 48, 49, 50]);
});

test("what is asked for beyond the end of the log is what is there", () => {
  const timeline = timelineAt(3, { entries: entries(1, 3) });
  timeline.leap({ messages: entries(2, 3), more: false, after: id(1), before: id(9) });
  assert.deepEqual(seen(timeline.items), [[0, 2], 2, 3]);
  timeline.leap({ messages: [], more: false, after: id(20), before: id(30) });
  assert.deepEqual(seen(timeline.items), [[0, 4]]);
});

test("what has come while a range was asked for that ends behind it is not taken for missing", () => {
  const timeline = timelineAt(3, { entries: entries(1, 3) });
  timeline.apply(update(4, 6));
  timeline.leap({ messages: entries(1, 3), more: false, after: id(0), before: id(50), asOf: id(3) });
  assert.deepEqual(seen(timeline.items), [1, 2, 3, [3, 7]]);
});

test("what is kept may begin with the notice of a reset, and nothing is both shown and missing", () => {
  const timeline = timelineAt(0);
  timeline.apply(update(1, 101, { resets: ["7"] }));
  timeline.apply(update(102, 400));
  timeline.bound(false, nobody);
  assert.deepEqual(seen(timeline.items).slice(0, 3), [[0, 102], "reset", 102]);
});
