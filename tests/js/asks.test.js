import assert from "node:assert/strict";
import { test } from "node:test";

import { Asks } from "../../static/js/models/asks.js";
import { Timeline } from "../../static/js/models/timeline.js";
import { entry, entries, id, seen, update } from "./kit.js";

const OTHER = "otherlog";

function ask(cursor, more = {}) {
  return { asks: [{ room: "7", cursor: typeof cursor === "number" ? id(cursor) : cursor, presence: "" }], ...more };
}

function asksOf(pages) {
  const asks = new Asks();
  for (const [page, told] of Object.entries(pages)) asks.enter(page, told);
  return asks;
}

const cursors = (asks) => Object.fromEntries(asks.next().asks.map(({ room, cursor }) => [room, cursor]));
const offsets = ({ messages }) => messages.map(({ id }) => Number(id.split("-")[1]));
const shared = (asks, told) => Object.fromEntries(asks.share(told));

test("a room is asked for once, from where the page is that is furthest back", () => {
  assert.deepEqual(cursors(asksOf({ a: ask(5), b: ask(3), c: ask(4) })), { 7: id(3) });
});

test("the rooms that pages are in come first, each other one once, and no more than a poll takes", () => {
  const many = Array.from({ length: 99 }, (_, n) => ({ room: `r${n}`, cursor: id(1) }));
  const asks = asksOf({
    a: { asks: [{ room: "7", cursor: id(1), presence: "" }, ...many] },
    b: { asks: [{ room: "8", cursor: id(1), presence: "" }, { room: "7", cursor: id(0) }] },
  });
  const rooms = asks.next().asks.map(({ room }) => room);
  assert.deepEqual(rooms.slice(0, 3), ["7", "8", "r0"]);
  assert.equal(rooms.length, 100);
  assert.equal(cursors(asks)[7], id(0));
});

test("each page is given what lies behind its own place", () => {
  const asks = asksOf({ a: ask(5), b: ask(3), c: ask(6) });
  asks.next();
  const parts = shared(asks, update(4, 6));
  assert.deepEqual(offsets(parts.a), [6]);
  assert.deepEqual(offsets(parts.b), [4, 5, 6]);
  assert.deepEqual(offsets(parts.c), []);
  assert.deepEqual(cursors(asks), { 7: id(6) });
});

test("a page is not bothered with rooms that it has not asked for", () => {
  const asks = asksOf({ a: ask(0), b: { asks: [{ room: "8", cursor: id(0) }] } });
  asks.next();
  assert.deepEqual(Object.keys(shared(asks, update(1, 1))), ["a"]);
});

test("a hold that ends without news tells every page so", () => {
  const asks = asksOf({ a: ask(1), b: ask(1) });
  asks.next();
  const nothing = { messages: [], cursors: { 7: id(1) } };
  assert.deepEqual(shared(asks, nothing), { a: nothing, b: nothing });
});

test("the gap of a page that was away is none to a page that was not", () => {
  const asks = asksOf({ away: ask(3), near: ask(99), middle: ask(50) });
  asks.next();
  const parts = shared(asks, update(101, 103, { gaps: { 7: { after: id(3), before: id(101) } } }));
  assert.deepEqual(parts.away.gaps, { 7: { after: id(3), before: id(101) } });
  assert.deepEqual(parts.middle.gaps, { 7: { after: id(50), before: id(101) } });
  assert.deepEqual(parts.near.gaps, { 7: { after: id(99), before: id(101) } });
  const here = asksOf({ away: ask(3), here: ask(102) });
  here.next();
  const part = shared(here, update(101, 103, { gaps: { 7: { after: id(3), before: id(101) } } })).here;
  assert.deepEqual([offsets(part), part.gaps], [[103], undefined]);
});

test("a page with the cursor of another log is started anew, and the others are not", () => {
  const asks = asksOf({ a: ask(2) });
  asks.next();
  asks.share(update(3, 3));
  asks.enter("stranger", ask(id(9, OTHER)));
  assert.ok(asks.lacking);
  assert.deepEqual(cursors(asks), { 7: id(9, OTHER) });
  const parts = shared(asks, update(1, 4, { resets: ["7"] }));
  assert.deepEqual([parts.stranger.resets, offsets(parts.stranger)], [["7"], [1, 2, 3, 4]]);
  assert.deepEqual([parts.a.resets, offsets(parts.a)], [undefined, [4]]);
  assert.deepEqual(cursors(asks), { 7: id(4) });
});

test("when the log is replaced all pages are started anew", () => {
  const asks = asksOf({ a: ask(5), b: ask(3) });
  asks.next();
  const replaced = { messages: [entry(1, { id: id(1, OTHER) })], cursors: { 7: id(1, OTHER) }, resets: ["7"] };
  const parts = shared(asks, replaced);
  assert.deepEqual([parts.a, parts.b], [replaced, replaced]);
});

test("a page that has come after the poll was sent takes no part in its reply, and is asked for next", () => {
  const asks = asksOf({ a: ask(10) });
  asks.next();
  asks.enter("late", ask(5));
  assert.ok(asks.lacking);
  assert.deepEqual(Object.keys(shared(asks, update(11, 12))), ["a"]);
  assert.deepEqual(cursors(asks), { 7: id(5) });
  assert.deepEqual(offsets(shared(asks, update(6, 12)).late), [6, 7, 8, 9, 10, 11, 12]);
});

test("a page at the same place lacks nothing", () => {
  const asks = asksOf({ a: ask(10) });
  asks.next();
  asks.enter("b", ask(10));
  assert.equal(asks.lacking, false);
});

