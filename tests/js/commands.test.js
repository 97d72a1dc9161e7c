import assert from "node:assert/strict";
import { test } from "node:test";

import { COMMANDS, orderOf } from "../../static/js/commands.js";

test("what begins with no slash is said as it is", () => {
  for (const body of ["hello", "1/2", "and /nick within", "/", "/ alone", "你好"]) assert.deepEqual(orderOf(body), { body });
});

test("two slashes say what begins with one", () => {
  assert.deepEqual(orderOf("//nick is a command"), { body: "/nick is a command" });
  assert.deepEqual(orderOf("///"), { body: "//" });
});

test("a command has what stands behind it, over all lines, in capitals or not", () => {
  assert.deepEqual(orderOf("/nick Ann Lee"), { command: "nick", rest: "Ann Lee" });
  assert.deepEqual(orderOf("/TOPIC  tea\nand cake"), { command: "topic", rest: "tea\nand cake" });
  assert.deepEqual(orderOf("/help"), { command: "help", rest: "" });
});

test("what somebody does is said with emphasis", () => {
  assert.deepEqual(orderOf("/me waves"), { body: "_waves_" });
});

test("a command that is none, and one without what it needs, is nothing to be said", () => {
  assert.deepEqual(orderOf("/etc/passwd is a file"), { unknown: "/etc/passwd" });
  assert.deepEqual(orderOf("/toString"), { unknown: "/toString" });
  for (const name of COMMANDS.filter((it) => it !== "help")) assert.deepEqual(orderOf(`/${name} `), { lacks: `/${name}` });
});
