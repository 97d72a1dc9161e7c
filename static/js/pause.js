// A sleep that can be cut short, for whoever waits before trying again.

export class Pause {
  #sleep;
  #waking = null;

  // sleep: (ms, signal) => a promise that resolves after that time, or when the signal aborts
  constructor(sleep) {
    this.#sleep = sleep;
  }

  async for(ms) {
    this.#waking = new AbortController();
    await this.#sleep(ms, this.#waking.signal);
    this.#waking = null;
  }

  wake() {
    this.#waking?.abort();
  }
}
