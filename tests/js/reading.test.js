import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Reading } from "../../static/js/models/reading.js";
import { Clock, Requests, id } from "./kit.js";

const ROUND = 3000;

function world() {
  const clock = new Clock();
  const requests = new Requests();
  const noted = [];
  const reading = new Reading({
    ...{ room: "茶", exchange: requests, sleep: clock.sleep, backoff: new Backoff(() => 0) },
    noted: (change) => noted.push(change),
  });
  const asked = () => requests.fields.map((fields) => fields.id);
  return { clock, requests, reading, noted, asked };
}

test("what was read is told, and the reply handed on", async () => {
  const { requests, reading, noted, asked } = world();
  reading.reach(id(3));
  assert.equal(requests.all[0].path, "/a/room/%E8%8C%B6/read");
  await requests.answer({ me: "b-2", was: "b-1" });
  assert.deepEqual(asked(), [id(3)]);
  assert.deepEqual(noted, [{ me: "b-2", was: "b-1" }]);
});

test("within a while only the last of it is told", async () => {
  const { clock, requests, reading, asked } = world();
  for (const offset of [1, 2, 3]) reading.reach(id(offset));
  await requests.answer({});
  reading.reach(id(4));
  assert.equal(requests.open.length, 0);
  await clock.pass(ROUND);
  await requests.answer({});
  assert.deepEqual(asked(), [id(1), id(4)]);
  await clock.pass(ROUND);
  assert.equal(requests.open.length, 0);
});

test("what was not told yet is told when the page is left, and outlives it", async () => {
  const { requests, reading, asked } = world();
  reading.leave();
  reading.reach(id(1));
  await requests.answer({});
  reading.leave();
  reading.reach(id(4));
  assert.deepEqual(asked(), [id(1)]);
  reading.leave();
  assert.deepEqual(asked(), [id(1), id(4)]);
  assert.deepEqual(requests.all.map(({ keepalive }) => keepalive), [true, true]);
});

test("what is not new is not told, nor is the beginning", async () => {
  const { clock, requests, reading, asked } = world();
  for (const offset of [0, 5, 5, 4]) reading.reach(id(offset));
  await requests.answer({});
  await clock.pass(ROUND);
  reading.reach(id(5));
  reading.reach(id(1));
  assert.deepEqual(asked(), [id(5)]);
});

test("another log is another reading", async () => {
  const { clock, requests, reading, asked } = world();
  reading.reach(id(5));
  await requests.answer({});
  await clock.pass(ROUND);
  reading.reach(id(2, "zzzzzzzz"));
  assert.deepEqual(asked(), [id(5), id(2, "zzzzzzzz")]);
});

test("what could not be told is told again, what was refused is not", async () => {
  const { clock, requests, reading, asked } = world();
  reading.reach(id(5));
  await requests.fail(new Unavailable());
  await clock.pass(ROUND);
  await requests.fail(new Refused(404, "no"));
  await clock.pass(ROUND);
  assert.deepEqual(asked(), [id(5), id(5)]);
  assert.equal(requests.open.length, 0);
});
