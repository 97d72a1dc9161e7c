// Updates for one of several pages that share a poll: for await (const update of updates), as LongPoll.
//
// What polls for all is a Switchboard at the other end of a line. If that dies, as a worker does with the tab in whose
// process it lived, nobody tells: so the page asks now and then, and when there is no answer gets another line if it
// can. Where there never was an answer it polls for itself.

const BEAT = 10_000; // ms
const MISSED = 2; // beats without an answer: one may have met a page that slept

export class SharedPoll {
  #asks;
  #me;
  #fewer;
  #report;
  #line;
  #reader;
  #shelf;
  #sleep;
  #alone;
  #own = null; // the LongPoll of a page that is alone
  #updates = [];
  #arrived = null;
  #closed = false;
  #answered = false; // on this line
  #missed = 0;

  // asks, me, fewer, report: as LongPoll's. line: { open(hear, lost), say(message), reopen?() }: hear takes what the
  // switchboard says, lost is called when there is none; reader: () => who reads here, as the switchboard wants it; shelf: keeps what it
  // has learnt; sleep: (ms) => a promise; alone: () => a LongPoll
  constructor({ asks, me, fewer, report, line, reader, shelf, sleep, alone }) {
    this.#asks = asks;
    this.#me = me;
    this.#fewer = fewer;
    this.#report = report;
    this.#line = line;
    this.#reader = reader;
    this.#shelf = shelf;
    this.#sleep = sleep;
    this.#alone = alone;
  }

  async *[Symbol.asyncIterator]() {
    this.#report({ state: "connecting" });
    this.#line.open((message) => this.#hear(message), () => this.#lose());
    this.#enter();
    this.#beat();
    while (await this.#arrival()) yield this.#updates.shift();
    if (this.#own) yield* this.#own;
  }

  wake() {
    if (this.#own) this.#own.wake();
    else this.#say("wake");
  }

  renew() {
    if (this.#own) this.#own.renew();
    else this.#say("renew");
  }

  release() {
    this.#own?.release();
  }

  // The page goes away; it may come back, and then wakes.
  leave() {
    if (!this.#own) this.#line.say({ verb: "leave" });
  }

  #enter() {
    this.#line.say({ verb: "enter", reader: this.#reader(), asks: this.#asks(), me: this.#me() });
  }

  #say(verb) {
    this.#line.say({ verb, asks: this.#asks() });
  }

  #hear({ verb, update, status, hold }) {
    if (this.#closed || this.#own) return;
    this.#answered = true;
    this.#missed = 0;
    if (verb === "update") this.#updates.push(update);
    else if (verb === "status") this.#take(status);
    else if (verb === "again") this.#enter();
    else if (verb === "fewer") this.#fewer();
    else if (verb === "learnt") this.#shelf.write(hold);
    this.#arrived?.();
  }

  #take(status) {
    this.#closed = status.state === "closed";
    this.#report(status);
  }

  // Resolves to whether there is an update; not before there is one, or will never be one.
  async #arrival() {
    while (this.#updates.length === 0 && !this.#closed && !this.#own) {
      await new Promise((resolve) => (this.#arrived = resolve));
    }
    return this.#updates.length > 0;
  }

  async #beat() {
    while (!this.#closed && !this.#own) {
      this.#missed += 1;
      this.#line.say({ verb: "beat" });
      await this.#sleep(BEAT);
      if (this.#missed >= (this.#answered ? MISSED : 1)) this.#lose();
    }
  }

  #lose() {
    if (this.#closed || this.#own) return;
    this.leave();
    if (this.#answered && this.#line.reopen) return this.#reopen();
    this.#own = this.#alone();
    this.#arrived?.();
  }

  #reopen() {
    this.#answered = false;
    this.#missed = 0;
    this.#line.reopen();
    this.#enter();
  }
}
