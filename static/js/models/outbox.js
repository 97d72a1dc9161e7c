// What somebody has said and the log has not shown yet.
//
// Echoes leave strictly in order, one at a time, each with a client_id under which the server takes it only once: so
// whatever happens on the way it is sent again, until the server has taken or refused it. A refused one stays until
// its author decides. A taken one stays until the timeline has reached it.

import { Unavailable, Refused } from "../exchange.js";

const PATH = "/a/message/new";
const PATIENCE = 30_000; // ms: longer than a busy server needs; what is repeated costs nothing but time
const REUSED = 409; // this client_id belongs to another text

export class Outbox {
  #room;
  #exchange;
  #backoff;
  #pause;
  #shelf;
  #newId;
  #reached;
  #changed;
  #sending = null;
  #running = false;

  // shelf: keeps what has not been taken over a reload; newId: () => a fresh client_id;
  // reached: (id) => has the timeline passed it?; changed: () => called after every change of `items`
  constructor({ room, exchange, backoff, pause, shelf, newId, reached, changed }) {
    this.#room = room;
    this.#exchange = exchange;
    this.#backoff = backoff;
    this.#pause = pause;
    this.#shelf = shelf;
    this.#newId = newId;
    this.#reached = reached;
    this.#changed = changed;
    this.items = [];
  }

  // Send what was left from before a reload. What `author` has said under another session may have been taken already,
  // and nobody would know it again: that is for its author to decide.
  async open(author) {
    const stranded = (echo) => ({ ...echo, author, state: "failed", reason: "" });
    const left = this.#shelf.read() ?? [];
    this.#keep(left.map((echo) => (echo.author.id === author.id ? echo : stranded(echo))));
    await this.#run();
  }

  // author: { id, name }; at: RFC 3339
  async post(body, author, at) {
    this.#add({ kind: "echo", state: "waiting", clientId: this.#newId(), body, author, at });
    await this.#run();
  }

  async retry(clientId) {
    const { reused, reason, ...echo } = this.#find(clientId);
    this.#remove(echo);
    this.#add({ ...echo, state: "waiting", clientId: reused ? this.#newId() : clientId });
    await this.#run();
  }

  discard(clientId) {
    this.#remove(this.#find(clientId));
  }

  // The log shows the message of this client_id.
  confirm(clientId) {
    const echo = this.#find(clientId);
    if (!echo) return;
    this.#remove(echo);
    if (this.#sending?.clientId === clientId) this.#sending.attempt.abort();
  }

  // The timeline has moved: what was taken and lies behind it needs no echo. Nor does, after a reset, anything that was
  // taken: it is in the log that is drawn now, or in no log any more.
  settle({ reset }) {
    const settled = ({ state, id }) => state === "taken" && (reset || this.#reached(id));
    if (this.items.some(settled)) this.#keep(this.items.filter((echo) => !settled(echo)));
  }

  // There is reason to believe that a new attempt succeeds.
  wake() {
    this.#pause.wake();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      let next;
      while ((next = this.items.find(({ state }) => state === "waiting"))) await this.#send(next);
    } finally {
      this.#running = false;
    }
  }

  async #send(echo) {
    this.#sending = { clientId: echo.clientId, attempt: new AbortController() };
    try {
      this.#taken(echo, await this.#request(echo));
    } catch (error) {
      await this.#recover(echo, error);
    } finally {
      this.#sending = null;
    }
  }

  #request({ body, clientId }) {
    const fields = { room: this.#room, body, client_id: clientId };
    const { signal } = this.#sending.attempt;
    return this.#exchange.post(PATH, fields, { patience: PATIENCE, signal });
  }

  #taken(echo, reply) {
    if (typeof reply?.id !== "string") throw new Unavailable();
    this.#backoff.reset();
    this.#replace(echo, { ...echo, state: "taken", id: reply.id });
    this.settle({ reset: false });
  }

  async #recover(echo, error) {
    if (!this.#find(echo.clientId)) return; // confirmed by the log while its reply was on the way
    if (error instanceof Refused) return this.#refused(echo, error);
    if (!(error instanceof Unavailable)) throw error;
    await this.#pause.for(Math.max(this.#backoff.next(), error.retryAfter));
  }

  #refused(echo, { status, message }) {
    this.#replace(echo, { ...echo, state: "failed", reason: message, reused: status === REUSED });
  }

  #find(clientId) {
    return this.items.find((echo) => echo.clientId === clientId);
  }

  #add(echo) {
    this.#keep([...this.items, { ...echo, key: `echo-${echo.clientId}` }]);
  }

  #replace(echo, by) {
    this.#keep(this.items.map((item) => (item.clientId === echo.clientId ? by : item)));
  }

  #remove({ clientId }) {
    this.#keep(this.items.filter((item) => item.clientId !== clientId));
  }

  #keep(items) {
    this.items = items;
    this.#shelf.write(items.filter(({ state }) => state !== "taken"));
    this.#changed();
  }
}
