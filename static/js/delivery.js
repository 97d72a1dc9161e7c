// How updates come to this page: by the one poll of its browser where that can be, else by its own.

import { openBoard, parts } from "./board.js";
import { sleep } from "./clock.js";
import { lockLine, workerLine } from "./line.js";
import { LongPoll } from "./models/long_poll.js";
import { SharedPoll } from "./models/shared_poll.js";

const WORKER = new URL("./worker.js", import.meta.url).href;
// Elsewhere than in its own release nobody could understand the other.
const NAME = `poll ${WORKER}`;

const rules = { createScriptURL: () => WORKER };
const policy = globalThis.trustedTypes?.createPolicy("worker", rules) ?? rules;

// page: a Page; wires: { asks, me, fewer, report, mayHold } as LongPoll's; shelf: a Shelf of the whole site; id: unlike
// that of any other page; slack: () => ms by which a timer may be late here
export function delivery({ page, wires, shelf, id, slack }) {
  const { me, patience } = page;
  const alone = () => new LongPoll({ ...wires, ...parts({ shelf, patience, token: () => page.token }) });
  const line = toWorker() ?? toHolder(id, slack);
  if (!line) return alone();
  const reader = () => ({ me, patience, token: page.token, born: performance.timeOrigin, hold: shelf.read() });
  const updates = new SharedPoll({ ...wires, line, reader, shelf, sleep, alone });
  addEventListener("pagehide", () => updates.leave());
  return updates;
}

function toWorker() {
  try {
    return workerLine(() => new SharedWorker(policy.createScriptURL(WORKER), { type: "module" }));
  } catch {
    return null; // there is none, or it is forbidden
  }
}

function toHolder(id, slack) {
  if (!navigator.locks) return null;
  const channel = new BroadcastChannel(NAME);
  return lockLine({ id, channel, locks: navigator.locks, board: () => openBoard(slack) });
}
