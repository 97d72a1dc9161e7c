// Sends what somebody has said.
//
// Lines leave strictly in order, one at a time, each with a client_id under which the server takes it only once: so
// whatever happens on the way it is sent again, until the server has taken or refused it. A refused one stays until
// its author decides. A taken one stays until the timeline has reached it.
//
// Of all the tabs that have a room open only one sends at a time, and looks first what is left. Where the browser cannot
// see to that, two may send the same line: the server takes it once all the same, and in order, since no tab sends a line
// before the one in front of it was taken. With each line goes who wrote it: the browser may have changed hands in
// another tab, and the server lets nobody say what somebody else has written.

import { Unavailable, Refused } from "../exchange.js";

const PATH = "/a/message/new";
// ms: longer than a busy server needs; what is repeated costs nothing but time
const PATIENCE = 30_000;
// Nobody is signed in, or somebody else.
const STRANGER = 401;
// This client_id belongs to another text.
const REUSED = 409;

export class Outbox {
  #unsent;
  #exchange;
  #backoff;
  #pause;
  #locked;
  #newId;
  #sending = null;
  #running = false;

  // locked: (name, task) => runs one task of a name at a time in all tabs; newId: () => a fresh client_id
  constructor({ unsent, exchange, backoff, pause, locked, newId }) {
    this.#unsent = unsent;
    this.#exchange = exchange;
    this.#backoff = backoff;
    this.#pause = pause;
    this.#locked = locked;
    this.#newId = newId;
    // Was the last attempt in vain?
    this.held = false;
  }

  get items() {
    return this.#unsent.items;
  }

  // Is there anything that nobody may hope to be gone in a moment, and that would be lost with the page?
  get endangered() {
    return !this.#unsent.kept && (this.held || this.items.some(({ state }) => state === "failed"));
  }

  // Show and send what was left. author: { id, name, guest }
  async open(author) {
    await this.#unsent.open(author, () => this.#onward());
    await this.#run();
  }

  // at: RFC 3339; reply: the id of what it answers; files: as the server has told them when they were sent up
  async post(body, author, at, { reply, files = [] } = {}) {
    this.#unsent.author = author;
    const line = { clientId: this.#newId(), room: this.#unsent.room, body, author, at, reply, files };
    await this.#unsent.keep({ ...line, state: "waiting", order: this.#unsent.after(Date.parse(at)) });
    await this.#run();
  }

  // Send a refused line once more, behind the others, or what waits at once.
  async retry(clientId) {
    const line = this.#unsent.find(clientId);
    this.#unsent.bar(null);
    if (line.state === "waiting" && this.#unsent.owns(line)) this.wake();
    else await this.#again(line);
    await this.#run();
  }

  async discard(clientId) {
    const removed = this.#unsent.remove(clientId);
    this.#giveUp();
    await removed;
  }

  // The log shows the message of this client_id.
  confirm(clientId) {
    this.#unsent.confirm(clientId);
    this.#giveUp();
  }

  // The timeline has moved: what was taken and lies behind it needs no echo. Nor does, after a reset, anything that was
  // taken: it is in the log that is drawn now, or in no log any more.
  settle(moved) {
    this.#unsent.settle(moved);
  }

  // There is reason to believe that a new attempt succeeds, or that other tabs have changed what is left.
  wake() {
    this.#pause.wake();
    if (this.#unsent.author) void this.#unsent.refresh().then(() => this.#onward());
  }

  async #again({ reused, reason, ...line }) {
    const clientId = reused ? this.#newId() : line.clientId;
    if (reused) await this.#unsent.remove(line.clientId);
    const { author } = this.#unsent;
    await this.#unsent.keep({ ...line, clientId, author, state: "waiting", order: this.#unsent.after(line.order) });
  }

  // Another tab has changed something.
  #onward() {
    this.#giveUp();
    return this.#run();
  }

  // Let go of an attempt whose line is not there any more.
  #giveUp() {
    if (this.#sending && !this.#unsent.find(this.#sending.clientId)) this.#sending.attempt.abort();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#unsent.next) await this.#turn();
    } finally {
      this.#running = false;
    }
  }

  async #turn() {
    const { author, room } = this.#unsent;
    const wait = await this.#locked(`outbox ${author.id} ${room}`, () => this.#attempt());
    if (wait) await this.#pause.for(wait);
  }

  // Send the line whose turn it is; returns the ms to wait before the next attempt.
  async #attempt() {
    await this.#unsent.refresh();
    const line = this.#unsent.next;
    if (!line) return 0;
    this.#sending = { clientId: line.clientId, attempt: new AbortController() };
    try {
      await this.#taken(line, await this.#request(line));
      return 0;
    } catch (error) {
      return await this.#recover(line, error);
    } finally {
      this.#sending = null;
    }
  }

  #request({ room, body, clientId, author, reply, files }) {
    const file = files.map(({ id }) => id);
    const fields = { room, body, client_id: clientId, person: author.id, reply, file };
    const { signal } = this.#sending.attempt;
    return this.#exchange.post(PATH, fields, { patience: PATIENCE, signal });
  }

  async #taken({ clientId }, reply) {
    if (typeof reply?.id !== "string") throw new Unavailable();
    this.#backoff.reset();
    this.held = false;
    await this.#unsent.take(clientId, reply.id);
  }

  async #recover(line, error) {
    // It was heard in the log, or discarded, while its reply was on the way.
    if (!this.#unsent.find(line.clientId)) return 0;
    if (error instanceof Refused) return this.#refused(line, error);
    if (!(error instanceof Unavailable)) throw error;
    this.held = true;
    await this.#unsent.refresh();
    return Math.max(this.#backoff.next(), error.retryAfter, 1);
  }

  async #refused(line, { status, message }) {
    this.held = false;
    if (status === STRANGER) this.#unsent.bar(message);
    else await this.#unsent.keep({ ...line, state: "failed", reason: message, reused: status === REUSED });
    return 0;
  }
}
