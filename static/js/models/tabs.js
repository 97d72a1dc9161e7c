// The tabs of this browser that are in a room: how many they are, what the reader looks at, and which of them speaks for
// all when there is something to tell.
//
// Browsers open at most six connections to a server of HTTP/1.1, and each held request takes one: a seventh tab could
// neither load nor post. So when there are many, those that nobody looks at do not hold.

// tabs: leaves a connection for posting and one for a page that is loading
const MANY = 4;

export class Tabs {
  #channel;
  #locks;
  #changed;
  // id -> the room that is looked at there
  #others = new Map();
  #room = "";
  #release = null;
  #holds = false;

  // id: unlike that of any other tab; channel: a BroadcastChannel of the site; locks: navigator.locks, undefined where
  // there are none (on plain http); changed: called when `many` may differ
  constructor({ id, channel, locks, changed = () => {} }) {
    this.id = id;
    this.#channel = channel;
    this.#locks = locks;
    this.#changed = changed;
    channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  get many() {
    return this.#others.size + 1 > MANY;
  }

  // Is it this tab that speaks for all? Where there are locks a tab that dies lets go of its own.
  get leads() {
    return this.#locks ? this.#holds : [...this.#others.keys()].every((other) => this.id < other);
  }

  enter() {
    this.#say("enter");
    this.#stand();
  }

  leave() {
    this.#say("leave");
    this.#release?.abort();
  }

  // room: what the reader looks at in this tab, "" for nothing
  look(room) {
    if (room === this.#room) return;
    this.#room = room;
    if (room) this.#lookAway();
    this.#say("look");
  }

  // Does the reader look at that room, in whichever tab?
  looksAt(room) {
    return [this.#room, ...this.#others.values()].includes(room);
  }

  #hear({ from, verb, room }) {
    if (room) this.#lookAway();
    if (verb === "look") return this.#others.has(from) && this.#others.set(from, room);
    if (verb === "leave") this.#others.delete(from);
    else this.#others.set(from, room);
    if (verb === "enter") this.#say("here");
    this.#changed();
  }

  // The reader looks at one tab at a time. One that has died while it was looked at has not said that it is no more.
  #lookAway() {
    for (const other of this.#others.keys()) this.#others.set(other, "");
  }

  #say(verb) {
    this.#channel.postMessage({ from: this.id, verb, room: this.#room });
  }

  // Wait to lead, and then do so until the tab is left.
  async #stand() {
    if (!this.#locks || (this.#release && !this.#release.signal.aborted)) return;
    const { signal } = (this.#release = new AbortController());
    const left = new Promise((resolve) => signal.addEventListener("abort", resolve));
    const lead = () => {
      this.#holds = true;
      return left;
    };
    // It may be left before its turn comes.
    await this.#locks.request("lead", { signal }, lead).catch(() => {});
    if (this.#release.signal === signal) this.#holds = false;
  }
}
