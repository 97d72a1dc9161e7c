import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/backoff.js";
import { Refused, Unavailable } from "../../static/js/exchange.js";
import { Hold } from "../../static/js/models/hold.js";
import { LongPoll } from "../../static/js/models/long_poll.js";
import { Pause } from "../../static/js/pause.js";
import { Clock, Drawer, Requests, id, settled, update } from "./kit.js";

const HOLD = 25_000;
const PATIENCE = 35_000;

async function world() {
  const clock = new Clock();
  const requests = new Requests();
  const reports = [];
  const heard = [];
  const may = { hold: true };
  const others = [];
  const own = {};
  const updates = new LongPoll({
    asks: () => [{ room: "7", cursor: id(heard.length), presence: own.presence }, ...others],
    me: () => own.version,
    fewer: () => others.splice(0).length > 0,
    hold: new Hold({ shelf: new Drawer(), full: HOLD }),
    patience: PATIENCE,
    exchange: requests,
    backoff: new Backoff(() => 0.5),
    pause: new Pause(clock.sleep),
    now: clock.now,
    mayHold: () => may.hold,
    report: (status) => reports.push(status),
  });
  const listening = (async () => {
    for await (const update of updates) heard.push(update);
  })();
  await settled();
  return { clock, requests, reports, heard, may, others, own, updates, listening, states: () => reports.map((it) => it.state) };
}

async function live() {
  const it = await world();
  await it.requests.answer(nothing());
  it.reports.length = 0;
  return it;
}

const nothing = (more = {}) => ({ messages: [], cursors: { 7: id(0) }, ...more });

test("the first request asks for an answer at once, those after it are held", async () => {
  const { requests, states } = await world();
  assert.deepEqual(states(), ["connecting"]);
  await requests.answer(nothing());
  assert.deepEqual(requests.fields.map(({ wait }) => wait), [0, undefined]);
  assert.deepEqual(states(), ["connecting", "live"]);
  assert.equal(requests.all[1].patience, PATIENCE);
});

test("an update is applied before the next request says where the reader stands", async () => {
  const { requests, heard } = await live();
  await requests.answer(update(1, 1));
  assert.equal(heard.length, 2);
  assert.deepEqual(requests.fields.map(({ cursor }) => cursor), [[id(0)], [id(1)], [id(2)]]);
});

test("it asks for all rooms, who is in the first, and last for changes of what is the reader's own", async () => {
  const { requests, others, own } = await live();
  others.push({ room: "8", cursor: id(5) });
  Object.assign(own, { version: "b-1", presence: "a-1" });
  await requests.answer(update(1, 1));
  assert.deepEqual(requests.all.at(-1).fields, {
    room: ["7", "8"],
    cursor: [id(2), id(5)],
    presence: ["a-1", undefined],
    wait: undefined,
    me: "b-1",
  });
  assert.equal(Object.keys(requests.all.at(-1).fields).at(-1), "me");
});

test("who is there is news", async () => {
  const { requests, clock } = await live();
  for (let i = 0; i < 5; i++) await requests.answer(nothing({ presence: { 7: {} } }));
  assert.deepEqual(clock.slept, []);
});

test("what is the reader's own is news", async () => {
  const { requests, clock } = await live();
  for (let i = 0; i < 5; i++) await requests.answer(nothing({ me: `b-${i}` }));
  assert.deepEqual(clock.slept, []);
});

test("when one room of several is not there it asks for those that are left", async () => {
  const { requests, others, states } = await live();
  others.push({ room: "8", cursor: id(5) });
  await requests.fail(new Refused(404, "no"));
  assert.deepEqual(requests.open[0].fields.room, ["7"]);
  assert.deepEqual(states(), []);
});

test("what is asked for can be changed while a request is held, which stays no failure", async () => {
  const { requests, updates, others, clock, states } = await live();
  others.push({ room: "8", cursor: id(5) });
  updates.renew();
  await settled();
  assert.deepEqual(requests.open.map(({ fields }) => [fields.room, fields.wait]), [[["7", "8"], undefined]]);
  assert.deepEqual([clock.slept, states()], [[], []]);
});

test("a hold that ends without news is followed by the next at once", async () => {
  const { requests, clock, states } = await live();
  for (let i = 0; i < 3; i++) {
    await clock.pass(HOLD);
    await requests.answer(nothing());
  }
  assert.equal(requests.open.length, 1);
  assert.deepEqual(clock.slept, []);
  assert.deepEqual(states(), []);
});

test("while there is no connection it tries again, later each time, and says when", async () => {
  const { requests, clock, reports } = await live();
  for (const delay of [250, 500, 1000, 2000, 4000, 7500, 7500]) {
    await requests.fail(new Unavailable());
    assert.deepEqual(reports.at(-1), { state: "offline", until: clock.time + delay });
    assert.equal(requests.open.length, 0);
    await clock.pass(delay);
    assert.equal(requests.open.length, 1);
  }
});

test("after a failure the next request is not held, and success is said at once", async () => {
  const { requests, clock, reports } = await live();
  await requests.fail(new Unavailable());
  await clock.pass(250);
  assert.equal(requests.all.at(-1).fields.wait, 0);
  await requests.answer(nothing());
  assert.deepEqual(reports.at(-1), { state: "live" });
  assert.equal(requests.all.at(-1).fields.wait, undefined);
});

test("a server that answers and never holds does not get requests faster and faster", async () => {
  const { requests, clock } = await live();
  for (let i = 0; i < 6; i++) {
    await requests.fail(new Unavailable());
    await clock.pass(Backoff.LONGEST);
    await requests.answer(nothing());
  }
  assert.deepEqual(clock.slept, [250, 500, 1000, 2000, 4000, 7500]);
});

