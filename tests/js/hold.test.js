import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "../../static/js/models/hold.js";
import { Drawer } from "./kit.js";

const FULL = 25_000;

function world(kept = null) {
  const shelf = new Drawer(kept);
  return { shelf, hold: new Hold({ shelf, full: FULL }) };
}

function cutTwice(hold, age) {
  hold.cut(age);
  hold.cut(age + 100);
}

const keep = (hold, times) => Array.from({ length: times }, () => hold.kept(hold.wait * 1000));

test("at first the server decides how long a request is held, and one cut changes nothing", () => {
  const { hold } = world();
  assert.equal(hold.wait, undefined);
  hold.cut(10_000);
  assert.equal(hold.wait, undefined);
});

test("two cuts at about the same age shorten it to less than that, which is kept", () => {
  const { hold, shelf } = world();
  cutTwice(hold, 10_000);
  assert.deepEqual([hold.wait, shelf.value], [8, 8]);
  assert.equal(new Hold({ shelf, full: FULL }).wait, 8);
});

test("two cuts at different ages are chance", () => {
  const { hold } = world();
  for (const age of [4000, 10_000, 20_000, 5000]) hold.cut(age);
  assert.equal(hold.wait, undefined);
});

test("a request that is held to its end between two cuts says that it was chance", () => {
  const { hold } = world();
  hold.cut(10_000);
  hold.kept(24_000);
  hold.cut(10_000);
  assert.equal(hold.wait, undefined);
});

test("one that is answered early says nothing", () => {
  const { hold } = world();
  hold.cut(10_000);
  hold.kept(3000);
  hold.cut(10_000);
  assert.equal(hold.wait, 8);
});

test("replies that never come shorten it step by step", () => {
  const { hold } = world();
  cutTwice(hold, 35_000);
  assert.equal(hold.wait, 20);
  cutTwice(hold, 30_000);
  assert.equal(hold.wait, 16);
});

test("it never is shorter than a second", () => {
  const { hold } = world();
  cutTwice(hold, 900);
  assert.equal(hold.wait, 1);
});

test("after many that were kept a longer one is tried, and when that is cut not for a longer time", () => {
  const { hold } = world(8);
  keep(hold, 20);
  assert.equal(hold.wait, 10);
  hold.cut(10_000);
  assert.equal(hold.wait, 8);
  keep(hold, 39);
  assert.equal(hold.wait, 8);
  keep(hold, 1);
  assert.equal(hold.wait, 10);
});

test("where longer ones are kept, too, it grows until the server decides again", () => {
  const { hold, shelf } = world(20);
  keep(hold, 20);
  assert.deepEqual([hold.wait, shelf.value], [undefined, null]);
  hold.kept(24_000);
  hold.cut(12_000);
  assert.equal(hold.wait, undefined);
});

for (const kept of ["8", NaN, 300, {}]) {
  test(`what is on the shelf may be anything: ${kept}`, () => {
    assert.equal(world(kept).hold.wait, undefined);
  });
}
