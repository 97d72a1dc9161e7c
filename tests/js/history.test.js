import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../static/js/models/history.js";
import { Requests, entries, id } from "./kit.js";

test("the range of a gap is asked for in its room, as large as a reply may be", async () => {
  const requests = new Requests();
  const history = new History({ room: "房间/7", exchange: requests });
  const asked = history.range({ after: id(3), before: id(9) });
  const [{ path, fields }] = requests.all;
  assert.equal(path, `/a/room/${encodeURIComponent("房间/7")}/messages`);
  assert.deepEqual(fields, { after: id(3), before: id(9), limit: 200 });
  await requests.answer({ messages: entries(4, 8), more: false });
  assert.equal((await asked).messages.length, 5);
});
