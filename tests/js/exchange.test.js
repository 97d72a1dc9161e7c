import assert from "node:assert/strict";
import { test } from "node:test";

import { Exchange, Refused, Unavailable, retryAfter } from "../../static/js/exchange.js";
import { Clock, settled } from "./kit.js";

const CALL = { patience: 1000 };

function world(fetch, clock = new Clock()) {
  const exchange = new Exchange({ fetch, token: () => "token", sleep: clock.sleep, now: clock.now });
  return { exchange, clock };
}

const replying = (body, init) => world(async () => new Response(JSON.stringify(body), init)).exchange;
const hanging = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("a post is a form with the token in a header, and leaves out what is undefined", async () => {
  const asked = [];
  const { exchange } = world(async (...request) => (asked.push(request), Response.json({ id: "1" })));
  const reply = await exchange.post("/a", { body: "ä & b", wait: undefined, room: "7" }, CALL);
  const [path, { method, headers, body }] = asked[0];
  assert.deepEqual(reply, { id: "1" });
  assert.deepEqual([path, method, String(body)], ["/a", "POST", "body=%C3%A4+%26+b&room=7"]);
  await exchange.post("/a", {}, { ...CALL, keepalive: true });
  assert.deepEqual(asked.map(([, { keepalive }]) => keepalive), [undefined, true]);
  assert.equal(headers["X-XSRFToken"], "token");
});

test("a get carries its fields in the address", async () => {
  const asked = [];
  const { exchange } = world(async (path) => (asked.push(path), Response.json({})));
  await exchange.get("/a", { after: "x-1", limit: 200 }, CALL);
  assert.deepEqual(asked, ["/a?after=x-1&limit=200"]);
});

test("a reply that says nothing is a reply", async () => {
  const { exchange } = world(async () => new Response(null, { status: 204 }));
  assert.equal(await exchange.post("/a", {}, CALL), null);
});

test("what the server refuses is told with its status and in its words", async () => {
  const exchange = replying({ error: { code: "message_too_long", message: "Too long." } }, { status: 400 });
  await assert.rejects(exchange.post("/a", {}, CALL), new Refused(400, "Too long."));
});

test("a refusal without words is told by its number", async () => {
  const { exchange } = world(async () => new Response("<html>", { status: 413 }));
  await assert.rejects(exchange.post("/a", {}, CALL), new Refused(413, "413"));
});

for (const status of [408, 425, 429, 500, 502, 503]) {
  test(`${status} is worth another try`, async () => {
    const { exchange } = world(async () => new Response("<html>", { status }));
    await assert.rejects(exchange.post("/a", {}, CALL), Unavailable);
  });
}

test("what says nothing, or is said by a proxy that has waited too long, may have been cut on the way", async () => {
  for (const [status, cut] of [[502, true], [504, true], [500, false], [503, false], [429, false]]) {
    await assert.rejects(replying({}, { status }).post("/a", {}, CALL), { cut });
  }
  await assert.rejects(world(async () => Promise.reject(new TypeError())).exchange.post("/a", {}, CALL), { cut: true });
});

test("Retry-After is handed on, and a server that is closing is known as such", async () => {
  const error = { error: { code: "closing", message: "" } };
  const exchange = replying(error, { status: 503, headers: { "Retry-After": "2" } });
  await assert.rejects(exchange.post("/a", {}, CALL), { retryAfter: 2000, closing: true });
});

test("who has asked too often is told to wait as long as the server says, and why", async () => {
  const error = { error: { code: "too_many_requests", message: "Too much." } };
  const exchange = replying(error, { status: 429, headers: { "Retry-After": "10" } });
  await assert.rejects(exchange.post("/a", {}, CALL), { retryAfter: 10_000, closing: false, message: "Too much." });
});

test("no network, half a reply and a page that is not JSON are all unavailability", async () => {
  const failures = [
    async () => Promise.reject(new TypeError("Failed to fetch")),
    async () => new Response('{"messages":['),
    async () => new Response("<html>Please sign in to this network"),
  ];
  for (const fetch of failures) {
    await assert.rejects(world(fetch).exchange.post("/a", {}, CALL), Unavailable);
  }
});

test("a request is given up when patience ends", async () => {
  const { exchange, clock } = world(hanging);
  const asked = assert.rejects(exchange.post("/a", {}, { patience: 5000 }), Unavailable);
  await clock.pass(4999);
  await clock.pass(1);
  await asked;
});

test("a request is given up when its caller gives it up", async () => {
  const { exchange } = world(hanging);
  const caller = new AbortController();
  const asked = assert.rejects(exchange.post("/a", {}, { ...CALL, signal: caller.signal }), Unavailable);
  await settled();
  caller.abort();
  await asked;
});

test("Retry-After may be seconds, a date, nonsense or nothing", () => {
  const now = Date.parse("2026-11-21T06:00:00Z");
  assert.equal(retryAfter("3", now), 3000);
  assert.equal(retryAfter("Sat, 21 Nov 2026 06:00:09 GMT", now), 9000);
  assert.equal(retryAfter("Sat, 21 Nov 2026 05:00:00 GMT", now), 0);
  assert.equal(retryAfter("soon", now), 0);
  assert.equal(retryAfter(null, now), 0);
});
