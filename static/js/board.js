// The switchboard of a browser, at work: in a SharedWorker, or in the page that has to do it for the others.

import { Backoff } from "./backoff.js";
import { now, sleep } from "./clock.js";
import { Exchange } from "./exchange.js";
import { Pause } from "./pause.js";
import { Hold } from "./models/hold.js";
import { LongPoll } from "./models/long_poll.js";
import { Switchboard } from "./models/switchboard.js";
import { Vigil } from "./models/vigil.js";

const GRACE = 10_000; // ms for which a page waits longer than the server holds

// What every LongPoll is made of. shelf: for what a Hold has learnt; patience: as LongPoll's; token: as Exchange's
export function parts({ shelf, patience, token }) {
  return {
    ...{ patience, now, hold: new Hold({ shelf, full: patience - GRACE }) },
    exchange: new Exchange({ fetch: (...request) => fetch(...request), token, sleep, now }),
    backoff: new Backoff(Math.random),
    pause: new Pause(sleep),
  };
}

// slack: () => ms by which a timer may be late here
export function openBoard(slack) {
  const board = new Switchboard({ poll, now });
  new Vigil({ now, sleep, slack, tick: () => board.look(), slept: () => board.slept() }).keep();
  return board;

  function poll(wires, reader) {
    const shelf = { read: () => reader().hold, write: (hold) => board.learnt(hold) };
    const { patience } = reader();
    const made = parts({ shelf, patience, token: () => reader().token });
    return new LongPoll({ ...wires, ...made, mayHold: () => true });
  }
}
