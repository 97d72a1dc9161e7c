import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Outbox } from "../../static/js/models/outbox.js";
import { Unsent } from "../../static/js/models/unsent.js";
import { Pause } from "../../static/js/pause.js";
import { Channel, Clock, Requests, Tin, id, settled } from "./kit.js";

const ANN = { id: "ann", name: "Ann", guest: false };
const GUEST = { id: "guest", name: "Guest", guest: true };
const AT = "2026-11-21T06:34:00.000Z";

// One tab. Tabs that are given the same `tin` share it; `join` lets them hear each other.
function world({ tin = new Tin(), tab = "c", head = 0, locked = (name, task) => task() } = {}) {
  const clock = new Clock();
  const requests = new Requests();
  const reader = { head };
  const channel = new Channel();
    let ids = 0;
  const unsent = new Unsent({
    ...{ room: "7", tray: tin, channel, changed: () => {} },
    reached: (it) => Number(it.split("-")[1]) <= reader.head,
  });
  const outbox = new Outbox({
    ...{ unsent, exchange: requests, locked },
    backoff: new Backoff(() => 0.5),
    pause: new Pause(clock.sleep),
    newId: () => `${tab}${++ids}`,
  });
  const say = (...bodies) => {
    for (const body of bodies) void outbox.post(body, ANN, AT);
    return settled();
  };
  const states = () => outbox.items.map(({ body, state }) => `${body} ${state}`);
  const sent = () => requests.fields.map((fields) => `${fields.client_id} ${fields.body}`);
  return { clock, requests, reader, channel, outbox, tin, say, states, sent };
}

test("what is said is echoed at once, before anything has come back", async () => {
  const { say, states, requests } = world();
  void say("hello");
  assert.deepEqual(states(), ["hello waiting"]);
  await settled();
  const fields = { room: "7", body: "hello", client_id: "c1", person: "ann", reply: undefined, file: [] };
  assert.deepEqual(requests.fields, [fields]);
});

test("what a message answers and the files in it go with it", async () => {
  const { outbox, requests } = world();
  void outbox.post("", ANN, AT, { reply: id(3), files: [{ id: "f1", name: "a.png" }, { id: "f2", name: "b.png" }] });
  await settled();
  const [{ body, reply, file }] = requests.fields;
  assert.deepEqual([body, reply, file], ["", id(3), ["f1", "f2"]]);
});

test("messages leave in the order in which they were said, one in flight", async () => {
  const { say, sent, requests } = world();
  await say("one", "two", "three");
  assert.deepEqual(sent(), ["c1 one"]);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
  await requests.answer({ id: id(2) });
  assert.deepEqual(sent(), ["c1 one", "c2 two", "c3 three"]);
});

test("a lost message is sent again under its client_id, and the next one waits for it", async () => {
  const { say, sent, requests, clock } = world();
  await say("one", "two");
  await requests.fail(new Unavailable());
  await clock.pass(250);
  await requests.fail(new Unavailable());
  await clock.pass(500);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent(), ["c1 one", "c1 one", "c1 one", "c2 two"]);
});

test("it does not give up: after a hundred failures it still tries", async () => {
  const { say, requests, clock, states } = world();
  await say("one");
  for (let i = 0; i < 100; i++) {
    await requests.fail(new Unavailable());
    await clock.pass(Backoff.LONGEST);
  }
  assert.equal(requests.open.length, 1);
  assert.deepEqual(states(), ["one waiting"]);
});

test("Retry-After is waited for when it is longer than the back-off", async () => {
  const { say, requests, clock } = world();
  await say("one");
  await requests.fail(new Unavailable(5000));
  await clock.pass(4999);
  assert.equal(requests.open.length, 0);
  await clock.pass(1);
  assert.equal(requests.open.length, 1);
});

test("a reason to hope ends the pause", async () => {
  const { say, requests, outbox } = world();
  await say("one");
  await requests.fail(new Unavailable());
  outbox.wake();
  await settled();
  assert.equal(requests.open.length, 1);
});

test("a reply that is not a message is no acknowledgement", async () => {
  const { say, requests, states } = world();
  await say("one");
  await requests.answer({});
  assert.deepEqual(states(), ["one waiting"]);
});

test("a refused message stays with the server's reason, and the next one goes on", async () => {
  const { say, requests, states, outbox, sent } = world();
  await say("one", "two");
  await requests.fail(new Refused(400, "Too long."));
  assert.deepEqual(states(), ["one failed", "two waiting"]);
  assert.equal(outbox.items[0].reason, "Too long.");
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
});

test("a refused message can be tried again, after what was said meanwhile", async () => {
  const { say, requests, states, outbox, sent } = world();
  await say("one", "two");
  await requests.fail(new Refused(403, "Reload."));
  void outbox.retry("c1");
  await settled();
  assert.deepEqual(states(), ["two waiting", "one waiting"]);
  await requests.answer({ id: id(1) });
  assert.deepEqual(sent().at(-1), "c1 one");
});

