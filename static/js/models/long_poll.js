// Updates by held requests, for as long as the page is open: for await (const update of updates).
//
// An update has been applied when the next one is asked for, so the cursor of each request is asked of its owner and a
// lost or half reply costs nothing: the same update comes again. While it is not known that the server answers, a
// request is not held (`wait=0`): success is then seen at once and not after half a minute. A held request that something
// on the way has cut is no news to anybody, unless the next one fails, too.

import { Refused, Unavailable } from "../exchange.js";
import { Backoff } from "../backoff.js";
import { Hold } from "./hold.js";

const PATH = "/a/message/updates";
const PROBE_PATIENCE = 10_000; // ms for an answer that nobody holds back
const SOONEST = 250; // ms: a held request that comes back empty before that was not held; something is odd
const LONGEST_REST = 60_000; // ms: whatever the server asks for, somebody is watching
const ROUND = 10_000; // ms between requests of a tab that may not hold
const FINAL = new Set([401, 403, 404]);

export class LongPoll {
  #asks;
  #me;
  #fewer;
  #hold;
  #patience;
  #exchange;
  #backoff;
  #pause;
  #now;
  #mayHold;
  #report;
  #live = false;
  #closed = false;
  #attempt = null;

  // asks: () => [{ room, cursor, presence? (the version of who is there, where that is of interest) }], these first;
  // me: () => the version of what is the reader's own, or undefined;
  // fewer: () => called when something asked for is not there: may the next request ask for less?
  // hold: a Hold; patience: ms after which a held request is given up; now: () => ms;
  // mayHold: () => may a request occupy a connection now? If not, it is asked from time to time;
  // report: ({ state: "live" | "connecting" | "offline" | "restarting" | "closed", until? (ms, of the next attempt),
  // gone? (the room is not there for the reader any more) })
  constructor({ asks, me, fewer, hold, patience, exchange, backoff, pause, now, mayHold, report }) {
    this.#asks = asks;
    this.#me = me;
    this.#fewer = fewer;
    this.#hold = hold;
    this.#patience = patience;
    this.#exchange = exchange;
    this.#backoff = backoff;
    this.#pause = pause;
    this.#now = now;
    this.#mayHold = mayHold;
    this.#report = report;
  }

  async *[Symbol.asyncIterator]() {
    this.#report({ state: "connecting" });
    while (!this.#closed) {
      const asked = this.#now();
      const held = this.#live && this.#mayHold();
      const update = await this.#poll(held);
      if (update === null) continue;
      yield update;
      await this.#rest(update, held, this.#now() - asked);
    }
  }

  // There is reason to believe that the connection has changed or the reader has come back: ask now.
  wake() {
    this.#pause.wake();
    this.#live = false;
    this.#attempt?.abort();
  }

  // Something else is to be asked for: do not wait for what was.
  renew() {
    this.#attempt?.abort();
  }

  // Let the connection of a held request go where it may not be occupied any more.
  release() {
    if (!this.#mayHold()) this.wake();
  }

  // Nobody listens any more.
  stop() {
    this.#closed = true;
    this.wake();
  }

  // The update, or null when there is none and it may be asked for again (or, once closed, never).
  async #poll(held) {
    const attempt = (this.#attempt = new AbortController());
    const asked = this.#now();
    try {
      const update = checked(await this.#request(held, attempt.signal));
      this.#alive();
      if (held) this.#hold.kept(this.#now() - asked);
      return update;
    } catch (error) {
      await this.#recover(error, attempt.signal.aborted, held ? this.#now() - asked : 0);
      return null;
    } finally {
      this.#attempt = null;
    }
  }

  #request(held, signal) {
    const asks = this.#asks();
    const [room, cursor, presence] = ["room", "cursor", "presence"].map((name) => asks.map((it) => it[name]));
    const wait = held ? this.#hold.wait : 0;
    const fields = { room, cursor, presence, wait, me: this.#me() };
    const patience = wait === undefined ? this.#patience : PROBE_PATIENCE + wait * 1000;
    return this.#exchange.post(PATH, fields, { patience, signal });
  }

  #alive() {
    if (!this.#live) this.#report({ state: "live" });
    this.#live = true;
  }

  // age: ms for which the request was held
  async #recover(error, woken, age) {
    if (!(error instanceof Refused || error instanceof Unavailable)) throw error;
    if (woken || (error.status === 404 && this.#fewer())) return;
    if (FINAL.has(error.status)) return this.#close(error.status === 404);
    if (error.cut && age >= Hold.SHORTEST) return this.#cut(age);
    const delay = error instanceof Refused ? Backoff.LONGEST : error.retryAfter;
    const state = error.closing ? "restarting" : "offline";
    await this.#wait(state, Math.max(delay, this.#backoff.next()));
  }

  async #cut(age) {
    this.#hold.cut(age);
    this.#live = false;
    await this.#pause.for(this.#backoff.next());
  }

  #close(gone) {
    this.#closed = true;
    this.#report({ state: "closed", gone });
  }

  async #rest({ retry_in: retryIn, messages, presence, me }, held, took) {
    if (retryIn !== undefined) {
      await this.#wait("restarting", Math.min(LONGEST_REST, retryIn * 1000));
    } else if (messages.length > 0 || presence || me !== undefined || (held && took >= SOONEST)) {
      this.#backoff.reset();
    } else if (held) {
      await this.#pause.for(this.#backoff.next());
    }
    if (!this.#mayHold()) await this.#pause.for(ROUND);
  }

  async #wait(state, delay) {
    this.#live = false;
    this.#report({ state, until: this.#now() + delay });
    await this.#pause.for(delay);
    this.#report({ state });
  }
}

// What answers with 200 may still not be the chatroom.
function checked(update) {
  if (Array.isArray(update?.messages) && update.cursors) return update;
  throw new Unavailable();
}
