// One poll for all pages of a browser: each has a line here, says what it asks for, and is given its part of each update.
//
// It runs where there is only one of it: in a SharedWorker, or in the page that holds a lock. A page that has not been
// heard of for a while is taken for dead; should it live after all, it is asked to come anew, and loses nothing.
//
// The cookie says who polls, and all pages share it. So when somebody has signed in or out, and a page of theirs comes, the
// pages of whom it was before are told to reload: what is asked on their behalf would be answered to somebody else.

import { Asks } from "./asks.js";

const SILENCE = 150_000; // ms: pages that nobody looks at get to speak once a minute
const ECHO = 1000; // ms in which one waking is enough for all pages

export class Switchboard {
  #poll;
  #now;
  #asks = new Asks();
  #heard = new Map(); // line -> when
  #reader = null;
  #updates = null;
  #status = { state: "connecting" };
  #woken = -Infinity;

  // poll: (wires, reader) => a LongPoll, wires being the part of its arguments that is known here, and reader what the
  // page said that came last; now: () => ms. A line has say(message) and is always the same for a page.
  constructor({ poll, now }) {
    this.#poll = poll;
    this.#now = now;
  }

  // A page says { verb, ... }: "enter" with { reader: { me, born, token, patience, hold }, asks, me }, "renew" and "wake"
  // with { asks }, "beat", "leave".
  hear(line, { verb, ...told }) {
    if (verb === "leave") return this.#leave(line);
    if (verb === "enter") return this.#enter(line, told);
    if (!this.#heard.has(line)) return line.say({ verb: "again" });
    this.#heard.set(line, this.#now());
    if (verb === "beat") return line.say({ verb: "here" });
    this.#asks.change(line, told.asks);
    if (verb === "wake") this.#wake();
    else this.#updates.renew();
  }

  // Called every few seconds: let go of pages that are dead.
  look() {
    const dead = this.#now() - SILENCE;
    for (const [line, heard] of this.#heard) if (heard < dead) this.#leave(line);
  }

  // The machine has slept: nobody could say anything, and the connection is gone.
  slept() {
    for (const line of this.#heard.keys()) this.#heard.set(line, this.#now());
    this.#wake();
  }

  // What was learnt about the way to the server, to be kept by the pages.
  learnt(hold) {
    this.#tell({ verb: "learnt", hold });
  }

  #enter(line, { reader, asks, me }) {
    if (this.#reader && reader.me !== this.#reader.me && this.#heard.size > 0) {
      if (reader.born < this.#reader.born) return line.say(STRANGER);
      for (const other of [...this.#heard.keys()]) this.#dismiss(other, STRANGER);
    }
    this.#reader = reader;
    this.#heard.set(line, this.#now());
    const owed = this.#asks.enter(line, { asks, me });
    line.say({ verb: "status", status: this.#status });
    if (owed) line.say({ verb: "update", update: owed });
    if (!this.#updates) this.#run();
    else if (this.#asks.lacking) this.#updates.renew();
  }

  #leave(line) {
    this.#heard.delete(line);
    this.#asks.leave(line);
    if (this.#heard.size === 0) this.#stop();
  }

  #dismiss(line, message) {
    line.say(message);
    this.#leave(line);
  }

  #wake() {
    if (this.#now() - this.#woken < ECHO) return;
    this.#woken = this.#now();
    this.#updates?.wake();
  }

  async #run() {
    let next;
    const wires = {
      asks: () => (next = this.#asks.next()).asks, // LongPoll asks for these first
      me: () => next.me,
      fewer: () => this.#fewer(),
      report: (status) => updates === this.#updates && this.#report(status),
    };
    const updates = (this.#updates = this.#poll(wires, () => this.#reader));
    try {
      for await (const update of updates) if (updates === this.#updates) this.#share(update);
    } finally {
      if (updates === this.#updates) this.#report({ state: "closed" }); // by a fault of ours, of which nobody else would tell
    }
  }

  #share(update) {
    for (const [line, part] of this.#asks.share(update)) line.say({ verb: "update", update: part });
    if (this.#asks.suspecting) this.#updates.wake();
  }

  #fewer() {
    const { greedy, gone, left } = this.#asks.without();
    for (const line of greedy) line.say({ verb: "fewer" });
    for (const line of gone) this.#dismiss(line, GONE);
    this.#updates?.wake();
    return left;
  }

  #report(status) {
    this.#status = status;
    this.#tell({ verb: "status", status });
    if (status.state === "closed") for (const line of [...this.#heard.keys()]) this.#leave(line);
  }

  #tell(message) {
    for (const line of this.#heard.keys()) line.say(message);
  }

  #stop() {
    const updates = this.#updates;
    this.#updates = null;
    this.#status = { state: "connecting" };
    updates?.stop();
  }
}

const STRANGER = { verb: "status", status: { state: "closed", stranger: true } };
const GONE = { verb: "status", status: { state: "closed", gone: true } };
