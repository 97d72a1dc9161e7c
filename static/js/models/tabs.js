// How many tabs of this browser are in a room.
//
// Browsers open at most six connections to a server of HTTP/1.1, and each held request takes one: a seventh tab could
// neither load nor post. So when there are many, those that nobody looks at do not hold.

const MANY = 4; // tabs: leaves a connection for posting and one for a page that is loading

export class Tabs {
  #id;
  #channel;
  #changed;
  #others = new Set();

  // id: unlike that of any other tab; channel: a BroadcastChannel of the site; changed: called when `many` may differ
  constructor({ id, channel, changed = () => {} }) {
    this.#id = id;
    this.#channel = channel;
    this.#changed = changed;
    channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  get many() {
    return this.#others.size + 1 > MANY;
  }

  enter() {
    this.#say("enter");
  }

  leave() {
    this.#say("leave");
  }

  #hear({ from, verb }) {
    if (verb === "leave") this.#others.delete(from);
    else this.#others.add(from);
    if (verb === "enter") this.#say("here");
    this.#changed();
  }

  #say(verb) {
    this.#channel.postMessage({ from: this.#id, verb });
  }
}
