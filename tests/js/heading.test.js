import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Heading } from "../../static/js/models/heading.js";
import { id, Requests, settled, update } from "./kit.js";

function world(more = {}) {
  const exchange = new Requests();
  const shown = [];
  const changed = () => shown.push([heading.title, heading.topic]);
  const heading = new Heading({ room: "茶", title: "", topic: "", exchange, changed, ...more });
  return { exchange, heading, shown };
}

const change = (offset, more, room = "茶") => ({ id: id(offset), room, kind: "room", ...more });
const told = (...messages) => ({ messages, cursors: { 茶: messages.at(-1).id } });
const GAP = { 茶: { after: id(1), before: id(9) } };

test("a title and a topic change, each by itself, and are cleared", async () => {
  const { heading, shown } = world();
  await heading.apply(told(change(1, { title: "Tea" })));
  await heading.apply(told(change(2, { topic: "Green" })));
  await heading.apply(told(change(3, { title: "" }), change(4, { topic: "Black" })));
  assert.deepEqual(shown, [["Tea", ""], ["Tea", "Green"], ["", "Green"], ["", "Black"]]);
});

test("other fields, other kinds and other rooms change nothing", async () => {
  const { heading, shown, exchange } = world();
  await heading.apply(told(change(1, { slow: 3, access: "private" })));
  await heading.apply(told(change(2, { title: "x" }, "7"), { ...change(3, { title: "x" }), kind: "member" }));
  await heading.apply(update(4, 5));
  assert.deepEqual(shown, []);
  assert.deepEqual(exchange.all, []);
});

test("what a gap or a reset may hold is asked for", async () => {
  for (const more of [{ gaps: GAP }, { resets: ["茶"] }]) {
    const { heading, shown, exchange } = world();
    heading.apply({ ...told(change(10, { topic: "Green" })), ...more });
    assert.equal(exchange.all[0].path, "/a/room/%E8%8C%B6");
    await exchange.answer({ title: "Tea", topic: "Green", cursor: id(12) });
    assert.deepEqual(shown.at(-1), ["Tea", "Green"]);
  }
});

test("an answer that is older than what was heard since is not believed", async () => {
  const { heading, exchange } = world();
  heading.apply({ ...update(9, 9), gaps: GAP });
  await heading.apply(told(change(11, { title: "New" })));
  await exchange.answer({ title: "Old", topic: "", cursor: id(10) });
  assert.equal(heading.title, "New");
});

test("where nobody answers the title stays as it is", async () => {
  for (const error of [new Unavailable(), new Refused(404, "gone")]) {
    const { heading, exchange } = world({ title: "Tea" });
    heading.apply({ ...update(9, 9), gaps: GAP });
    await exchange.fail(error);
    await settled();
    assert.equal(heading.title, "Tea");
  }
});

test("a stale heading that is told everything is a fresh one", async () => {
  const acts = [{ title: "A" }, { topic: "t" }, { title: "", topic: "u" }, { slow: 1 }, { title: "B" }];
  const fresh = { title: "B", topic: "u" };
  for (let known = 0; known <= acts.length; known++) {
    const before = Object.assign({ title: "", topic: "" }, ...acts.slice(0, known));
    const { heading } = world(before);
    for (const [i, it] of acts.slice(known).entries()) await heading.apply(told(change(known + i + 1, it)));
    assert.deepEqual({ title: heading.title, topic: heading.topic }, fresh);
  }
});
