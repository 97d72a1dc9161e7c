import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Unavailable } from "../../static/js/exchange.js";
import { Conversation } from "../../static/js/models/conversation.js";
import { History } from "../../static/js/models/history.js";
import { Outbox } from "../../static/js/models/outbox.js";
import { Timeline } from "../../static/js/models/timeline.js";
import { Unsent } from "../../static/js/models/unsent.js";
import { Pause } from "../../static/js/pause.js";
import { Channel, Clock, Requests, Tin, entries, entry, id, seen, settled, update } from "./kit.js";

const ANN = { id: "ann", name: "Ann" };
const BOB = { id: "bob", name: "Bob" };

function world() {
  const requests = new Requests();
  const timeline = new Timeline({ room: "7", cursor: id(0) });
  let ids = 0;
  const unsent = new Unsent({
    room: "7",
    tray: new Tin(),
    channel: new Channel(),
    reached: (it) => timeline.reached(it),
    changed: () => {},
  });
  const outbox = new Outbox({
    unsent,
    exchange: requests,
    backoff: new Backoff(() => 0),
    pause: new Pause(new Clock().sleep),
    locked: (name, task) => task(),
    newId: () => `c${++ids}`,
  });
  const history = new History({ room: "7", exchange: requests });
  const conversation = new Conversation({ me: "ann", timeline, outbox, history, ignores: (it) => it === "eve" });
  const say = (...bodies) => {
    for (const body of bodies) void outbox.post(body, ANN, "2026-11-21T06:34:00Z");
    return settled();
  };
  const shown = () => seen(conversation.items);
  return { requests, timeline, conversation, say, shown };
}

const spoken = (offset, author, clientId) => ({
  messages: [entry(offset, { author, client_id: clientId })],
  cursors: { 7: id(offset) },
});

test("echoes stand after the log, in the order in which they were said", async () => {
  const { conversation, say, shown } = world();
  await say("one", "two");
  conversation.receive(spoken(1, BOB, null));
  assert.deepEqual(shown(), [1, "one", "two"]);
});

test("an echo gives way to its message, whichever of reply and update comes first", async () => {
  for (const replyFirst of [true, false]) {
    const { conversation, say, shown, requests } = world();
    await say("one");
    if (replyFirst) await requests.answer({ id: id(1) });
    conversation.receive(spoken(1, ANN, "c1"));
    if (!replyFirst) assert.deepEqual(requests.open, []);
    assert.deepEqual(shown(), [1]);
  }
});

test("the same client_id of somebody else is not ours", async () => {
  const { conversation, say, shown } = world();
  await say("one");
  conversation.receive(spoken(1, BOB, "c1"));
  assert.deepEqual(shown(), [1, "one"]);
});

test("a message that was sent and fell into a gap is not shown twice when the gap is filled", async () => {
  const { conversation, say, shown, requests } = world();
  await say("one");
  await requests.answer({ id: id(2) });
  conversation.receive(update(5, 5));
  assert.deepEqual(shown(), [[0, 5], 5]);
});

test("news are what others said, not what the reader said and not a redrawn log", () => {
  const { conversation } = world();
  assert.deepEqual(seen(conversation.receive(spoken(1, BOB, null))), [1]);
  assert.deepEqual(conversation.receive(spoken(2, ANN, null)), []);
  const redrawn = { messages: entries(1, 1), cursors: { 7: id(1) }, resets: ["7"] };
  assert.deepEqual(conversation.receive(redrawn), []);
});

// Two messages are shown, then a gap has come.
function unsure() {
  const it = world();
  it.conversation.receive(update(1, 2));
  it.conversation.receive(update(9, 9, { gaps: { 7: { after: id(2), before: id(9) } } }));
  return it;
}

test("what was done to messages may lie in a gap behind them: they are looked at again, once", async () => {
  const { conversation, requests, shown } = unsure();
  const asked = conversation.review();
  await requests.answer({ messages: [entry(1, { body: "", html: "", deleted: true }), entry(2, { body: "meant" })], more: false });
  assert.equal(await asked, true);
  assert.deepEqual(shown(), [2, [2, 9], 9]);
  assert.equal(conversation.items[0].body, "meant");
  assert.equal(await conversation.review(), false);
});

test("what is done while they are looked at again is newer", async () => {
  const { conversation, requests, shown } = unsure();
  const asked = conversation.review();
  const edit = entry(10, { kind: "edit", target: id(1), message: entry(1, { body: "newer" }) });
  conversation.receive({ messages: [edit], cursors: { 7: id(10) } });
  await requests.answer({ messages: entries(1, 2), more: false });
  await asked;
  assert.equal(conversation.items[0].body, "newer");
  assert.deepEqual(shown(), [1, 2, [2, 9], 9]);
});

test("where they cannot be looked at again nothing changes, and it is tried another time", async () => {
  const { conversation, requests, shown } = unsure();
  const asked = conversation.review();
  await requests.fail(new Unavailable());
  assert.equal(await asked, false);
  assert.deepEqual(shown(), [1, 2, [2, 9], 9]);
  conversation.review();
  assert.equal(requests.open.length, 1);
});

test("where the gap was trimmed away nothing is looked at again", async () => {
  const { conversation, requests, shown } = world();
  conversation.receive(update(1, 2));
  const messages = [entry(9, { kind: "trim", upto: id(8) }), ...entries(10, 11)];
  conversation.receive({ messages, cursors: { 7: id(11) }, gaps: { 7: { after: id(2), before: id(9) } } });
  assert.deepEqual(shown(), [10, 11]);
  await conversation.review();
  assert.equal(requests.all.length, 0);
});

