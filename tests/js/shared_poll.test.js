import assert from "node:assert/strict";
import { test } from "node:test";

import { SharedPoll } from "../../static/js/models/shared_poll.js";
import { Clock, Drawer, id, settled, update } from "./kit.js";

async function world() {
  const clock = new Clock();
  const said = [];
  const reports = [];
  const heard = [];
  const shelf = new Drawer();
  const own = { calls: [] };
  let fewer = 0;
  const line = { say: (message) => said.push(message) };
  line.open = (hear, lost) => Object.assign(line, { hear: async (it) => (hear(it), settled()), lost });
  const alone = () => ({
    wake: () => own.calls.push("wake"),
    renew: () => own.calls.push("renew"),
    release: () => own.calls.push("release"),
    async *[Symbol.asyncIterator]() {
      yield update(9, 9);
    },
  });
  const updates = new SharedPoll({
    asks: () => [{ room: "7", cursor: id(heard.length) }],
    me: () => "m-1",
    fewer: () => (fewer += 1),
    report: (status) => reports.push(status),
    ...{ line, shelf, alone, sleep: clock.sleep },
    reader: () => ({ me: "ann" }),
  });
  const listening = (async () => {
    for await (const it of updates) heard.push(it);
  })();
  await settled();
  const verbs = () => said.map(({ verb }) => verb);
  return { clock, said, verbs, reports, heard, shelf, own, line, updates, listening, fewer: () => fewer };
}

test("it says what it asks for, and hears the updates in order", async () => {
  const { said, line, heard, reports } = await world();
  assert.deepEqual(said[0], { verb: "enter", reader: { me: "ann" }, asks: [{ room: "7", cursor: id(0) }], me: "m-1" });
  line.hear({ verb: "update", update: update(1, 1) });
  await line.hear({ verb: "update", update: update(2, 3) });
  assert.deepEqual(heard, [update(1, 1), update(2, 3)]);
  await line.hear({ verb: "status", status: { state: "live" } });
  assert.deepEqual(reports, [{ state: "connecting" }, { state: "live" }]);
});

test("what it wants is handed on, with what it asks for now", async () => {
  const { updates, said, line } = await world();
  await line.hear({ verb: "update", update: update(1, 1) });
  updates.renew();
  updates.wake();
  updates.leave();
  const asks = [{ room: "7", cursor: id(1) }];
  assert.deepEqual(said.slice(-3), [{ verb: "renew", asks }, { verb: "wake", asks }, { verb: "leave" }]);
});

test("when it is asked to, it comes anew, from where it stands", async () => {
  const { said, line } = await world();
  await line.hear({ verb: "update", update: update(1, 1) });
  await line.hear({ verb: "again" });
  assert.deepEqual([said.at(-1).verb, said.at(-1).asks[0].cursor], ["enter", id(1)]);
});

test("it asks for less when something is not there, and keeps what was learnt", async () => {
  const { line, fewer, shelf } = await world();
  await line.hear({ verb: "fewer" });
  await line.hear({ verb: "learnt", hold: 8 });
  assert.deepEqual([fewer(), shelf.value], [1, 8]);
});

test("once closed it ends, and says nothing any more", async () => {
  const { line, listening, reports, clock, said } = await world();
  await line.hear({ verb: "status", status: { state: "closed", gone: true } });
  await listening;
  assert.deepEqual(reports.at(-1), { state: "closed", gone: true });
  const before = said.length;
  await clock.pass(60_000);
  assert.equal(said.length, before);
});

test("while it is answered it goes on, however long nothing happens", async () => {
  const { clock, line, own, verbs } = await world();
  for (let i = 0; i < 20; i++) {
    await line.hear({ verb: "here" });
    await clock.pass(10_000);
  }
  assert.equal(verbs().filter((it) => it === "beat").length, 21);
  assert.deepEqual(own.calls, []);
});

test("a beat that was missed is no death: the page may have slept", async () => {
  const { clock, line, verbs, heard } = await world();
  await line.hear({ verb: "here" });
  await clock.pass(10_000);
  await clock.pass(3_600_000);
  assert.ok(!verbs().includes("leave"));
  await line.hear({ verb: "here" });
  await clock.pass(10_000);
  assert.deepEqual(heard, []);
});

test("where nobody answers it polls for itself", async () => {
  const { clock, heard, own, updates, verbs, listening } = await world();
  await clock.pass(10_000);
  await listening;
  assert.deepEqual(heard, [update(9, 9)]);
  assert.equal(verbs().at(-1), "leave");
  updates.wake();
  updates.renew();
  updates.release();
  assert.deepEqual(own.calls, ["wake", "renew", "release"]);
});

test("where there is nobody to answer it does so at once, and hears nothing twice", async () => {
  const { line, heard } = await world();
  line.lost();
  await settled();
  await line.hear({ verb: "update", update: update(1, 1) });
  assert.deepEqual(heard, [update(9, 9)]);
});

test("what has come before that is heard first", async () => {
  const { line, heard } = await world();
  line.hear({ verb: "update", update: update(1, 1) });
  line.lost();
  await settled();
  assert.deepEqual(heard, [update(1, 1), update(9, 9)]);
});

test("when what has answered falls silent it gets another line, from where it stands, and only then goes on alone", async () => {
  const { clock, line, verbs, said, heard } = await world();
  let opened = 0;
  line.reopen = () => (opened += 1);
  await line.hear({ verb: "update", update: update(1, 1) });
  for (let i = 0; i < 3; i++) await clock.pass(10_000);
  assert.deepEqual([opened, verbs().slice(-3)], [1, ["leave", "enter", "beat"]]);
  assert.equal(said.at(-2).asks[0].cursor, id(1));
  await clock.pass(10_000);
  assert.deepEqual([opened, heard.at(-1)], [1, update(9, 9)]);
});
