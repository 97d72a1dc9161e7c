import assert from "node:assert/strict";
import { test } from "node:test";

import { People } from "../../static/js/models/people.js";
import { Clock, entry, settled } from "./kit.js";

const ANN = { id: "ann", name: "Ann" };
const BOB = { id: "bob", name: "Bob" };
const CID = { id: "cid", name: "Cid" };

function world({ me = "ann" } = {}) {
  const clock = new Clock();
  const shown = [];
  const people = new People({ room: "7", me, sleep: clock.sleep, changed: () => shown.push(names(people.typing)) });
  const hear = (summary, messages = []) => people.hear({ messages, presence: summary && { 7: summary } });
  return { clock, people, hear, shown };
}

const names = (people) => people.map(({ name }) => name);
const summary = (version, people, typing = []) => ({ version, count: people.length, people, typing });
const crowd = (version) => ({ version, count: 51 });

test("before the first summary nobody is known, and any version is news", () => {
  const { people } = world();
  assert.deepEqual([people.version, people.count, people.present], ["", 0, []]);
  assert.equal(people.seen, false);
});

test("a summary says who is there, which of them is the reader, and what to ask with next", () => {
  const { people, hear, shown } = world();
  hear(summary("a-1", [ANN, BOB]));
  assert.equal(people.version, "a-1");
  assert.equal(people.count, 2);
  assert.deepEqual(people.present, [{ ...ANN, own: true }, { ...BOB, own: false }]);
  assert.equal(shown.length, 1);
});

test("an update without a summary, or with that of another room, leaves what is known", () => {
  const { people, hear, shown } = world();
  hear(summary("a-1", [ANN, BOB]));
  hear(undefined);
  people.hear({ messages: [], presence: { 8: summary("a-2", [CID]) } });
  assert.deepEqual([people.version, names(people.present)], ["a-1", ["Ann", "Bob"]]);
  assert.equal(shown.length, 1);
});

test("a newer summary replaces the one before as a whole", () => {
  const { people, hear } = world();
  hear(summary("a-1", [ANN, BOB], ["bob"]));
  hear(summary("a-2", [ANN, CID], ["cid"]));
  assert.deepEqual([names(people.present), names(people.typing)], [["Ann", "Cid"], ["Cid"]]);
});

test("those who type are told without the reader", () => {
  const { people, hear } = world();
  hear(summary("a-1", [ANN, BOB, CID], ["ann", "cid"]));
  assert.deepEqual(names(people.typing), ["Cid"]);
});

test("a crowd is counted and not named, and nobody types there", () => {
  const { people, hear } = world();
  hear(summary("a-1", [ANN, BOB], ["bob"]));
  hear(crowd("a-2"));
  assert.deepEqual([people.count, people.present, people.typing], [51, null, []]);
});

test("what the reader types is seen where somebody else is named", () => {
  const { people, hear } = world();
  hear(summary("a-1", [ANN]));
  assert.equal(people.seen, false);
  hear(summary("a-2", [ANN, BOB]));
  assert.equal(people.seen, true);
  hear(crowd("a-3"));
  assert.equal(people.seen, false);
});

test("who speaks does not type any more", () => {
  const { people, hear, shown } = world();
  hear(summary("a-1", [ANN, BOB, CID], ["bob", "cid"]));
  hear(undefined, [entry(1, { author: BOB })]);
  assert.deepEqual(names(people.typing), ["Cid"]);
  assert.deepEqual(shown, [["Bob", "Cid"], ["Cid"]]);
  hear(summary("a-2", [ANN, BOB, CID], ["bob", "cid"]), [entry(2, { author: CID })]);
  assert.deepEqual(names(people.typing), ["Bob"]);
});

test("to speak elsewhere, or to do something, is not to speak here", () => {
  const { people, hear, shown } = world();
  hear(summary("a-1", [ANN, BOB], ["bob"]));
  hear(undefined, [entry(1, { author: BOB, room: "8" }), entry(1, { author: BOB, kind: "room" })]);
  assert.deepEqual(names(people.typing), ["Bob"]);
  assert.equal(shown.length, 1);
});

test("nobody is shown to type for longer than ten seconds without being told again", async () => {
  const { people, hear, clock, shown } = world();
  hear(summary("a-1", [ANN, BOB], ["bob"]));
  await clock.pass(9_999);
  assert.deepEqual(names(people.typing), ["Bob"]);
  await clock.pass(1);
  assert.deepEqual(names(people.typing), []);
  assert.deepEqual(shown, [["Bob"], []]);
  assert.deepEqual(names(people.present), ["Ann", "Bob"]);
});

test("a newer summary begins these ten seconds anew", async () => {
  const { people, hear, clock, shown } = world();
  hear(summary("a-1", [ANN, BOB], ["bob"]));
  await clock.pass(6000);
  hear(summary("a-2", [ANN, BOB], ["bob"]));
  await clock.pass(6000);
  assert.deepEqual(names(people.typing), ["Bob"]);
  hear(summary("a-3", [ANN, BOB]));
  await settled();
  assert.equal(shown.length, 3);
});

test("whoever has no name here is none of those present", () => {
  const { people, hear } = world({ me: "" });
  hear(summary("a-1", [ANN, BOB], ["ann"]));
  assert.deepEqual(people.present.map(({ own }) => own), [false, false]);
  assert.deepEqual(names(people.typing), ["Ann"]);
});