test("a client_id that was used for another text is replaced when one tries again", async () => {
  const { say, requests, outbox, sent } = world();
  await say("one");
  await requests.fail(new Refused(409, "Used."));
  void outbox.retry("c1");
  await settled();
  assert.deepEqual(sent().at(-1), "c2 one");
});

test("a refused message can be discarded", async () => {
  const { say, requests, outbox } = world();
  await say("one");
  await requests.fail(new Refused(400, "Too long."));
  void outbox.discard("c1");
  assert.deepEqual(outbox.items, []);
});

test("a taken message is echoed until the timeline reaches it", async () => {
  const { say, requests, outbox, states, reader } = world();
  await say("one");
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
  await say("one");
  await requests.answer({ id: id(4) });
  assert.deepEqual(states(), []);
});

test("a reset takes away the echo of what was taken, and of nothing else", async () => {
  const { say, requests, outbox, states } = world();
  await say("one", "two");
  await requests.answer({ id: id(4) });
  outbox.settle({ reset: true });
  assert.deepEqual(states(), ["two waiting"]);
});

test("a message that the log shows before its reply has come is not sent again", async () => {
  const { say, outbox, sent, requests, clock } = world();
  await say("one", "two");
  outbox.confirm("c1");
  await settled();
  assert.deepEqual(sent(), ["c1 one", "c2 two"]);
  assert.deepEqual(clock.slept, []);
  assert.equal(requests.open.length, 1);
});

test("a message that the log shows while it waits for another try is not sent again", async () => {
  const { say, outbox, sent, requests, clock } = world();
  await say("one");
  await requests.fail(new Unavailable());
  outbox.confirm("c1");
  await clock.pass(250);
  assert.deepEqual(sent(), ["c1 one"]);
});

test("a client_id that is not ours confirms nothing", async () => {
  const { say, outbox, states } = world();
  await say("one");
  outbox.confirm("c9");
  assert.deepEqual(states(), ["one waiting"]);
});

test("what was not taken outlives the page and is sent under the same client_id", async () => {
  const before = world();
  await before.say("one", "two", "three");
  await before.requests.answer({ id: id(1) });
  await before.requests.fail(new Refused(400, "Too long."));
  const after = world({ tin: before.tin });
  void after.outbox.open(ANN);
  await settled();
  assert.deepEqual(after.states(), ["two failed", "three waiting"]);
  assert.deepEqual(after.sent(), ["c3 three"]);
});

test("what somebody with an account wrote waits for them, unseen, while somebody else has the browser", async () => {
  const before = world();
  await before.say("one");
  const other = world({ tin: before.tin });
  void other.outbox.open(GUEST);
  await settled();
  assert.deepEqual(other.states(), []);
  assert.deepEqual(other.sent(), []);
  const back = world({ tin: before.tin });
  void back.outbox.open(ANN);
  await settled();
  assert.deepEqual(back.sent(), ["c1 one"]);
});

test("what a guest wrote who is no more is kept, and sent only when whoever comes says so", async () => {
  const before = world();
  void before.outbox.post("one", GUEST, AT);
  await settled();
  const after = world({ tin: before.tin });
  void after.outbox.open(ANN);
  await settled();
  assert.deepEqual(after.states(), ["one failed"]);
  assert.deepEqual(after.sent(), []);
  void after.outbox.retry("c1");
  await settled();
  assert.deepEqual(after.requests.fields.map(({ person }) => person), ["ann"]);
  assert.equal(after.outbox.items[0].author.id, "ann");
});

test("what somebody wrote as a guest is theirs alone from when they have an account", async () => {
  const before = world();
  void before.outbox.post("one", GUEST, AT);
  await settled();
  void world({ tin: before.tin }).outbox.open({ ...GUEST, guest: false });
  await settled();
  const other = world({ tin: before.tin });
  void other.outbox.open(ANN);
  await settled();
  assert.deepEqual(other.states(), []);
});

test("when the browser is somebody else's nothing more is sent, and all of it waits for its author", async () => {
  const { say, requests, states, outbox, tin, sent } = world();
  await say("one", "two");
  await requests.fail(new Refused(401, "You are somebody else."));
  assert.deepEqual(states(), ["one failed", "two failed"]);
  assert.deepEqual(outbox.items.map(({ reason }) => reason), Array(2).fill("You are somebody else."));
  assert.deepEqual(sent(), ["c1 one"]);
  const after = world({ tin });
  void after.outbox.open(ANN);
  await settled();
  assert.deepEqual(after.states(), ["one waiting", "two waiting"]);
});

test("who is themselves again may go on without a reload", async () => {
  const { say, requests, states, outbox } = world();
  await say("one", "two");
  await requests.fail(new Refused(401, "Nobody is signed in."));
  void outbox.retry("c1");
  await settled();
  assert.deepEqual(states(), ["one waiting", "two waiting"]);
  assert.equal(requests.open.length, 1);
});

test("nothing of another room is shown or sent", async () => {
  const { tin, outbox, states, sent } = world();
  await tin.put({ clientId: "x", room: "8", author: ANN, state: "waiting", order: 1, body: "elsewhere", files: [] });
  void outbox.open(ANN);
  await settled();
  assert.deepEqual([states(), sent()], [[], []]);
});