test("without a gap nothing is looked at again", async () => {
  const { conversation, requests } = world();
  conversation.receive(update(1, 2));
  assert.equal(await conversation.review(), false);
  assert.equal(requests.all.length, 0);
});

test("after a reset, what was not yet taken is still there", async () => {
  const { conversation, say, shown } = world();
  conversation.receive(spoken(1, BOB, null));
  await say("one");
  conversation.receive({ messages: [], cursors: { 7: "newepoch-0" }, resets: ["7"] });
  assert.deepEqual(shown(), ["reset", "one"]);
});

const EVE = { id: "eve", name: "Eve" };

test("a line stands before the first message of others that was not read, and stays there", () => {
  const { conversation, shown } = world();
  conversation.receive({ messages: [entry(1), entry(2, { author: BOB })], cursors: { 7: id(2) } });
  assert.deepEqual(shown(), [1, 2]);
  conversation.mark = id(2);
  assert.deepEqual(shown(), [1, 2]);
  const more = [entry(3), entry(4, { author: EVE }), entry(5, { author: BOB }), entry(6, { author: BOB })];
  conversation.receive({ messages: more, cursors: { 7: id(6) } });
  assert.deepEqual(shown(), [1, 2, 3, 4, "unread", 5, 6]);
  assert.equal(conversation.unreadIsAway, false);
});

test("the line does not stand behind a gap in which it may belong", () => {
  const { conversation, shown } = world();
  conversation.mark = id(2);
  conversation.receive({ messages: [entry(9, { author: BOB })], cursors: { 7: id(9) } });
  assert.deepEqual(shown(), [[0, 9], 9]);
  assert.equal(conversation.unreadIsAway, true);
  conversation.mark = id(8);
  assert.deepEqual(shown(), [[0, 9], "unread", 9]);
  conversation.mark = "newepoch-1";
  assert.deepEqual(shown(), [[0, 9], 9]);
});

test("one can be at a message and at the end again, and is not asked for what is there", async () => {
  const { conversation, timeline, requests, shown } = world();
  conversation.receive(update(200, 200));
  const there = conversation.toMessage(id(60));
  await requests.answer({ messages: entries(11, 109), more: false });
  await there;
  assert.deepEqual([shown().at(0), shown().at(-1)], [[0, 11], [109, 201]]);
  await conversation.toMessage(id(70));
  const back = conversation.toNewest();
  await requests.answer({ messages: entries(101, 200), more: true });
  await back;
  assert.deepEqual([shown().at(0), shown().at(-1)], [[0, 101], 200]);
  assert.equal(timeline.newest, true);
  await conversation.toNewest();
  assert.equal(requests.all.length, 2);
});

test("a gap is filled with what is known as of its asking", async () => {
  const { conversation, requests, shown, timeline } = world();
  conversation.receive(update(3, 3));
  const filled = conversation.fill(timeline.items[0]);
  const edit = { id: id(4), room: "7", kind: "edit", target: id(1), author: BOB, message: entry(1, { html: "new" }) };
  conversation.receive({ messages: [edit], cursors: { 7: id(4) } });
  await requests.answer({ messages: entries(1, 2), more: false });
  await filled;
  assert.deepEqual(shown(), [1, 2, 3]);
  assert.equal(timeline.items[0].html, "new");
});

test("one is at the end also where more was said while it was asked for", async () => {
  const { conversation, timeline, requests, shown } = world();
  conversation.receive(update(200, 200));
  const there = conversation.toMessage(id(60));
  await requests.answer({ messages: entries(11, 109), more: false });
  await there;
  const back = conversation.toNewest();
  conversation.receive(update(201, 202));
  await requests.answer({ messages: entries(101, 200), more: true });
  await requests.answer({ messages: entries(201, 202), more: false });
  await back;
  assert.deepEqual(shown().slice(-3), [200, 201, 202]);
  assert.equal(timeline.newest, true);
});

test("one can be where it begins to be unread, also where that is missing behind what is shown", async () => {
  const { conversation, requests, shown } = world();
  conversation.receive({ messages: [entry(1, { author: BOB })], cursors: { 7: id(1) } });
  conversation.mark = id(1);
  conversation.receive({ messages: [entry(300, { author: BOB })], cursors: { 7: id(300) } });
  assert.equal(conversation.unreadIsAway, true);
  const there = conversation.toUnread();
  await requests.answer({ messages: entries(1, 50).map((it) => ({ ...it, author: BOB })), more: false });
  await there;
  assert.deepEqual(shown().slice(0, 3), [1, "unread", 2]);
  await conversation.toUnread();
  assert.equal(requests.all.length, 1);
});

test("what was read elsewhere is not unread here", () => {
  const { conversation, shown } = world();
  const messages = [1, 2, 3].map((offset) => entry(offset, { author: BOB }));
  conversation.receive({ messages, cursors: { 7: id(3) } });
  assert.equal(conversation.pass(id(2)), false); // where nobody knows
  conversation.mark = id(1);
  assert.equal(conversation.pass(id(2)), true);
  assert.deepEqual(shown(), [1, 2, "unread", 3]);
  assert.deepEqual([id(1), id(2), id(3, "newepoch")].map((it) => conversation.pass(it)), [false, false, false]);
  assert.deepEqual(shown(), [1, 2, "unread", 3]);
});
