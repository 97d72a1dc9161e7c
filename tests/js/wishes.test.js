import assert from "node:assert/strict";
import { test } from "node:test";

import { FOR_EVER, Wishes } from "../../static/js/models/wishes.js";
import { Clock, Drawer } from "./kit.js";

const TEA = { room: "tea", direct: false };
const TWO = { room: "private-x", direct: true };
const HOUR = 3_600_000;

function world(kept = null, time = 0) {
  const clock = new Clock(time);
  const shelf = new Drawer(kept);
  return { clock, shelf, wishes: new Wishes({ shelf, now: clock.now }) };
}

const at = (...parts) => new Date(2026, 10, ...parts).getTime();

test("nothing is shown or heard before the reader wants it", () => {
  const { wishes, shelf } = world();
  assert.deepEqual([wishes.shown, wishes.sounding, wishes.quietUntil], [false, false, 0]);
  assert.equal(shelf.value, null);
});

test("a room tells of mentions, a conversation of two of everything, unless another level is chosen", () => {
  const { wishes } = world();
  assert.deepEqual([wishes.level(TEA), wishes.level(TWO)], ["mentions", "all"]);
  wishes.setLevel(TEA, "all");
  wishes.setLevel(TWO, "none");
  assert.deepEqual([wishes.level(TEA), wishes.level(TWO)], ["all", "none"]);
});

test("only what is unlike the usual is kept", () => {
  const { wishes, shelf } = world();
  wishes.setLevel(TEA, "none");
  wishes.setLevel({ room: "7", direct: false }, "mentions");
  wishes.setLevel(TWO, "all");
  assert.deepEqual(shelf.value.levels, { tea: "none" });
  wishes.setLevel(TEA, "mentions");
  assert.deepEqual(shelf.value.levels, {});
});

test("a level decides of which messages one is told", () => {
  const { wishes } = world();
  const wants = () => [false, true].map((mention) => wishes.wants({ ...TEA, mention }));
  for (const [level, wanted] of [["all", [true, true]], ["mentions", [false, true]], ["none", [false, false]]]) {
    wishes.setLevel(TEA, level);
    assert.deepEqual(wants(), wanted, level);
  }
});

test("for an hour nobody disturbs, then they may again", () => {
  const { wishes, clock } = world();
  clock.time = HOUR;
  wishes.quiet("hour");
  assert.equal(wishes.quietUntil, 2 * HOUR);
  clock.time = 2 * HOUR - 1;
  assert.ok(!wishes.wants({ ...TWO, mention: true }));
  clock.time = 2 * HOUR;
  assert.equal(wishes.quietUntil, 0);
  assert.ok(wishes.wants({ ...TWO, mention: true }));
});

test("tomorrow begins at eight, after a night", () => {
  for (const [now, until] of [
    [at(21, 22, 15), at(22, 8)],
    [at(21, 7, 30), at(22, 8)],
    [at(21, 4, 0), at(22, 8)],
    [at(21, 3, 59), at(21, 8)],
    [at(30, 12), at(31, 8)],
  ]) {
    const { wishes } = world(null, now);
    wishes.quiet("tomorrow");
    assert.equal(wishes.quietUntil, until, new Date(now));
  }
});

test("until one says so is for ever, and one may say so", () => {
  const { wishes } = world(null, at(21));
  wishes.quiet("ever");
  assert.equal(wishes.quietUntil, FOR_EVER);
  wishes.quiet("");
  assert.equal(wishes.quietUntil, 0);
});

test("what one tab wants all tabs want", () => {
  const { wishes, shelf, clock } = world();
  const other = new Wishes({ shelf, now: clock.now });
  other.show(true);
  wishes.sound(true);
  wishes.setLevel(TEA, "none");
  assert.deepEqual([wishes.shown, other.sounding, other.level(TEA)], [true, true, "none"]);
});

test("what the browser has kept may be anything", () => {
  for (const kept of ["x", 7, [], { levels: 3, quietUntil: "soon", shown: 1 }, { levels: { tea: "loud" } }]) {
    const { wishes } = world(kept);
    assert.deepEqual([wishes.shown, wishes.quietUntil, wishes.level(TEA)], [false, 0, "mentions"]);
    wishes.setLevel(TEA, "all");
    assert.equal(wishes.level(TEA), "all");
  }
});

test("a room may be called like what every object has", () => {
  const { wishes } = world();
  for (const room of ["constructor", "__proto__", "tostring"]) assert.equal(wishes.level({ room, direct: false }), "mentions");
  wishes.setLevel({ room: "__proto__", direct: false }, "none");
  assert.equal(wishes.level({ room: "__proto__", direct: false }), "none");
});
