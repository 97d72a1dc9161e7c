import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Rooms } from "../../static/js/models/rooms.js";
import { Clock, Requests, entry, id, settled } from "./kit.js";

const GATHER = 300;
const BOB = { id: "bob", name: "Bob" };

function world(muted) {
  const clock = new Clock();
  const requests = new Requests();
  const changes = [];
  const rooms = new Rooms({
    room: "7",
    cursor: id(2),
    me: "ann",
    handle: () => "ann",
    exchange: requests,
    sleep: clock.sleep,
    now: clock.now,
    backoff: new Backoff(() => 0.5),
    muted: ({ room }) => room === muted,
    changed: (change) => changes.push(change),
  });
  const counts = () => Object.fromEntries(rooms.items.map((it) => [it.room, [it.unread, it.mentions]]));
  const hear = (room, offset, more = {}) => rooms.hear({ messages: [said(room, offset, more)], cursors: { [room]: id(offset) } });
  return { clock, requests, rooms, changes, counts, hear };
}

// A world in which the server has been asked.
async function told(...rooms) {
  return answered(world(), ...rooms);
}

async function answered(it, ...rooms) {
  it.rooms.refresh();
  await it.clock.pass(GATHER);
  await it.requests.answer(mine("b-1", ...rooms));
  it.clock.slept.length = 0;
  return it;
}

const said = (room, offset, more = {}) => entry(offset, { room, author: BOB, body: "hello", ...more });

const reading = (room, head, more = {}) => ({
  ...{ room, title: "", access: "open", direct: false, members: [] },
  ...{ cursor: id(head), read: id(head), unread: 0, mentions: 0 },
  ...more,
});

const mine = (me, ...rooms) => ({ me, rooms, ignored: [] });
const nothing = (more = {}) => ({ messages: [], cursors: {}, ...more });

test("where the reader had read when they came is what the server said first", async () => {
  const { rooms, clock, requests } = world();
  rooms.refresh();
  assert.equal(rooms.stood, undefined);
  rooms.read(id(2));
  await clock.pass(GATHER);
  await requests.answer(mine("b-1", reading("7", 9, { read: id(1) })));
  assert.equal(rooms.stood, id(1));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  await requests.answer(mine("b-2", reading("7", 9)));
  assert.equal(rooms.stood, id(1));
});

test("who comes for the first time had read nothing, nor who is refused to be told", async () => {
  const { rooms } = await told(reading("8", 3));
  assert.equal(rooms.stood, null);
  const refused = world();
  refused.rooms.refresh();
  await refused.clock.pass(GATHER);
  await refused.requests.fail(new Refused(401, "no"));
  assert.equal(refused.rooms.stood, null);
  assert.deepEqual(refused.changes, [{}]);
});

test("before the server was asked there is the room that the reader is in", () => {
  const { rooms } = world();
  const here = { room: "7", direct: false, current: true, muted: false, name: "7", unread: 0, mentions: 0 };
  assert.deepEqual(rooms.items, [here]);
  assert.deepEqual(rooms.watched, []);
  assert.equal(rooms.version, "");
});

test("the server's rooms come in its order, with its counts and its version", async () => {
  const { rooms, changes } = await told(reading("8", 5, { read: id(3), unread: 2, mentions: 1 }), reading("7", 2));
  assert.deepEqual(rooms.items, [
    { room: "8", direct: false, current: false, muted: false, name: "8", unread: 2, mentions: 1 },
    { room: "7", direct: false, current: true, muted: false, name: "7", unread: 0, mentions: 0 },
  ]);
  assert.deepEqual(rooms.watched, [{ room: "8", cursor: id(5) }]);
  assert.equal(rooms.version, "b-1");
  assert.deepEqual(changes, [{ watched: true, ignored: false }]);
});

test("the room that the reader is in is listed first where the server does not know it yet", async () => {
  const { rooms } = await told(reading("8", 5));
  assert.deepEqual(rooms.items.map(({ room }) => room), ["7", "8"]);
});

test("a room is called by its title, else by who else is in it, else by its name", async () => {
  const members = [BOB, { id: "ann", name: "Ann" }, { id: "cid", name: "Cid" }];
  const { rooms } = await told(reading("a", 1, { title: "Tea", members }), reading("b", 1, { members }), reading("c", 1));
  assert.deepEqual(rooms.items.map(({ name }) => name), ["7", "Tea", "Bob, Cid", "c"]);
});

