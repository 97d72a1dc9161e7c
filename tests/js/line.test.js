import assert from "node:assert/strict";
import { test } from "node:test";

import { lockLine, workerLine } from "../../static/js/line.js";
import { settled } from "./kit.js";

// Pages of one site: channels on which each hears the others, and a lock that one of them has.
function site() {
  const channels = new Set();
  const waiting = [];
  const boards = [];
  const locks = { request: (_, serve) => waiting.push(serve) };
  const open = (id) => {
    const channel = Object.assign(new EventTarget(), { name: "poll" });
    channel.postMessage = (data) => {
      for (const other of channels) {
        if (other !== channel) other.dispatchEvent(Object.assign(new Event("message"), { data }));
      }
    };
    channels.add(channel);
    const heard = [];
    const board = () => {
      const it = { heard: [], hear: (line, message) => it.heard.push([line, message]) };
      boards.push(it);
      return it;
    };
    const line = lockLine({ id, channel, locks, board });
    line.open((message) => heard.push(message));
    return { line, heard, die: () => channels.delete(channel) };
  };
  return { open, boards, grant: () => waiting.shift()() };
}

test("what pages say goes to the one that holds the lock, and answers to who has asked", () => {
  const { open, boards, grant } = site();
  const [a, b, c] = ["a", "b", "c"].map(open);
  grant();
  for (const page of [a, b, c]) assert.deepEqual(page.heard, [{ verb: "again" }]);
  a.line.say({ verb: "enter", of: "a" });
  b.line.say({ verb: "enter", of: "b" });
  b.line.say({ verb: "beat" });
  assert.deepEqual(boards[0].heard.map(([, { verb }]) => verb), ["enter", "enter", "beat"]);
  const [own, other, again] = boards[0].heard.map(([line]) => line);
  assert.equal(other, again);
  own.say("to a");
  other.say("to b");
  assert.deepEqual([a, b, c].map(({ heard }) => heard.slice(1)), [["to a"], ["to b"], []]);
});

test("when that page is gone another one takes over, and all come anew", () => {
  const { open, boards, grant } = site();
  const [a, b, c] = ["a", "b", "c"].map(open);
  grant();
  a.die();
  grant();
  assert.deepEqual([b, c].map(({ heard }) => heard.length), [2, 2]);
  c.line.say({ verb: "enter" });
  assert.deepEqual(boards.map(({ heard }) => heard.length), [0, 1]);
});

test("what is said while nobody holds the lock is lost, and nobody minds: all are asked to come anew", () => {
  const { open, grant, boards } = site();
  const a = open("a");
  a.line.say({ verb: "enter" });
  grant();
  assert.deepEqual([a.heard, boards[0].heard], [[{ verb: "again" }], []]);
});

test("a line to a worker carries both ways, says when there is no worker, and leads to another one when asked to", async () => {
  const { port1, port2 } = new MessageChannel();
  const worker = Object.assign(new EventTarget(), { port: port1 });
  const other = Object.assign(new EventTarget(), { port: { postMessage: (it) => heard.push(it) } });
  const workers = [worker, other];
  const heard = [];
  const line = workerLine(() => workers.shift());
  line.open((message) => heard.push(message), () => heard.push("lost"));
  const said = new Promise((resolve) => (port2.onmessage = ({ data }) => resolve(data)));
  line.say({ verb: "beat" });
  assert.deepEqual(await said, { verb: "beat" });
  port2.postMessage({ verb: "here" });
  while (heard.length === 0) await settled();
  worker.dispatchEvent(new Event("error"));
  assert.deepEqual(heard, [{ verb: "here" }, "lost"]);
  port1.close();
  line.reopen();
  line.say("to the other");
  other.port.onmessage({ data: "from the other" });
  assert.deepEqual(heard.slice(2), ["to the other", "from the other"]);
});
