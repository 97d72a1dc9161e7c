import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Outbox } from "../../static/js/models/outbox.js";
import { Pause } from "../../static/js/pause.js";
import { Clock, Drawer, Requests, id, settled } from "./kit.js";

const ANN = { id: "ann", name: "Ann" };
const AT = "2026-11-21T06:34:00.000Z";

function world({ shelf = new Drawer(), head = 0 } = {}) {
  const clock = new Clock();
  const requests = new Requests();
  const reader = { head };
  let ids = 0;
  const outbox = new Outbox({
    room: "7",
    exchange: requests,
    backoff: new Backoff(() => 0.5),
    pause: new Pause(clock.sleep),
    shelf,
    newId: () => `c${++ids}`,
    reached: (it) => Number(it.split("-")[1]) <= reader.head,
    changed: () => {},
  });
  const say = (...bodies) => bodies.forEach((body) => void outbox.post(body, ANN, AT));
  const states = () => outbox.items.map(({ body, state }) => `${body} ${state}`);
  const sent = () => requests.fields.map((fields) => `${fields.client_id} ${fields.body}`);
  return { clock, requests, reader, outbox, shelf, say, states, sent };
}

test("what is said is echoed at once, before anything has come back", () => {
  const { say, states, requests } = world();
  say("hello");
  assert.deepEqual(states(), ["hello waiting"]);
  assert.deepEqual(requests.fields, [{ room: "7", body: "hello", client_id: "c1" }]);
});

test("messages leave in the order in which they were said, one in flight", async () => {
  const { say, sent, requests } = world();
  say("one", "two", "three");
  assert.deepEqual(sent(), ["c1 one"]);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
  await requests.answer({ id: id(2) });
  assert.deepEqual(sent(), ["c1 one", "c2 two", "c3 three"]);
});

test("a lost message is sent again under its client_id, and the next one waits for it", async () => {
  const { say, sent, requests, clock } = world();
  say("one", "two");
  await requests.fail(new Unavailable());
  await clock.pass(250);
  await requests.fail(new Unavailable());
  await clock.pass(500);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent(), ["c1 one", "c1 one", "c1 one", "c2 two"]);
});

test("it does not give up: after a hundred failures it still tries", async () => {
  const { say, requests, clock, states } = world();
  say("one");
  for (let i = 0; i < 100; i++) {
    await requests.fail(new Unavailable());
    await clock.pass(Backoff.LONGEST);
  }
  assert.equal(requests.open.length, 1);
  assert.deepEqual(states(), ["one waiting"]);
});

test("Retry-After is waited for when it is longer than the back-off", async () => {
  const { say, requests, clock } = world();
  say("one");
  await requests.fail(new Unavailable(5000));
  await clock.pass(4999);
  assert.equal(requests.open.length, 0);
  await clock.pass(1);
  assert.equal(requests.open.length, 1);
});

test("a reason to hope ends the pause", async () => {
  const { say, requests, outbox } = world();
  say("one");
  await requests.fail(new Unavailable());
  outbox.wake();
  await settled();
  assert.equal(requests.open.length, 1);
});

test("a reply that is not a message is no acknowledgement", async () => {
  const { say, requests, states } = world();
  say("one");
  await requests.answer({});
  assert.deepEqual(states(), ["one waiting"]);
});

test("a refused message stays with the server's reason, and the next one goes on", async () => {
  const { say, requests, states, outbox, sent } = world();
  say("one", "two");
  await requests.fail(new Refused(400, "Too long."));
  assert.deepEqual(states(), ["one failed", "two waiting"]);
  assert.equal(outbox.items[0].reason, "Too long.");
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
});

test("a refused message can be tried again, after what was said meanwhile", async () => {
  const { say, requests, states, outbox, sent } = world();
  say("one", "two");
  await requests.fail(new Refused(403, "Reload."));
  outbox.retry("c1");
  assert.deepEqual(states(), ["two waiting", "one waiting"]);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent().at(-1), "c1 one");
});

test("a client_id that was used for another text is replaced when one tries again", async () => {
  const { say, requests, outbox, sent } = world();
  say("one");
  await requests.fail(new Refused(409, "Used."));
  outbox.retry("c1");
  assert.deepEqual(sent().at(-1), "c2 one");
});

test("a refused message can be discarded", async () => {
  const { say, requests, outbox } = world();
  say("one");
  await requests.fail(new Refused(400, "Too long."));
  outbox.discard("c1");
  assert.deepEqual(outbox.items, []);
});

test("a taken message is echoed until the timeline reaches it", async () => {
  const { say, requests, outbox, states, reader } = world();
  say("one");
  await requests.answer({ id: id(4) });
  assert.deepEqual(states(), ["one taken"]);
  reader.head = 3;
  outbox.settle({ reset: false });
  assert.deepEqual(states(), ["one taken"]);
  reader.head = 9; // it lies in a gap
  outbox.settle({ reset: false });
  assert.deepEqual(states(), []);
});

test("a message that the timeline has passed before its reply came leaves with the reply", async () => {
  const { say, requests, states } = world({ head: 9 });
  say("one");
  await requests.answer({ id: id(4) });
  assert.deepEqual(states(), []);
});

test("a reset takes away the echo of what was taken, and of nothing else", async () => {
  const { say, requests, outbox, states } = world();
  say("one", "two");
  await requests.answer({ id: id(4) });
  outbox.settle({ reset: true });
  assert.deepEqual(states(), ["two waiting"]);
});

test("a message that the log shows before its reply has come is not sent again", async () => {
  const { say, outbox, sent, requests, clock } = world();
  say("one", "two");
  outbox.confirm("c1");
  await settled();
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
  assert.deepEqual(clock.slept, []);
  assert.equal(requests.open.length, 1);
});

test("a message that the log shows while it waits for another try is not sent again", async () => {
  const { say, outbox, sent, requests, clock } = world();
  say("one");
  await requests.fail(new Unavailable());
  outbox.confirm("c1");
  await clock.pass(250);
  assert.deepEqual(sent(), ["c1 one"]);
});

test("a client_id that is not ours confirms nothing", () => {
  const { say, outbox, states } = world();
  say("one");
  outbox.confirm("c9");
  assert.deepEqual(states(), ["one waiting"]);
});

test("what was not taken outlives a reload and is sent under the same client_id", async () => {
  const before = world();
  before.say("one", "two", "three");
  await before.requests.answer({ id: id(1) });
  await before.requests.fail(new Refused(400, "Too long."));
  const after = world({ shelf: before.shelf });
  after.outbox.open(ANN);
  assert.deepEqual(after.states(), ["two failed", "three waiting"]);
  assert.deepEqual(after.sent(), ["c3 three"]);
});

test("what was said under another session is kept, and sent only when its author says so", () => {
  const before = world();
  before.say("one");
  const after = world({ shelf: before.shelf });
  after.outbox.open({ id: "guest", name: "Guest" });
  assert.deepEqual(after.states(), ["one failed"]);
  assert.deepEqual(after.sent(), []);
  after.outbox.retry("c1");
  assert.deepEqual(after.sent(), ["c1 one"]);
  assert.equal(after.outbox.items[0].author.id, "guest");
});

test("a mistake of the page itself is not taken for the network's", async () => {
  const { outbox, requests } = world();
  const posted = outbox.post("one", ANN, AT);
  requests.open.shift().reject(new TypeError("undefined is not a function"));
  await assert.rejects(posted, TypeError);
});