test("those that call the reader come first, then those with something unread, then those that spoke last", async () => {
  const { rooms, hear } = await told(reading("a", 5), reading("b", 5), reading("c", 5), reading("7", 2));
  const order = () => rooms.items.map(({ room }) => room).join("");
  assert.equal(order(), "abc7");
  hear("c", 6);
  assert.equal(order(), "cab7");
  hear("b", 6, { body: "@ann" });
  hear("a", 6);
  assert.equal(order(), "bac7");
  hear("7", 3, { author: { id: "ann", name: "Ann" } });
  assert.equal(order(), "bac7"); // what is the reader's own is not unread
  rooms.read(id(3));
  assert.deepEqual(rooms.items.at(-1).unread, 0);
});

test("the reader's own word moves a room before those that spoke earlier", async () => {
  const { rooms, hear } = await told(reading("a", 5), reading("7", 2));
  hear("7", 3, { author: { id: "ann", name: "Ann" } });
  assert.deepEqual(rooms.items.map(({ room }) => room), ["7", "a"]);
});

test("what was heard while the server was asked stands before what the server knew", async () => {
  const { requests, rooms, clock, hear } = await told(reading("a", 5), reading("b", 5));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  hear("a", 6);
  hear("b", 6);
  await requests.answer(mine("b-2", reading("a", 5), reading("b", 5)));
  assert.deepEqual(rooms.items.map(({ room }) => room), ["b", "a", "7"]);
});

test("a room in which the reader does not want to be called does not push to the front", async () => {
  const { rooms, hear } = await answered(world("b"), reading("a", 5), reading("b", 5), reading("7", 2));
  hear("b", 6, { body: "@ann" });
  hear("a", 6);
  assert.deepEqual(rooms.items.map(({ room, muted }) => [room, muted]), [["a", false], ["b", true], ["7", false]]);
  assert.equal(rooms.items[1].mentions, 1);
});

test("an update tells what in it is news to the reader, once", async () => {
  const { rooms } = await told(reading("8", 5));
  const own = { author: { id: "ann", name: "Ann" } };
  const messages = [said("8", 6), said("8", 7, own), said("8", 8, { body: "@ann" }), said("9", 1), said("8", 9, { kind: "edit" })];
  const heard = () => rooms.hear({ messages, cursors: { 8: id(9) } });
  assert.deepEqual(heard().map((it) => [it.id, it.mention]), [[id(6), false], [id(8), true]]);
  assert.deepEqual(heard(), []);
});

test("what others say is counted, each once, and what speaks to the reader", async () => {
  const { counts, hear } = await told(reading("8", 5));
  hear("8", 6);
  hear("8", 6);
  hear("8", 5);
  hear("8", 7, { body: "@Ann!" });
  hear("7", 3);
  hear("9", 1);
  assert.deepEqual(counts(), { 7: [1, 0], 8: [2, 1] });
});

test("neither the reader's own nor what is gone is counted", async () => {
  const { counts, hear } = await told(reading("8", 5));
  hear("8", 6, { author: { id: "ann", name: "Ann" } });
  hear("8", 7, { deleted: true, body: "" });
  assert.deepEqual(counts(), { 7: [0, 0], 8: [0, 0] });
});

test("nor are those whom the reader ignores", async () => {
  const { requests, rooms, counts, hear, clock } = await told(reading("8", 5));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  await requests.answer({ ...mine("b-2", reading("8", 5)), ignored: [BOB] });
  hear("8", 6);
  assert.deepEqual(counts()[8], [0, 0]);
  assert.ok(rooms.ignores("bob"));
  assert.ok(!rooms.ignores("cid"));
});

test("ignoring somebody is seen at once, and then counted anew", async () => {
  const { requests, rooms, changes, clock, counts } = await told(reading("8", 5, { unread: 3 }));
  const ignoring = rooms.ignore(BOB, true);
  assert.deepEqual([requests.all.at(-1).path, requests.fields.at(-1)], ["/a/person/bob/ignore", { on: 1 }]);
  await requests.answer({ me: "b-2", was: "b-1" });
  await ignoring;
  assert.deepEqual(rooms.ignored, [BOB]);
  assert.deepEqual(changes.at(-1), { ignored: true });
  await clock.pass(GATHER);
  await requests.answer({ ...mine("b-2", reading("8", 5, { unread: 1 })), ignored: [BOB] });
  assert.deepEqual(counts()[8], [1, 0]);
  const forgiving = rooms.ignore(BOB, false);
  await requests.answer({ me: "b-3", was: "b-2" });
  await forgiving;
  assert.deepEqual(rooms.ignored, []);
});

test("counting ends at a hundred", async () => {
  const { counts, hear } = await told(reading("8", 5, { unread: 50, mentions: 50 }));
  for (let i = 6; i < 300; i++) hear("8", i, { body: "@ann" });
  assert.deepEqual(counts()[8], [100, 100]);
});

