import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Uploads } from "../../static/js/models/uploads.js";
import { Pause } from "../../static/js/pause.js";
import { Clock, settled } from "./kit.js";

function world() {
  const clock = new Clock();
  const open = [];
  const sent = [];
  const send = (file, { progress, signal }) =>
    new Promise((resolve, reject) => {
      sent.push(file.name);
      open.push({ progress, resolve, reject });
      signal.addEventListener("abort", () => reject(new Unavailable()));
    });
  const uploads = new Uploads({
    ...{ send, backoff: new Backoff(() => 0.5), pause: new Pause(clock.sleep), changed: () => {} },
  });
  const states = () => uploads.items.map(({ name, state }) => `${name} ${state}`);
  const next = async (end, it) => {
    open.shift()[end](it);
    await settled();
  };
  return { clock, uploads, sent, open, states, next };
}

const file = (name, size = 1000) => ({ name, size });
const files = (count) => Array.from({ length: count }, (_, i) => file(`${i}.png`));

test("files are sent up one after the other, and the message may go when all are there", async () => {
  const { uploads, sent, states, next } = world();
  assert.equal(uploads.ready, true);
  assert.equal(uploads.add([file("a.png"), file("b.png")]), 0);
  assert.equal(uploads.ready, false);
  assert.deepEqual(sent, ["a.png"]);
  await next("resolve", { id: "f1", name: "a.png" });
  assert.deepEqual(sent, ["a.png", "b.png"]);
  assert.deepEqual(states(), ["a.png done", "b.png waiting"]);
  await next("resolve", { id: "f2", name: "b.png" });
  assert.equal(uploads.ready, true);
});

test("what the server has said of the files goes with the message, once", async () => {
  const { uploads, next } = world();
  uploads.add([file("a.png")]);
  await next("resolve", { id: "f1", name: "a.png" });
  assert.deepEqual(uploads.take(), [{ id: "f1", name: "a.png" }]);
  assert.deepEqual([uploads.items, uploads.take()], [[], []]);
});

test("it is known how much of a file has left", () => {
  const { uploads, open } = world();
  uploads.add([file("a.png")]);
  open[0].progress(0.25);
  assert.equal(uploads.items[0].share, 0.25);
});

test("the eleventh file has no place", () => {
  const { uploads } = world();
  assert.equal(uploads.add(files(8)), 0);
  assert.equal(uploads.add(files(4)), 2);
  assert.equal(uploads.items.length, 10);
});

test("a file that is removed is not sent any further, and the next one goes on", async () => {
  const { uploads, sent, states } = world();
  uploads.add([file("a.png"), file("b.png")]);
  uploads.remove(uploads.items[0].key);
  await settled();
  assert.deepEqual(states(), ["b.png waiting"]);
  assert.deepEqual(sent, ["a.png", "b.png"]);
});

test("a file that is removed while it waits for another try is not tried again", async () => {
  const { uploads, sent, next } = world();
  uploads.add([file("a.png"), file("b.png")]);
  await next("reject", new Unavailable(5000));
  uploads.remove(uploads.items[0].key);
  await settled();
  assert.deepEqual(sent, ["a.png", "b.png"]);
});

test("a file that has to wait for longer than a minute holds up no other, and may be tried again", async () => {
  const { uploads, states, next, sent } = world();
  uploads.add([file("a.iso"), file("b.png")]);
  await next("reject", new Unavailable(60_001));
  assert.deepEqual(states(), ["a.iso failed", "b.png waiting"]);
  assert.deepEqual(sent, ["a.iso", "b.png"]);
  await next("resolve", { id: "f2" });
  void uploads.retry(uploads.items[0].key);
  assert.deepEqual(sent, ["a.iso", "b.png", "a.iso"]);
});

test("a refused file says why, holds up no other, and may be tried again", async () => {
  const { uploads, states, next, sent } = world();
  uploads.add([file("a.iso"), file("b.png")]);
  await next("reject", new Refused(413, "Too large."));
  assert.deepEqual(states(), ["a.iso failed", "b.png waiting"]);
  assert.equal(uploads.items[0].reason, "Too large.");
  await next("resolve", { id: "f2" });
  assert.equal(uploads.ready, false);
  void uploads.retry(uploads.items[0].key);
  assert.deepEqual(sent, ["a.iso", "b.png", "a.iso"]);
});

test("without a network it is tried four times, and again when there is one", async () => {
  const { uploads, clock, sent, states, next } = world();
  uploads.add([file("a.png")]);
  for (let i = 0; i < 4; i++) {
    await next("reject", new Unavailable());
    await clock.pass(Backoff.LONGEST);
  }
  assert.deepEqual([sent.length, states()], [4, ["a.png failed"]]);
  uploads.wake();
  assert.deepEqual([sent.length, states()], [5, ["a.png waiting"]]);
});
