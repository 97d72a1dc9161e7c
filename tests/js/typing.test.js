import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Typing } from "../../static/js/models/typing.js";
import { Clock, Requests } from "./kit.js";

const ROUND = 2500;

function world(room = "7") {
  const clock = new Clock(1_000_000);
  const requests = new Requests();
  const others = { see: true };
  const typing = new Typing({ room, exchange: requests, now: clock.now, seen: () => others.see });
  return { clock, requests, others, typing };
}

test("that the reader types is told to the room", () => {
  const { requests, typing } = world("房间");
  typing.note("h");
  const [{ path, fields }] = requests.all;
  assert.equal(path, `/a/room/${encodeURIComponent("房间")}/typing`);
  assert.deepEqual(fields, {});
});

test("it is told again only after a while, however much is typed", async () => {
  const { clock, requests, typing } = world();
  for (const text of ["h", "he", "hel"]) typing.note(text);
  await clock.pass(ROUND - 1);
  typing.note("hell");
  assert.equal(requests.all.length, 1);
  await clock.pass(1);
  typing.note("hello");
  assert.equal(requests.all.length, 2);
});

test("an empty field, or one with nothing but spaces, is nothing typed", () => {
  const { requests, typing } = world();
  for (const text of ["", " ", "\n"]) typing.note(text);
  assert.equal(requests.all.length, 0);
});

test("nothing is told where nobody would see it, and it is told as soon as somebody does", () => {
  const { requests, others, typing } = world();
  others.see = false;
  typing.note("h");
  assert.equal(requests.all.length, 0);
  others.see = true;
  typing.note("he");
  assert.equal(requests.all.length, 1);
});

for (const error of [new Refused(404, "no"), new Unavailable()]) {
  test(`when it cannot be told (${error.message}) nothing happens, and it is told again later`, async () => {
    const { clock, requests, typing } = world();
    const noted = typing.note("h");
    await requests.fail(error);
    await noted;
    await clock.pass(ROUND);
    typing.note("he");
    assert.equal(requests.all.length, 2);
  });
}
