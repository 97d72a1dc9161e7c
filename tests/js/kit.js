// What the tests put in the place of time, network and chance.

import { Unavailable } from "../../static/js/exchange.js";

// Time that passes only when told to. `sleep` has the shape of the page's own.
export class Clock {
  #sleepers = new Set();

  constructor(time = 0) {
    this.time = time;
    this.slept = []; // every pause that was asked for, in ms
  }

  now = () => this.time;

  sleep = (ms, signal) => {
    this.slept.push(ms);
    return new Promise((resolve) => {
      const sleeper = { at: this.time + ms, resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => this.#wake(sleeper));
    });
  };

  async pass(ms) {
    this.time += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.at <= this.time) this.#wake(sleeper);
    await settled();
  }

  #wake(sleeper) {
    this.#sleepers.delete(sleeper);
    sleeper.resolve();
  }
}

// An exchange whose replies are given by the test: every request waits until it is answered.
export class Requests {
  constructor() {
    this.open = [];
    this.all = [];
  }

  post = (path, fields, { patience, signal, keepalive } = {}) => this.#ask({ path, fields, patience, signal, keepalive });
  get = this.post;

  get fields() {
    return this.all.map(({ fields }) => fields);
  }

  async answer(reply) {
    this.open.shift().resolve(reply);
    await settled();
  }

  async fail(error) {
    this.open.shift().reject(error);
    await settled();
  }

  #ask(request) {
    this.all.push(request);
    return new Promise((resolve, reject) => {
      const asked = { ...request, resolve, reject };
      this.open.push(asked);
      request.signal?.addEventListener("abort", () => {
        this.open = this.open.filter((other) => other !== asked);
        reject(new Unavailable());
      });
    });
  }
}

// A tray in memory.
export class Tin {
  constructor() {
    this.lines = new Map();
    this.kept = true;
  }

  all = async () => structuredClone([...this.lines.values()]);
  put = async (line) => void this.lines.set(line.clientId, structuredClone(line));
  remove = async (clientId) => void this.lines.delete(clientId);
}

// What a browser keeps: strings by key.
export class Storage extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, value) => void this.set(key, value);
  removeItem = (key) => void this.delete(key);
}

// A channel between tabs; `others` are those that hear what is said in it.
export class Channel extends EventTarget {
  others = [];

  postMessage(data) {
    for (const other of this.others) other.dispatchEvent(new MessageEvent("message", { data }));
  }
}

// A shelf in memory.
export class Drawer {
  constructor(value = null) {
    this.value = value;
  }

  read() {
    return this.value;
  }

  write(value) {
    this.value = structuredClone(value);
  }
}

// Let every promise that can go on, go on.
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

export const EPOCH = "k3f9q2ab";

export function id(offset, epoch = EPOCH) {
  return `${epoch}-${offset}`;
}

export function entry(offset, more = {}) {
  return {
    id: id(offset),
    room: "7",
    kind: "message",
    author: { id: "ann", name: "Ann" },
    at: "2026-11-21T06:34:00.000Z",
    html: `<p>${offset}</p>`,
    client_id: null,
    ...more,
  };
}

export function entries(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => entry(first + i));
}

// The update that brings entries first..last.
export function update(first, last, more = {}) {
  return { messages: entries(first, last), cursors: { 7: id(last) }, ...more };
}

// What a reader sees, in short: offsets, and [after, before] of gaps.
export function seen(items) {
  const offset = (it) => Number(it.split("-")[1]);
  return items.map((item) => {
    if (item.kind === "gap") return [offset(item.after), offset(item.before)];
    return item.kind === "message" ? offset(item.id) : item.kind === "echo" ? item.body : item.kind;
  });
}
