import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../static/js/models/history.js";
import { Requests, entries, id } from "./kit.js";

test("the range of a gap is asked for in its room, a page of what is next to what follows", async () => {
  const requests = new Requests();
  const history = new History({ room: "房间/7", exchange: requests });
  const asked = history.range({ after: id(3), before: id(9) });
  const [{ path, fields }] = requests.all;
  assert.equal(path, `/a/room/${encodeURIComponent("房间/7")}/messages`);
  assert.deepEqual(fields, { after: id(3), before: id(9), limit: 100 });
  await requests.answer({ messages: entries(4, 8), more: false });
  assert.equal((await asked).messages.length, 5);
});

test("of what is later than what is read, the page next to that is asked for", () => {
  const requests = new Requests();
  const history = new History({ room: "7", exchange: requests });
  history.range({ after: id(3), before: id(900), later: true });
  history.range({ after: id(3), before: id(9), later: true });
  assert.deepEqual(requests.fields.map(({ before }) => before), [id(104), id(9)]);
});

test("messages that are too long for one reply are asked for in several", async () => {
  const requests = new Requests();
  const history = new History({ room: "7", exchange: requests });
  const asked = history.messages([id(1), id(2)]);
  await requests.answer({ messages: entries(2, 2), more: true });
  await requests.answer({ messages: entries(1, 1), more: false });
  assert.deepEqual([...(await asked).keys()], [id(2), id(1)]);
  assert.deepEqual(requests.fields.map(({ after, before }) => [after, before]), [[id(0), id(3)], [id(0), id(2)]]);
});

test("around a message lie half a page before it and half a page behind it", async () => {
  const requests = new Requests();
  const history = new History({ room: "7", exchange: requests });
  history.around(id(120));
  const early = history.around(id(3));
  assert.deepEqual(requests.fields.map(({ after, before }) => [after, before]), [[id(70), id(170)], [id(0), id(53)]]);
  await requests.answer({});
  await requests.answer({ messages: entries(1, 52), more: false });
  const { messages, ...range } = await early;
  assert.equal(messages.length, 52);
  assert.deepEqual(range, { more: false, after: id(0), before: id(53) });
});