test("what a page says of a room again is not believed: it may not have read what it was given", () => {
  const asks = asksOf({ a: ask(0) });
  asks.next();
  asks.share(update(1, 3));
  asks.change("a", [...ask(1).asks, { room: "8", cursor: id(2) }]);
  assert.deepEqual(cursors(asks), { 7: id(3), 8: id(2) });
  asks.change("a", ask(1).asks);
  asks.change("a", [...ask(1).asks, { room: "8", cursor: id(9) }]);
  assert.deepEqual(cursors(asks), { 7: id(3), 8: id(9) });
});

test("who is there is asked for once and told to those who are in the room, also when they come later", () => {
  const watching = { asks: [{ room: "8", cursor: id(0), presence: "" }, { room: "7", cursor: id(0) }] };
  const asks = asksOf({ a: ask(0), watching });
  assert.deepEqual(asks.next().asks.map(({ presence }) => presence), ["", ""]);
  const presence = { 7: { version: "v-1", count: 1 } };
  const told = { messages: [], cursors: {}, presence };
  assert.deepEqual(shared(asks, told), { a: told });
  assert.equal(asks.next().asks[0].presence, "v-1");
  assert.deepEqual(asks.enter("b", ask(0)), told);
  const knowing = { asks: [{ room: "7", cursor: id(0), presence: "v-1" }] };
  assert.equal(asks.enter("c", knowing), null);
});

test("who was there when the last page left a room is forgotten", () => {
  const asks = asksOf({ a: ask(0), b: { asks: [{ room: "8", cursor: id(0), presence: "" }] } });
  asks.next();
  asks.share({ messages: [], cursors: {}, presence: { 7: { version: "v-1" } } });
  asks.leave("a");
  assert.equal(asks.enter("a", ask(0)), null);
});

test("the version of the reader's own things is the newest that any page has heard of", () => {
  const asks = asksOf({ a: ask(0, { me: "m-1" }), b: ask(0, { me: "m-1" }), reading: ask(0) });
  assert.equal(asks.next().me, "m-1");
  const parts = shared(asks, { messages: [], cursors: {}, me: "m-2" });
  assert.deepEqual(Object.entries(parts).map(([page, { me }]) => [page, me]), [["a", "m-2"], ["b", "m-2"]]);
  assert.equal(asks.next().me, "m-2");
  assert.equal(asks.enter("c", ask(0, { me: "" })).me, "m-2");
  assert.equal(asks.enter("d", ask(0, { me: "m-2" })), null);
  for (const page of ["a", "b", "c", "d"]) asks.leave(page);
  assert.equal(asks.next().me, undefined);
});

test("where pages know different versions the server is asked for the newest", () => {
  assert.equal(asksOf({ a: ask(0, { me: "m-1" }), b: ask(0, { me: "m-2" }) }).next().me, "");
});

test("when something is not there pages first ask for their own room only", () => {
  const asks = asksOf({ a: { asks: [...ask(0).asks, { room: "8", cursor: id(0) }] }, b: ask(0) });
  asks.next();
  assert.deepEqual(asks.without(), { greedy: ["a"], gone: [], left: true });
  assert.deepEqual(cursors(asks), { 7: id(0) });
  assert.deepEqual(asks.without(), { greedy: [], gone: ["a", "b"], left: false });
});

test("of several rooms of which one is not there, each is asked for by itself, and only its pages end", () => {
  const inRoom = (room) => ({ asks: [{ room, cursor: id(0), presence: "" }] });
  const asks = asksOf({ a: inRoom("7"), b: inRoom("8"), c: inRoom("8"), d: inRoom("9") });
  asks.next();
  assert.deepEqual(asks.without(), { greedy: [], gone: [], left: true });
  assert.deepEqual(cursors(asks), { 7: id(0) });
  asks.share({ messages: [], cursors: { 7: id(0) } });
  assert.deepEqual(cursors(asks), { 8: id(0) });
  const { gone } = asks.without();
  assert.deepEqual(gone, ["b", "c"]);
  for (const page of gone) asks.leave(page);
  assert.deepEqual(cursors(asks), { 9: id(0) });
  asks.share({ messages: [], cursors: { 9: id(0) } });
  assert.equal(asks.suspecting, false);
  assert.deepEqual(cursors(asks), { 7: id(0), 9: id(0) });
});

test("whenever pages come and go, each ends with the log, without a hole and in order", () => {
  let state = 7;
  const chance = (n) => (state = (state * 48271) % 2147483647) % n;
  const asks = new Asks();
  const pages = new Map();
  let head = 0;
  const come = (page) => {
    const known = chance(head + 1);
    pages.set(page, new Timeline({ room: "7", cursor: id(known), entries: entries(1, known) }));
    asks.enter(page, ask(known));
  };
  for (let round = 0; round < 500; round++) {
    if (chance(3) === 0) come(round);
    if (chance(4) === 0 && pages.size > 1) {
      const [page] = pages.keys();
      pages.delete(page);
      asks.leave(page);
    }
    const { asks: asked } = asks.next();
    head += chance(4);
    if (asked.length === 0) continue;
    const from = Number(asked[0].cursor.split("-")[1]);
    if (chance(5) === 0) come(round + 0.5); // while the request is under way
    for (const [page, part] of asks.share(update(from + 1, head))) pages.get(page).apply(part);
  }
  const [{ cursor }] = asks.next().asks;
  const last = asks.share(update(Number(cursor.split("-")[1]) + 1, head));
  for (const [page, part] of last) pages.get(page).apply(part);
  assert.ok(pages.size > 5 && head > 200);
  for (const timeline of pages.values()) {
    assert.deepEqual(seen(timeline.items), entries(1, head).map(({ id }) => Number(id.split("-")[1])));
  }
});
