import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unavailable } from "../../static/js/exchange.js";
import { History } from "../../static/js/models/history.js";
import { Quoted } from "../../static/js/models/quoted.js";
import { Requests, entries, entry, id } from "./kit.js";

function world() {
  const requests = new Requests();
  const quoted = new Quoted({ room: "7", history: new History({ room: "7", exchange: requests }) });
  return { requests, quoted };
}

async function known(...messages) {
  const { requests, quoted } = world();
  const asked = quoted.ask(messages.map((it) => it.id));
  await requests.answer({ messages, more: false });
  await asked;
  return { requests, quoted };
}

test("messages that lie close are asked for together, once, and are known then", async () => {
  const { requests, quoted } = world();
  const asked = quoted.ask([id(9), id(4), id(9)]);
  assert.equal(await quoted.ask([id(4)]), false);
  assert.deepEqual(requests.fields, [{ after: id(3), before: id(10), limit: 50 }]);
  await requests.answer({ messages: entries(4, 9), more: false });
  assert.equal(await asked, true);
  assert.equal(quoted.get(id(4)).html, "<p>4</p>");
  assert.equal(quoted.get(id(5)), undefined);
});

test("those that lie far apart are asked for one after the other", async () => {
  const { requests, quoted } = world();
  const asked = quoted.ask([id(1), id(50), id(51)]);
  await requests.answer({ messages: [entry(1), entry(50)], more: false });
  await requests.answer({ messages: [entry(51)], more: false });
  await asked;
  assert.deepEqual(requests.fields.map(({ after, before }) => [after, before]), [[id(0), id(51)], [id(50), id(52)]]);
});

test("what is not there, or has no text any more, is known to be gone", async () => {
  const { requests, quoted } = world();
  const asked = quoted.ask([id(1), id(2), id(3)]);
  const acts = [entry(1, { kind: "room" }), entry(2, { html: "", deleted: true })];
  await requests.answer({ messages: acts, more: false });
  await asked;
  assert.deepEqual([1, 2, 3].map((it) => quoted.get(id(it))), [null, null, null]);
});

test("what could not be asked for can be asked for again; what is refused is gone", async () => {
  const { requests, quoted } = world();
  const asked = quoted.ask([id(1)]);
  await requests.fail(new Unavailable());
  assert.equal(await asked, false);
  assert.equal(quoted.get(id(1)), undefined);
  const again = quoted.ask([id(1)]);
  await requests.fail(new Refused(400, "no"));
  await again;
  assert.equal(quoted.get(id(1)), null);
});

test("what is amended or deleted is so here, too, and of other rooms nothing", async () => {
  const { quoted } = await known(entry(1), entry(2), entry(3));
  const act = (target, more) => ({ id: id(9), room: "7", target: id(target), ...more });
  quoted.hear({
    messages: [
      act(1, { kind: "edit", message: entry(1, { html: "new" }) }),
      act(2, { kind: "deletion" }),
      act(3, { kind: "deletion", room: "8" }),
      act(4, { kind: "edit", message: entry(4) }),
    ],
  });
  assert.equal(quoted.get(id(1)).html, "new");
  assert.equal(quoted.get(id(2)), null);
  assert.equal(quoted.get(id(3)).html, "<p>3</p>");
  assert.equal(quoted.get(id(4)), undefined);
});

test("after an erasure, a trim, a gap or a reset all is asked for again", async () => {
  const messages = [];
  const acts = [
    { messages: [{ id: id(2), room: "7", kind: "erasure", person: "ann" }] },
    { messages: [{ id: id(2), room: "7", kind: "trim", upto: id(1) }] },
    { messages, gaps: { 7: { after: id(1), before: id(9) } } },
    { messages, resets: ["7"] },
  ];
  for (const update of acts) {
    const { quoted } = await known(entry(1));
    quoted.hear(update);
    assert.equal(quoted.get(id(1)), undefined);
  }
});
