import assert from "node:assert/strict";
import { test } from "node:test";

import { Vigil } from "../../static/js/models/vigil.js";
import { Clock } from "./kit.js";

function world(slack) {
  const clock = new Clock();
  const told = [];
  new Vigil({ ...clock, slack: () => slack, tick: () => told.push("tick"), slept: () => told.push("slept") }).keep();
  return { clock, told };
}

test("a timer that comes in time, or a little late, is no sleep", async () => {
  const { clock, told } = world(5000);
  await clock.pass(Vigil.TICK);
  await clock.pass(Vigil.TICK + 5000);
  assert.deepEqual(told, ["tick", "tick"]);
});

test("a timer that comes much too late is told before anything else", async () => {
  const { clock, told } = world(5000);
  await clock.pass(Vigil.TICK + 5001);
  await clock.pass(Vigil.TICK);
  assert.deepEqual(told, ["slept", "tick", "tick"]);
});

test("a tab whose timers are slowed down has not slept", async () => {
  const { clock, told } = world(75_000);
  await clock.pass(60_000);
  assert.deepEqual(told, ["tick"]);
});
