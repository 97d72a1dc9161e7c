import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused } from "../../static/js/exchange.js";
import { Deeds } from "../../static/js/models/deeds.js";
import { History } from "../../static/js/models/history.js";
import { Requests } from "./kit.js";

const PATH = `/a/room/${encodeURIComponent("茶")}`;

function world() {
  const requests = new Requests();
  const history = new History({ room: "茶", exchange: requests });
  return { requests, deeds: new Deeds({ room: "茶", exchange: requests, history }) };
}

test("a message is edited, deleted and a topic set by one request each", () => {
  const { requests, deeds } = world();
  deeds.edit("e-5", "better");
  deeds.remove("e-5");
  deeds.topic("Tea");
  assert.deepEqual(requests.all.map(({ path, fields }) => [path, fields]), [
    [`${PATH}/edit`, { id: "e-5", body: "better" }],
    [`${PATH}/delete`, { id: "e-5" }],
    [PATH, { topic: "Tea" }],
  ]);
});

test("an emoji is put there and taken away", async () => {
  const { requests, deeds } = world();
  deeds.react("e-5", "👍", true);
  await requests.answer({ id: "e-6" });
  deeds.react("e-5", "👍", false);
  await requests.answer({ id: null });
  assert.deepEqual(requests.fields, [
    { id: "e-5", emoji: "👍", on: 1 },
    { id: "e-5", emoji: "👍", on: 0 },
  ]);
});

test("one that the reader has put there unseen is taken away", async () => {
  const { requests, deeds } = world();
  deeds.react("e-5", "👍", true);
  await requests.answer({ id: null });
  assert.deepEqual(requests.fields.map(({ on }) => on), [1, 0]);
});

test("the text of a message is asked for", async () => {
  const { requests, deeds } = world();
  const body = deeds.bodyOf("e-5");
  assert.deepEqual([requests.all[0].fields.after, requests.all[0].fields.before], ["e-4", "e-6"]);
  await requests.answer({ messages: [{ id: "e-5", body: "*hello*" }], more: false });
  assert.equal(await body, "*hello*");
});

test("that of files alone is empty, and not their names", async () => {
  const { requests, deeds } = world();
  const files = [{ name: "a.png" }, { name: "b.png" }];
  const [alone, with_text] = [deeds.bodyOf("e-5"), deeds.bodyOf("e-6")];
  await requests.answer({ messages: [{ id: "e-5", body: "a.png, b.png", files }] });
  await requests.answer({ messages: [{ id: "e-6", body: "look", files }] });
  assert.equal(await alone, "");
  assert.equal(await with_text, "look");
});

test("a message that is gone has no text", async () => {
  for (const messages of [[], [{ id: "e-5", body: "", deleted: true }]]) {
    const { requests, deeds } = world();
    const body = assert.rejects(deeds.bodyOf("e-5"), Refused);
    await requests.answer({ messages });
    await body;
  }
});
