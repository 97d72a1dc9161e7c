// For how long a request may be held on the way to the server.
//
// Something in between may cut requests that are not answered soon. One cut says little; two in a row at about the same
// age say where the limit is, and from then on requests end before it. What was learnt is kept, and doubted from time to
// time: the reader may have moved to another network. A doubt that proves wrong costs one cut, and the next comes later.

const SHORTER = 0.8; // of the age at which requests are cut
const LONGER = 1.25;
const ALIKE = 0.1; // of an age: two that differ by less are about the same
const JITTER = 1000; // ms: likewise
const DOUBT = 20; // holds in a row that were kept, before a longer one is tried
const LONGEST_DOUBT = 320;

export class Hold {
  static SHORTEST = 2000; // ms: what is cut before that was not cut for its age

  #shelf;
  #full;
  #last = 0; // age of the last cut, if nothing was kept since
  #kept = 0;
  #doubt = DOUBT;
  #before; // what `wait` was before it was doubted

  // shelf: keeps `wait` in seconds; full: ms for which the server holds a request
  constructor({ shelf, full }) {
    this.#shelf = shelf;
    this.#full = full / 1000;
    this.wait = this.#within(shelf.read());
  }

  // A held request was cut at this age in ms, or given up: then it was cut at the latest when its reply was due.
  cut(after) {
    const age = Math.min(after, (this.wait ?? this.#full) * 1000);
    const alike = Math.abs(age - this.#last) <= Math.max(JITTER, age * ALIKE);
    if (this.#before !== undefined) this.#regret();
    else if (alike) this.#keep(Math.floor((Math.min(age, this.#last) * SHORTER) / 1000));
    this.#last = age;
    this.#kept = 0;
  }

  // A held request was answered at this age in ms.
  kept(age) {
    if (age < (this.wait ?? this.#full) * 1000 * (1 - ALIKE)) return;
    this.#last = 0;
    this.#before = undefined;
    this.#kept += 1;
    if (this.wait === undefined || this.#kept < this.#doubt) return;
    this.#before = this.wait;
    this.#kept = 0;
    this.#keep(Math.ceil(this.wait * LONGER));
  }

  #regret() {
    this.#doubt = Math.min(LONGEST_DOUBT, this.#doubt * 2);
    this.#keep(this.#before);
    this.#before = undefined;
  }

  #keep(seconds) {
    this.wait = this.#within(seconds);
    this.#shelf.write(this.wait ?? null);
  }

  // undefined where the server may hold a request as long as it likes
  #within(seconds) {
    return Number.isFinite(seconds) && seconds < this.#full ? Math.max(1, seconds) : undefined;
  }
}