test("reading takes away what was read", async () => {
  const { rooms, counts, hear } = await told(reading("7", 5, { read: id(1), unread: 4, mentions: 1 }));
  for (const offset of [6, 7]) hear("7", offset);
  rooms.read(id(4));
  assert.deepEqual(counts()[7], [6, 1]); // the server has not said which of its four these are
  rooms.read(id(6));
  assert.deepEqual(counts()[7], [1, 0]);
  rooms.read(id(7));
  rooms.read(id(2));
  assert.deepEqual(counts()[7], [0, 0]);
});

test("another version makes it ask again, once for many", async () => {
  const { requests, rooms, clock, counts } = await told(reading("8", 5));
  rooms.hear(nothing({ me: "b-2" }));
  rooms.hear(nothing({ me: "b-3" }));
  assert.equal(rooms.version, "b-3");
  await clock.pass(GATHER);
  assert.equal(requests.open.length, 1);
  await requests.answer(mine("b-3", reading("8", 6, { unread: 1 })));
  assert.deepEqual(counts()[8], [1, 0]);
  await clock.pass(GATHER);
  assert.equal(requests.open.length, 0);
});

test("a version that comes while it asks makes it ask once more", async () => {
  const { requests, rooms, clock } = await told(reading("8", 5));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  rooms.hear(nothing({ me: "b-3" }));
  await requests.answer(mine("b-2", reading("8", 5)));
  assert.equal(rooms.version, "b-3");
  await clock.pass(GATHER);
  await requests.answer(mine("b-3", reading("8", 5)));
  assert.equal(requests.all.length, 3);
});

test("what is heard while it asks is counted on top of the answer, if that did not know it", async () => {
  for (const [head, unread] of [[5, 0], [6, 1], [7, 2]]) {
    const { requests, rooms, clock, counts, hear } = await told(reading("8", 5));
    rooms.hear(nothing({ me: "b-2" }));
    await clock.pass(GATHER);
    hear("8", 6);
    hear("8", 7, { body: "@ann" });
    const mentions = head === 7 ? 1 : 0;
    await requests.answer(mine("b-2", reading("8", head, { unread, mentions })));
    assert.deepEqual(counts()[8], [2, 1]);
    assert.deepEqual(rooms.watched, [{ room: "8", cursor: id(7) }]);
  }
});

test("what the server has counted before it is heard is news all the same, and counted once", async () => {
  const { rooms, clock, requests, counts, hear } = await told(reading("7", 2), reading("8", 9));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  await requests.answer(mine("b-2", reading("7", 2), reading("8", 10, { read: id(9), unread: 1, mentions: 1 })));
  assert.equal(hear("8", 10, { body: "@ann hello" }).length, 1);
  assert.equal(hear("8", 10, { body: "@ann hello" }).length, 0);
  assert.deepEqual(counts()["8"], [1, 1]);
  hear("8", 11);
  assert.deepEqual(counts()["8"], [2, 1]);
});

test("an answer from before the reader read takes nothing back", async () => {
  const { requests, rooms, clock, counts } = await told(reading("7", 5, { read: id(2), unread: 3 }));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  rooms.read(id(5));
  await requests.answer(mine("b-2", reading("7", 5, { read: id(2), unread: 3 })));
  assert.deepEqual(counts()[7], [0, 0]);
});

test("what the page has shown is not read before somebody has looked", async () => {
  const { rooms, counts } = await told(reading("7", 2, { read: id(1), unread: 1 }));
  assert.deepEqual(counts()[7], [1, 0]);
  rooms.read(id(2));
  assert.deepEqual(counts()[7], [0, 0]);
});

test("the reader's own change is no reason to ask, whichever comes first", async () => {
  for (const heardFirst of [true, false]) {
    const { requests, rooms, clock } = await told(reading("8", 5));
    if (heardFirst) rooms.hear(nothing({ me: "b-2" }));
    rooms.noted({ me: "b-2", was: "b-1" });
    if (!heardFirst) rooms.hear(nothing());
    await clock.pass(GATHER);
    assert.equal(rooms.version, "b-2");
    assert.equal(requests.open.length, 0);
  }
});

test("what is left where only some of what was counted is read, the server is asked", async () => {
  const { requests, rooms, clock, counts, hear } = await told(reading("7", 4, { read: id(2), unread: 2 }));
  hear("7", 3); // the fourth is on its way
  rooms.read(id(3));
  rooms.noted({ me: "b-2", was: "b-1" });
  await clock.pass(GATHER);
  await requests.answer(mine("b-2", reading("7", 4, { read: id(3), unread: 1 })));
  assert.deepEqual(counts()[7], [1, 0]);
});

