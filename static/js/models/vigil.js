// Notices that the machine has slept: a timer came much too late. The connection is gone then, and nothing says so.

export class Vigil {
  static TICK = 5000; // ms

  #now;
  #sleep;
  #slack;
  #tick;
  #slept;

  // now: () => ms of the wall clock, which goes on meanwhile; sleep: (ms) => a promise; slack: () => ms by which a timer may
  // be late; tick, slept: called every few seconds, and after a sleep before that
  constructor({ now, sleep, slack, tick = () => {}, slept }) {
    this.#now = now;
    this.#sleep = sleep;
    this.#slack = slack;
    this.#tick = tick;
    this.#slept = slept;
  }

  async keep() {
    for (;;) {
      const due = this.#now() + Vigil.TICK;
      await this.#sleep(Vigil.TICK);
      if (this.#now() - due > this.#slack()) this.#slept();
      this.#tick();
    }
  }
}
