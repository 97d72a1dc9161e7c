import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Hold } from "../../static/js/models/hold.js";
import { LongPoll } from "../../static/js/models/long_poll.js";
import { Switchboard } from "../../static/js/models/switchboard.js";
import { Pause } from "../../static/js/pause.js";
import { Clock, Requests, id, settled, update } from "./kit.js";

function world() {
  const clock = new Clock();
  const requests = new Requests();
  const poll = (wires, reader) =>
    new LongPoll({
      ...wires,
      ...{ exchange: requests, now: clock.now, mayHold: () => true, patience: reader().patience },
      hold: new Hold({ shelf: { read: () => reader().hold, write: (hold) => board.learnt(hold) }, full: 25_000 }),
      backoff: new Backoff(() => 0.5),
      pause: new Pause(clock.sleep),
    });
  const board = new Switchboard({ poll, now: clock.now });
  return { clock, requests, board, ...opening(board) };
}

function opening(board) {
  const page = (room = "7", cursor = 0, reader = {}) => {
    const heard = [];
    const line = { say: (message) => heard.push(message) };
    const asks = [{ room, cursor: id(cursor), presence: "" }];
    const told = { reader: { me: "ann", born: 1, token: "t", patience: 35_000, hold: null, ...reader }, asks, me: "" };
    const tell = (verb, more = told) => (board.hear(line, { verb, ...more }), settled());
    const of = (verb) => heard.filter((it) => it.verb === verb);
    const states = () => of("status").map(({ status }) => status.state);
    return { line, heard, told, tell, of, states };
  };
  const enter = async (...how) => {
    const it = page(...how);
    await it.tell("enter");
    return it;
  };
  return { page, enter };
}

const nothing = (cursor = 0) => ({ messages: [], cursors: { 7: id(cursor) } });

test("pages share one request, and each hears what it brings", async () => {
  const { enter, requests } = world();
  const [a, b] = [await enter(), await enter()];
  await requests.answer(nothing());
  assert.equal(requests.open.length, 1);
  await requests.answer(update(1, 2));
  assert.equal(requests.all.length, 3);
  for (const { of, states } of [a, b]) {
    assert.deepEqual(of("update").map(({ update: { messages } }) => messages.length), [0, 2]);
    assert.deepEqual(states(), ["connecting", "connecting", "live"].slice(-states().length));
  }
});

test("a page that comes later is told at once how the connection is, and the request held goes on", async () => {
  const { enter, requests } = world();
  await enter();
  await requests.answer(nothing());
  const late = await enter();
  assert.deepEqual(late.states(), ["live"]);
  assert.equal(requests.all.length, 2);
});

test("a page in another room, or further back, is asked for without delay", async () => {
  const { enter, requests } = world();
  await enter("7", 5);
  await requests.answer(nothing(5));
  await enter("8");
  assert.deepEqual(requests.open.map(({ fields }) => fields.room), [["7", "8"]]);
  await enter("7", 3);
  assert.deepEqual(requests.open.map(({ fields }) => fields.cursor), [[id(3), id(0)]]);
});

test("when the last page has left nothing is asked any more, and the next one starts anew", async () => {
  const { enter, requests } = world();
  const [a, b] = [await enter(), await enter()];
  await requests.answer(nothing());
  await a.tell("leave");
  assert.equal(requests.open.length, 1);
  await b.tell("leave");
  assert.equal(requests.open.length, 0);
  const c = await enter();
  assert.equal(requests.open[0].fields.wait, 0);
  await requests.answer(nothing());
  assert.deepEqual(c.states().at(-1), "live");
});

test("pages that say they live are kept, those that are silent for long are let go", async () => {
  const { enter, requests, clock, board } = world();
  const [alive, dead] = [await enter("7"), await enter("8")];
  await requests.answer(nothing());
  for (let i = 0; i < 4; i++) {
    await clock.pass(60_000);
    await alive.tell("beat");
    board.look();
  }
  assert.equal(alive.of("here").length, 4);
  await alive.tell("renew");
  assert.deepEqual(requests.open.map(({ fields }) => fields.room), [["7"]]);
  await dead.tell("beat");
  assert.deepEqual(dead.heard.at(-1), { verb: "again" });
});

test("after a sleep nobody is taken for dead, and it asks at once", async () => {
  const { enter, requests, clock, board } = world();
  const page = await enter();
  await requests.answer(nothing());
  clock.time += 3_600_000;
  board.slept();
  board.look();
  await settled();
  assert.deepEqual(requests.open.map(({ fields }) => fields.wait), [0]);
  await page.tell("beat");
  assert.deepEqual(page.heard.at(-1), { verb: "here" });
});

test("when all pages wake at once that is one waking", async () => {
  const { enter, requests, clock } = world();
  const pages = [await enter(), await enter(), await enter()];
  await requests.answer(nothing());
  await clock.pass(5000);
  for (const page of pages) await page.tell("wake");
  assert.equal(requests.all.length, 3);
});

