import assert from "node:assert/strict";
import { test } from "node:test";

import { Calendar } from "../../static/js/calendar.js";
import { randomId } from "../../static/js/client_id.js";
import { sleep } from "../../static/js/clock.js";
import { continues, opensDay } from "../../static/js/grouping.js";
import { hueOf } from "../../static/js/hue.js";
import { sends } from "../../static/js/keys.js";
import { locked } from "../../static/js/locked.js";
import { Pause } from "../../static/js/pause.js";
import { idOf, position } from "../../static/js/position.js";
import { Shelf } from "../../static/js/shelf.js";
import { sized } from "../../static/js/sizes.js";
import { counted } from "../../static/js/words.js";
import { Clock, Storage, settled } from "./kit.js";

const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

test("Enter sends and Shift+Enter does not", () => {
  assert.equal(sends(enter), true);
  assert.equal(sends({ ...enter, shiftKey: true }), false);
  assert.equal(sends({ ...enter, key: "a" }), false);
});

test("Enter never sends while an input method composes, nor when only its key code says so", () => {
  assert.equal(sends({ ...enter, isComposing: true }), false);
  assert.equal(sends({ ...enter, keyCode: 229 }), false);
});

test("an id is read into epoch and offset and written back", () => {
  assert.deepEqual(position("k3f9q2ab-128"), { epoch: "k3f9q2ab", offset: 128 });
  assert.equal(idOf({ epoch: "k3f9q2ab", offset: 128 }), "k3f9q2ab-128");
});

test("a client_id is 128 random bits in hexadecimal", () => {
  const crypto = { getRandomValues: (bytes) => bytes.map((_, i) => i) };
  assert.equal(randomId(crypto), "000102030405060708090a0b0c0d0e0f");
  assert.notEqual(randomId(globalThis.crypto), randomId(globalThis.crypto));
});

const line = (author, at, day = "today", name = author) => ({
  ...{ author, name, day },
  at: `2026-11-21T${at}Z`,
});

test("lines of one author within five minutes of each other are one group", () => {
  const first = line("ann", "10:00:00");
  assert.equal(continues(line("ann", "10:05:00"), first), true);
  assert.equal(continues(line("ann", "10:05:01"), first), false);
  assert.equal(continues(line("bob", "10:00:01"), first), false);
  assert.equal(continues(line("ann", "10:00:01", "today", "Anna"), first), false);
  assert.equal(continues(line("ann", "10:00:01", "tomorrow"), first), false);
});

test("the first line opens a day, and so does every line of another day than the one before", () => {
  assert.equal(opensDay(line("ann", "10:00:00"), null), true);
  assert.equal(opensDay(line("ann", "10:00:01"), line("ann", "10:00:00")), false);
  assert.equal(opensDay(line("ann", "10:00:01", "tomorrow"), line("ann", "10:00:00")), true);
});

test("times are those of the reader's zone and language, the day with them", () => {
  const at = "2026-11-21T22:34:00.000Z";
  const english = new Calendar("en-GB", "Asia/Shanghai");
  assert.equal(english.time(at), "06:34");
  assert.match(english.day(at), /Sunday.*22 November 2026/);
  assert.match(english.moment(at), /22 November 2026/);
  assert.match(english.hour(at), /Sunday.*06:34/);
  assert.match(new Calendar("zh-CN", "Asia/Shanghai").day(at), /2026年11月22日/);
});

test("a count takes the form that its language wants", () => {
  const english = { one: "{count} message", other: "{count} messages" };
  assert.equal(counted(english, 1, "en"), "1 message");
  assert.equal(counted(english, 1234, "en"), "1,234 messages");
  assert.equal(counted({ one: "{count} 条", other: "{count} 条" }, 1, "zh-CN"), "1 条");
});

test("a form that the page does not have is spoken in the general one", () => {
  assert.equal(counted({ other: "{count} zpráv" }, 3, "cs"), "3 zpráv");
});

test("several sentences on one element are told apart by a prefix", () => {
  const both = { leftOne: "{count} left", leftOther: "{count} left", overOther: "{count} over" };
  assert.equal(counted(both, 1, "en", "left"), "1 left");
  assert.equal(counted(both, 2, "en", "over"), "2 over");
});

test("a pause ends by itself or when it is woken, and waking nobody does nothing", async () => {
  const clock = new Clock();
  const pause = new Pause(clock.sleep);
  const ended = [];
  pause.wake();
  pause.for(100).then(() => ended.push("by itself"));
  await clock.pass(99);
  assert.deepEqual(ended, []);
  await clock.pass(1);
  pause.for(100).then(() => ended.push("woken"));
  pause.wake();
  await settled();
  assert.deepEqual(ended, ["by itself", "woken"]);
});

test("a real sleep ends when its signal aborts, before or during it", async () => {
  const hour = 3_600_000;
  await sleep(hour, AbortSignal.abort());
  const controller = new AbortController();
  const sleeping = sleep(hour, controller.signal);
  controller.abort();
  await sleeping;
});

test("a shelf keeps a value under its own key", () => {
  const storage = new Storage();
  const shelf = new Shelf(() => storage, "outbox");
  assert.equal(shelf.read(), null);
  shelf.write(["hello"]);
  assert.deepEqual(shelf.read(), ["hello"]);
  assert.equal(new Shelf(() => storage, "draft").read(), null);
  shelf.clear();
  assert.equal(shelf.read(), null);
});

test("a shelf that the browser forbids is empty and takes everything", () => {
  const shelf = new Shelf(() => {
    throw new Error("SecurityError");
  }, "outbox");
  shelf.write(["hello"]);
  shelf.clear();
  assert.equal(shelf.read(), null);
});

test("a person has the hue that the server gives to what they say", () => {
  assert.deepEqual(["", "ab", "5b1f0c77"].map(hueOf), [0, 3, 7]);
});

test("a task waits for its lock where there are locks, and for nothing where there are none", async () => {
  const asked = [];
  const locks = { request: async (name, task) => (asked.push(name), task()) };
  assert.equal(await locked(locks, "outbox", async () => "done"), "done");
  assert.deepEqual(asked, ["outbox"]);
  assert.equal(await locked(undefined, "outbox", async () => "done"), "done");
});

test("the size of a file is told in three digits, as the reader's language writes it", () => {
  const sizes = [0, 1, 999, 1000, 1_440_000, 2e12];
  const told = ["0 byte", "1 byte", "999 byte", "1 kB", "1.44 MB", "2,000 GB"];
  assert.deepEqual(sizes.map((size) => sized(size, "en")), told);
  assert.equal(sized(1_440_000, "de"), "1,44 MB");
});