test("a change that came before the reader's own is not hidden by it", async () => {
  const { requests, rooms, clock } = await told(reading("8", 5));
  rooms.noted({ me: "b-3", was: "b-2" });
  assert.equal(rooms.version, "b-1");
  rooms.hear(nothing({ me: "b-3" }));
  await clock.pass(GATHER);
  assert.equal(requests.open.length, 1);
});

test("what is missed in another room makes it ask, and in the reader's own it does not", async () => {
  for (const [more, asks] of [
    [{ gaps: { 8: {} } }, 1],
    [{ resets: ["8"] }, 1],
    [{ gaps: { 7: {} }, resets: ["7"] }, 0],
  ]) {
    const { requests, rooms, clock } = await told(reading("8", 5));
    rooms.hear(nothing({ cursors: { 7: id(9), 8: id(9) }, ...more }));
    await clock.pass(GATHER);
    assert.equal(requests.open.length, asks);
  }
});

test("what is gone makes only those ask who have counted something there", async () => {
  for (const [unread, asks] of [[0, 0], [1, 1]]) {
    const { requests, clock, hear } = await told(reading("8", 5, { unread }));
    hear("8", 6, { kind: "deletion", target: id(5) });
    await clock.pass(GATHER);
    assert.equal(requests.open.length, asks);
  }
});

test("a new title is shown, other changes of a room are not asked for", async () => {
  const { rooms, requests, clock, hear } = await told(reading("8", 5));
  hear("8", 6, { kind: "room", title: "Tea" });
  hear("8", 7, { kind: "room", slow: 5 });
  await clock.pass(GATHER);
  assert.equal(rooms.items[1].name, "Tea");
  assert.equal(requests.open.length, 0);
});

test("a log that was replaced is followed from where it stands", async () => {
  const { rooms, hear, counts } = await told(reading("8", 5, { unread: 5 }));
  rooms.hear(nothing({ cursors: { 8: id(3, "zzzzzzzz") }, resets: ["8"] }));
  assert.deepEqual(rooms.watched, [{ room: "8", cursor: id(3, "zzzzzzzz") }]);
  hear("8", 6);
  assert.deepEqual(counts()[8], [5, 0]); // it is of the old log; the server is asked for the rest
});

test("when a room is not there any more the others are left until the server has said which are", async () => {
  const { requests, rooms, clock, changes } = await told(reading("8", 5), reading("9", 5));
  assert.ok(rooms.rest());
  assert.deepEqual(rooms.watched, []);
  assert.equal(rooms.items.length, 3);
  assert.ok(!rooms.rest());
  await clock.pass(GATHER);
  await requests.answer(mine("b-2", reading("9", 5)));
  assert.deepEqual(rooms.watched, [{ room: "9", cursor: id(5) }]);
  assert.deepEqual(changes.at(-1), { watched: true, ignored: false });
});

test("whoever comes back after a while asks for counts and not for all that was said", async () => {
  const { requests, rooms, clock, changes, counts } = await told(reading("8", 5));
  await clock.pass(59_000);
  rooms.wake();
  assert.equal(rooms.watched.length, 1);
  await clock.pass(2_000);
  rooms.wake();
  assert.deepEqual(rooms.watched, []);
  await clock.pass(GATHER);
  await requests.answer(mine("b-1", reading("8", 500, { unread: 100 })));
  assert.deepEqual(rooms.watched, [{ room: "8", cursor: id(500) }]);
  assert.deepEqual(changes.at(-1), { watched: true, ignored: false });
  assert.deepEqual(counts()[8], [100, 0]);
});

test("no more than a hundred rooms are watched, the reader's own among them", async () => {
  const { rooms } = await told(...Array.from({ length: 100 }, (_, i) => reading(`r${i}`, 1)));
  assert.equal(rooms.watched.length, 99);
});

test("a server that does not answer is asked again, later", async () => {
  const { rooms, requests, clock, counts } = await told(reading("8", 5));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  await requests.fail(new Unavailable());
  assert.equal(requests.open.length, 0);
  await clock.pass(250);
  await clock.pass(GATHER);
  await requests.answer(mine("b-2", reading("8", 6, { unread: 1 })));
  assert.deepEqual(counts()[8], [1, 0]);
});

test("one that refuses is asked again when something else has changed", async () => {
  const { rooms, requests, clock } = await told(reading("8", 5));
  rooms.hear(nothing({ me: "b-2" }));
  await clock.pass(GATHER);
  await requests.fail(new Refused(401, "no"));
  await clock.pass(60_000);
  assert.equal(requests.open.length, 0);
  rooms.hear(nothing({ me: "b-3" }));
  await clock.pass(GATHER);
  assert.equal(requests.open.length, 1);
  await settled();
});
