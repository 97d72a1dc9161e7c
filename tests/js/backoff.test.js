import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";

const delays = (random, count) => {
  const backoff = new Backoff(() => random);
  return Array.from({ length: count }, () => backoff.next());
};

test("the ceiling doubles from half a second to fifteen seconds and stays there", () => {
  assert.deepEqual(delays(0.9999999, 8), [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
});

test("the jitter is full: a pause may be anything down to nothing", () => {
  assert.deepEqual(delays(0, 3), [0, 0, 0]);
  assert.deepEqual(delays(0.5, 3), [250, 500, 1000]);
});

test("after a thousand failures the pause is still bounded", () => {
  assert.equal(delays(0.9999999, 1100).at(-1), Backoff.LONGEST);
});

test("a success starts the series anew", () => {
  const backoff = new Backoff(() => 0.5);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), Backoff.FIRST / 2);
});