test("no connection is told to all", async () => {
  const { enter, requests } = world();
  const pages = [await enter(), await enter()];
  await requests.fail(new Unavailable());
  for (const { states } of pages) assert.equal(states().at(-1), "offline");
});

test("when somebody else comes the pages of before end, and only the new ones are asked for", async () => {
  const { enter, requests } = world();
  const ann = await enter("7");
  await requests.answer(nothing());
  const bob = await enter("8", 0, { me: "bob", born: 2 });
  assert.deepEqual(ann.heard.at(-1).status, { state: "closed", stranger: true });
  assert.deepEqual(requests.open.map(({ fields }) => [fields.room, fields.wait]), [[["8"], 0]]);
  await ann.tell("wake");
  assert.deepEqual(ann.heard.at(-1), { verb: "again" });
  await ann.tell("enter");
  assert.deepEqual(ann.heard.at(-1).status, { state: "closed", stranger: true });
  assert.equal(bob.of("status").some(({ status }) => status.state === "closed"), false);
});

test("what one reader knew is not told to the next", async () => {
  const { enter, requests } = world();
  await enter("7");
  await requests.answer({ ...nothing(), me: "a-1", presence: { 7: { version: "v-1" } } });
  const bob = await enter("7", 0, { me: "bob", born: 2 });
  assert.deepEqual(bob.of("update"), []);
  assert.equal(requests.open[0].fields.me, "");
});

test("a room that is closed to the reader ends its pages, the others go on", async () => {
  const { enter, requests } = world();
  const [tea, seven] = [await enter("tea"), await enter("7")];
  await requests.answer(nothing());
  await requests.fail(new Refused(404, "no"));
  assert.deepEqual(requests.open.map(({ fields }) => [fields.room, fields.wait]), [[["tea"], 0]]);
  await requests.fail(new Refused(404, "no"));
  assert.deepEqual(tea.heard.at(-1).status, { state: "closed", gone: true });
  await requests.answer(nothing());
  assert.deepEqual(requests.open.map(({ fields }) => fields.room), [["7"]]);
  assert.notEqual(seven.states().at(-1), "closed");
});

test("while rooms are asked for one by one none is held: the others wait for their turn", async () => {
  const { enter, requests } = world();
  for (const room of ["7", "8", "9"]) await enter(room);
  await requests.answer(nothing());
  await requests.fail(new Refused(404, "no"));
  const asked = [];
  for (let i = 0; i < 3; i++) {
    asked.push(...requests.open.map(({ fields }) => [fields.room, fields.wait]));
    await requests.answer({ messages: [], cursors: {} });
  }
  assert.deepEqual(asked, [[["7"], 0], [["8"], 0], [["9"], 0]]);
  assert.deepEqual(requests.open[0].fields.room, ["7", "8", "9"]);
});

test("when the only room is closed to the reader nothing is asked any more", async () => {
  const { enter, requests } = world();
  const page = await enter("tea");
  await requests.fail(new Refused(404, "no"));
  assert.deepEqual(page.heard.at(-1).status, { state: "closed", gone: true });
  assert.equal(requests.open.length, 0);
});

test("after a refusal for good all pages end, and one that comes later may try again", async () => {
  const { enter, requests } = world();
  const page = await enter();
  await requests.fail(new Refused(403, "no"));
  assert.equal(page.states().at(-1), "closed");
  const later = await enter();
  await requests.answer(nothing());
  assert.equal(later.states().at(-1), "live");
  assert.equal(page.states().at(-1), "closed");
});

test("what was learnt about the way is given to the pages to keep", async () => {
  const { enter, requests, clock } = world();
  const page = await enter();
  await requests.answer(nothing());
  for (let i = 0; i < 2; i++) {
    await clock.pass(10_000);
    await requests.fail(new Unavailable());
    await clock.pass(Backoff.LONGEST);
    await requests.answer(nothing());
  }
  assert.deepEqual(page.of("learnt"), [{ verb: "learnt", hold: 8 }]);
  assert.equal(requests.open[0].fields.wait, 8);
});

test("a poll that ends without a word ends the pages, and does not keep later ones from trying", async () => {
  let polls = 0;
  const poll = () => ({
    stop() {},
    async *[Symbol.asyncIterator]() {
      polls += 1;
    },
  });
  const { enter } = opening(new Switchboard({ poll, now: () => 0 }));
  const pages = [await enter(), await enter()];
  assert.deepEqual(pages.map(({ states }) => states().at(-1)), ["closed", "closed"]);
  assert.equal(polls, 2);
});

test("what a poll has brought that was ended is given to nobody who came after it", async () => {
  const { page, enter, requests, board } = world();
  const [before, after] = [await enter("7", 5), page("7", 3)];
  requests.open.shift().resolve(update(6, 8));
  board.hear(before.line, { verb: "leave" });
  board.hear(after.line, { verb: "enter", ...after.told });
  await settled();
  assert.deepEqual(after.of("update"), []);
  await requests.answer(update(4, 8));
  assert.deepEqual(after.of("update").map(({ update: { messages } }) => messages.length), [5]);
});
