import assert from "node:assert/strict";
import { test } from "node:test";

import { Path } from "../../static/js/models/path.js";
import { Clock, settled } from "./kit.js";

const NOON = Date.parse("2026-11-21T12:00:00Z");

// reply: (clock, path, options) => a Response, in the time that it takes
function world(reply) {
  const clock = new Clock(NOON);
  const asked = [];
  const fetch = (path, options) => (asked.push([path, options]), reply(clock, options));
  return { clock, asked, path: new Path({ fetch, now: clock.now, sleep: clock.sleep, token: () => "t" }) };
}

const answer = (more = {}, init = {}) => Response.json({ at: "2026-11-21T12:00:00.000Z", held: true, ...more }, init);
const after = (ms, reply) => async (clock) => (await clock.pass(ms), reply());
const failing = () => Promise.reject(new TypeError("network"));
const hanging = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

// A reply whose parts come at these times in ms.
const parts = (...times) => async (clock) => {
  let past = 0;
  const body = new ReadableStream({
    async pull(stream) {
      const at = times.shift();
      if (at === undefined) return stream.close();
      await clock.pass(at - past);
      past = at;
      stream.enqueue(new TextEncoder().encode(times.length > 0 ? " " : '{"held":true}'));
    },
  }, { highWaterMark: 0 });
  return new Response(body);
};

test("a server that answers is reached, in so many milliseconds", async () => {
  assert.deepEqual(await world(after(30, answer)).path.reach(), { state: "good", count: 30 });
  assert.deepEqual(await world(failing).path.reach(), { state: "bad" });
  assert.deepEqual(await world(() => answer({}, { status: 502 })).path.reach(), { state: "bad" });
});

test("a server that never answers is given up", async () => {
  const { path, clock } = world(hanging);
  const reached = path.reach();
  await settled();
  await clock.pass(10_000);
  assert.deepEqual(await reached, { state: "bad" });
});

test("a post is made as the page makes it, and a refusal told with its status", async () => {
  const { path, asked } = world(() => new Response(null, { status: 204 }));
  assert.deepEqual(await path.posts(), { state: "good" });
  assert.deepEqual([asked[0][1].method, asked[0][1].headers], ["POST", { "X-XSRFToken": "t" }]);
  assert.deepEqual(await world(() => answer({}, { status: 403 })).path.posts(), { state: "bad", count: 403 });
});

for (const [times, state] of [
  [[5, 755, 1505], "good"],
  [[1505], "bad"],
  [[5, 1505, 1506], "bad"],
  [[1400, 1500, 1505], "bad"],
]) {
  test(`a reply of which parts come at ${times} ms is ${state}`, async () => {
    assert.deepEqual(await world(parts(...times)).path.begun(), { state });
  });
}

test("a reply that breaks off does not come through", async () => {
  assert.deepEqual(await world(failing).path.begun(), { state: "bad" });
});

test("a request that was held to its end may be held for so long", async () => {
  const { path, asked } = world(after(25_000, answer));
  assert.deepEqual(await path.held(25), { state: "good", count: 25 });
  assert.equal(asked[0][0], "/a/selftest?wait=25");
});

test("a request that is cut is told with its age, whether the network or a proxy ends it", async () => {
  const cut = { state: "bad", count: 20 };
  assert.deepEqual(await world(after(20_000, failing)).path.held(25), cut);
  assert.deepEqual(await world(after(20_000, () => new Response("<html>", { status: 504 }))).path.held(25), cut);
});

test("a request that is never answered is given up some time after the hold", async () => {
  const { path, clock } = world(hanging);
  const held = path.held(25);
  await settled();
  await clock.pass(35_000);
  assert.deepEqual(await held, { state: "bad", count: 35 });
});

test("a server that cannot hold it just now says nothing about the way", async () => {
  assert.deepEqual(await world(() => answer({ held: false })).path.held(25), { state: "odd" });
  assert.deepEqual(await world(() => answer({}, { status: 429 })).path.held(25), { state: "odd" });
});

test("clocks agree if they can, whatever the request took, and else differ by so much at least", async () => {
  assert.deepEqual(await world(after(5000, answer)).path.clock(), { state: "good" });
  const late = () => answer({ at: "2026-11-21T11:00:00.000Z" });
  assert.deepEqual(await world(late).path.clock(), { state: "bad", count: 3600 });
  const early = after(1000, () => answer({ at: "2026-11-21T13:00:00.000Z" }));
  assert.deepEqual(await world(early).path.clock(), { state: "bad", count: 3599 });
  assert.deepEqual(await world(() => answer({ at: undefined })).path.clock(), { state: "odd" });
});
