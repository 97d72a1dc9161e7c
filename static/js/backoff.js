// Exponential back-off with full jitter: a crowd that lost its server together does not come back together.

export class Backoff {
  static FIRST = 500; // ms: a lost packet or a quick restart is hardly noticed
  static LONGEST = 15_000; // ms: nobody who watches the page waits longer than this for a server that is back

  #random;
  #failures = 0;

  // random: () => number in [0, 1)
  constructor(random) {
    this.#random = random;
  }

  // The next pause in ms: anything from 0 to a ceiling that doubles with each failure.
  next() {
    const ceiling = Math.min(Backoff.LONGEST, Backoff.FIRST * 2 ** this.#failures++);
    return Math.round(this.#random() * ceiling);
  }

  reset() {
    this.#failures = 0;
  }
}