test("held requests that come back empty at once are asked more and more slowly", async () => {
  const { requests, clock } = await live();
  await requests.answer(nothing());
  await clock.pass(250);
  await requests.answer(nothing());
  assert.deepEqual(clock.slept, [250, 500]);
});

test("news that come fast are not slowed down", async () => {
  const { requests, clock } = await live();
  for (let i = 1; i < 6; i++) await requests.answer(update(i, i));
  assert.deepEqual(clock.slept, []);
});

test("waking ends the pause", async () => {
  const { requests, updates } = await live();
  await requests.fail(new Unavailable());
  updates.wake();
  await settled();
  assert.equal(requests.open.length, 1);
});

test("waking replaces a held request that may be dead, and is no failure", async () => {
  const { requests, updates, clock, states } = await live();
  updates.wake();
  await settled();
  assert.equal(requests.open.length, 1);
  assert.equal(requests.open[0].fields.wait, 0);
  assert.deepEqual(clock.slept, []);
  assert.ok(!states().includes("offline"));
});

test("the pause that the server asks for is kept, and what came with it is heard", async () => {
  const { requests, clock, reports, heard } = await live();
  await requests.answer(update(1, 1, { retry_in: 2.5 }));
  assert.equal(heard.length, 2);
  assert.deepEqual(reports.at(-1), { state: "restarting", until: clock.time + 2500 });
  await clock.pass(2499);
  assert.equal(requests.open.length, 0);
  await clock.pass(1);
  assert.equal(requests.open.length, 1);
});

test("a pause that is too long for anybody is cut", async () => {
  const { requests, clock } = await live();
  await requests.answer(nothing({ retry_in: 1e9 }));
  assert.deepEqual(clock.slept, [60_000]);
});

test("a server that is closing is said to be restarting, and its Retry-After is kept", async () => {
  const { requests, clock, reports } = await live();
  await requests.fail(new Unavailable(2000, true));
  assert.deepEqual(reports.at(-1), { state: "restarting", until: clock.time + 2000 });
});

test("a tab that may not hold asks from time to time, and holds again when it may", async () => {
  const { requests, clock, may } = await live();
  may.hold = false;
  await requests.answer(update(1, 1));
  await clock.pass(10_000);
  await requests.answer(nothing());
  may.hold = true;
  await clock.pass(10_000);
  assert.deepEqual(requests.fields.map(({ wait }) => wait), [0, undefined, 0, undefined]);
  assert.deepEqual(clock.slept, [10_000, 10_000]);
});

for (const status of [401, 403, 404]) {
  test(`after ${status} it stops for good`, async () => {
    const { requests, listening, reports, states } = await live();
    await requests.fail(new Refused(status, "no"));
    await listening;
    assert.deepEqual(states(), ["closed"]);
    assert.equal(reports.at(-1).gone, status === 404);
    assert.equal(requests.open.length, 0);
  });
}

test("any other refusal is tried again as slowly as it gets", async () => {
  const { requests, clock } = await live();
  await requests.fail(new Refused(400, "no"));
  await clock.pass(Backoff.LONGEST);
  await requests.fail(new Refused(400, "no"));
  assert.deepEqual(clock.slept, [15_000, 15_000]);
});

for (const reply of [null, {}, [], { messages: [] }, { messages: [], cursors: null }]) {
  test(`a reply that is not an update is a failure: ${JSON.stringify(reply)}`, async () => {
    const { requests, heard, states } = await live();
    await requests.answer(reply);
    assert.equal(heard.length, 1);
    assert.deepEqual(states(), ["offline"]);
  });
}

test("a held request that is cut on the way is no news, and the next one says whether the server answers", async () => {
  const { requests, clock, states, heard } = await live();
  await clock.pass(20_000);
  await requests.fail(new Unavailable());
  await clock.pass(250);
  assert.equal(requests.open[0].fields.wait, 0);
  await requests.answer(nothing());
  assert.equal(requests.open[0].fields.wait, undefined);
  assert.equal(heard.length, 2);
  assert.ok(!states().includes("offline"));
});

test("when the one after a cut fails, too, there is no connection", async () => {
  const { requests, clock, states } = await live();
  await clock.pass(20_000);
  await requests.fail(new Unavailable());
  await clock.pass(250);
  await requests.fail(new Unavailable());
  assert.deepEqual(states(), ["offline"]);
});

test("holds that are cut at the same age again end before it from then on", async () => {
  const { requests, clock } = await live();
  for (const age of [20_000, 20_400]) {
    await clock.pass(age);
    await requests.fail(new Unavailable());
    await clock.pass(Backoff.LONGEST);
    await requests.answer(nothing());
  }
  assert.deepEqual([requests.open[0].fields.wait, requests.open[0].patience], [16, 26_000]);
});

test("a server that says that it is going down has cut nothing", async () => {
  const { requests, clock, states } = await live();
  await clock.pass(20_000);
  await requests.fail(new Unavailable(0, true, false));
  assert.deepEqual(states(), ["restarting"]);
});

test("who listens no more stops it, and what was held is let go", async () => {
  const { requests, updates, listening } = await live();
  updates.stop();
  await listening;
  assert.equal(requests.open.length, 0);
});

test("a tab that may not hold any more lets its connection go", async () => {
  const { requests, updates, may } = await live();
  updates.release();
  assert.equal(requests.open.length, 1);
  may.hold = false;
  updates.release();
  await settled();
  assert.deepEqual(requests.open.map(({ fields }) => fields.wait), [0]);
});