test("a line goes behind what is there, also when the clock was set back", async () => {
  const { say, outbox, states } = world();
  await say("one");
  void outbox.post("two", ANN, "2020-01-01T00:00:00.000Z");
  assert.deepEqual(states(), ["one waiting", "two waiting"]);
});

test("a line that waits in vain can be discarded, and is given up in the middle of an attempt", async () => {
  const { say, outbox, requests, clock, states, tin } = world();
  await say("one", "two");
  await requests.fail(new Unavailable());
  assert.equal(outbox.held, true);
  await clock.pass(250);
  void outbox.discard("c1");
  await settled();
  assert.deepEqual(states(), ["two waiting"]);
  assert.deepEqual(requests.open.map(({ fields }) => fields.client_id), ["c2"]);
  assert.deepEqual([...tin.lines.keys()], ["c2"]);
});

test("to try a line again that waits is to try at once", async () => {
  const { say, outbox, requests } = world();
  await say("one", "two");
  await requests.fail(new Unavailable());
  void outbox.retry("c2");
  await settled();
  assert.deepEqual(requests.open.map(({ fields }) => fields.client_id), ["c1"]);
});

test("a page that was frozen sees what others have done when it wakes", async () => {
  const { say, outbox, requests, states, tin } = world();
  await say("one", "two");
  tin.lines.delete("c1"); // and it could not hear of it
  outbox.wake();
  await settled();
  assert.deepEqual(states(), ["two waiting"]);
  assert.deepEqual(requests.open.map(({ fields }) => fields.client_id), ["c2"]);
});

test("items that have not changed stay the same, so that nothing is drawn anew", async () => {
  const { say, outbox, requests, clock } = world();
  await say("one");
  const [item] = outbox.items;
  await requests.fail(new Unavailable());
  await clock.pass(250);
  assert.equal(outbox.items[0], item);
});

test("lines are in danger where they are not kept and do not leave soon", async () => {
  const { say, outbox, requests, tin, clock } = world();
  await say("one");
  tin.kept = false;
  assert.equal(outbox.endangered, false);
  await requests.fail(new Unavailable());
  assert.equal(outbox.endangered, true);
  await clock.pass(250);
  await requests.answer({ id: id(1) });
  assert.equal(outbox.endangered, false);
});

for (const locks of [true, false]) {
  test(`two tabs show one outbox and send each line once, ${locks ? "with" : "without"} locks`, async () => {
    const { one, other } = await twoTabs(locks);
    await one.say("one", "two");
    await other.say("three");
    for (const tab of [one, other]) assert.deepEqual(tab.states(), ["one waiting", "two waiting", "three waiting"]);
    const server = new Map();
    while (one.requests.open.length + other.requests.open.length) {
      if (locks) assert.equal(one.requests.open.length + other.requests.open.length, 1);
      const { requests } = one.requests.open.length ? one : other;
      const { client_id: clientId, body } = requests.open[0].fields;
      if (!server.has(clientId)) server.set(clientId, { id: id(server.size + 1), body });
      await requests.answer(server.get(clientId));
    }
    assert.deepEqual([...server.values()].map(({ body }) => body), ["one", "two", "three"]);
    for (const tab of [one, other]) assert.deepEqual(tab.states(), ["one taken", "two taken", "three taken"]);
  });
}

test("what one tab hears in the log, discards or finds refused, all know", async () => {
  const { one, other } = await twoTabs(true);
  await one.say("heard", "refused", "discarded");
  other.outbox.confirm("c1");
  await settled();
  assert.deepEqual(one.states(), ["refused waiting", "discarded waiting"]);
  await [one, other].find(({ requests }) => requests.open.length).requests.fail(new Refused(400, "No."));
  for (const tab of [one, other]) assert.deepEqual(tab.states(), ["refused failed", "discarded waiting"]);
  void other.outbox.discard("c3");
  void one.outbox.discard("c2");
  await settled();
  for (const tab of [one, other]) assert.deepEqual(tab.states(), []);
  assert.deepEqual([one.requests.open, other.requests.open], [[], []]);
});

test("a mistake of the page itself is not taken for the network's", async () => {
  const { outbox, requests } = world();
  const posted = outbox.post("one", ANN, AT);
  await settled();
  requests.open.shift().reject(new TypeError("undefined is not a function"));
  await assert.rejects(posted, TypeError);
});

async function twoTabs(locks) {
  const tin = new Tin();
  const locked = locks ? new Lock().locked : undefined;
  const [one, other] = ["c", "d"].map((tab) => world({ tin, tab, locked }));
  one.channel.others = [other.channel];
  other.channel.others = [one.channel];
  for (const tab of [one, other]) void tab.outbox.open(ANN);
  await settled();
  return { one, other };
}

// Web Locks of one name.
class Lock {
  #last = Promise.resolve();

  locked = (name, task) => {
    const mine = this.#last.then(task);
    this.#last = mine.catch(() => {});
    return mine;
  };
}
