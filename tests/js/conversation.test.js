import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Conversation } from "../../static/js/models/conversation.js";
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
  const conversation = new Conversation({ me: "ann", timeline, outbox });
  const say = (...bodies) => {
    for (const body of bodies) void outbox.post(body, ANN, "2026-11-21T06:34:00Z");
    return settled();
  };
  const shown = () => seen(conversation.items);
  return { requests, conversation, say, shown };
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

test("after a reset, what was not yet taken is still there", async () => {
  const { conversation, say, shown } = world();
  conversation.receive(spoken(1, BOB, null));
  await say("one");
  conversation.receive({ messages: [], cursors: { 7: "newepoch-0" }, resets: ["7"] });
  assert.deepEqual(shown(), ["reset", "one"]);
});
