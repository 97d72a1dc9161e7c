// The lines of one room that have been said and are not in the log: the same in all tabs, which read one tray and tell
// each other when it has changed.
//
// A line belongs to who wrote it, and waits for its author where the browser has become somebody else's meanwhile. Only
// a guest does not come back: what a guest has left is shown to whoever has the browser now, who may send it as their own.
//
// A line: { clientId, room, body, author: { id, name, guest }, at, reply, files, state, order }; state is "waiting", "failed"
// with a reason, or "taken" with the id that the server gave it.

export class Unsent {
  #room;
  #tray;
  #channel;
  #reached;
  #changed;
  #told;
  #lines = []; // as they lie in the tray, in order
  #taken = new Map(); // clientId -> line, which the timeline has not reached
  #barred = null;

  // tray: where lines outlive the page; channel: a BroadcastChannel; reached: (id) => has the timeline passed it?;
  // changed: () => called after every change of `items`
  constructor({ room, tray, channel, reached, changed }) {
    this.#room = room;
    this.#tray = tray;
    this.#channel = channel;
    this.#reached = reached;
    this.#changed = changed;
    this.author = null;
    this.items = [];
    channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  get room() {
    return this.#room;
  }

  get kept() {
    return this.#tray.kept;
  }

  // The line whose turn it is.
  get next() {
    const sendable = (line) => line.state === "waiting" && this.owns(line);
    return this.#barred === null ? this.#lines.find(sendable) : undefined;
  }

  // told: () => called when another tab has changed something
  async open(author, told) {
    this.#told = told;
    this.author = author;
    await this.refresh();
    const claimed = (line) => this.owns(line) && line.author.guest && !author.guest;
    for (const line of this.#lines.filter(claimed)) await this.keep({ ...line, author });
  }

  owns({ author }) {
    return author.id === this.author.id;
  }

  find(clientId) {
    return this.#lines.find((line) => line.clientId === clientId);
  }

  // Add a line, or put it in the place of the one with its clientId.
  async keep(line) {
    this.#drop(line.clientId);
    this.#lines = sorted([...this.#lines, line]);
    this.#show();
    await this.#tray.put(line);
    if (!this.kept) this.#show();
    this.#tell({});
  }

  async remove(clientId) {
    this.#drop(clientId);
    this.#show();
    await this.#tray.remove(clientId);
    this.#tell({});
  }

  // The server has it, under this id.
  async take(clientId, id) {
    this.#pass(clientId, id);
    await this.#tray.remove(clientId);
    this.#tell({ taken: clientId, id });
  }

  // See what the other tabs have left of it.
  async refresh() {
    this.#lines = sorted((await this.#tray.all()).filter((line) => this.#concerns(line)));
    this.#show();
  }

  // The log shows the message of this clientId.
  confirm(clientId) {
    if (this.#taken.delete(clientId)) this.#show();
    else if (this.find(clientId)) void this.remove(clientId);
  }

  // The timeline has moved; `reset`: it was drawn anew, with all that was taken or without it for ever.
  settle({ reset }) {
    const settled = [...this.#taken.values()].filter(({ id }) => reset || this.#reached(id));
    for (const { clientId } of settled) this.#taken.delete(clientId);
    if (settled.length) this.#show();
  }

  // Let nothing leave, for a reason that lies in no line: they go on waiting. null: let them leave again.
  bar(reason) {
    this.#barred = reason;
    this.#show();
  }

  // A place behind all that is here, also where the clock was set back.
  after(order) {
    return Math.max(order, (this.#lines.at(-1)?.order ?? 0) + 1);
  }

  #hear({ room, taken, id }) {
    if (room !== this.#room || !this.author) return;
    if (taken) this.#pass(taken, id);
    else void this.refresh().then(this.#told);
  }

  #pass(clientId, id) {
    const line = this.find(clientId);
    if (line && !this.#reached(id)) this.#taken.set(clientId, { ...line, state: "taken", id });
    this.#drop(clientId);
    this.#show();
  }

  #drop(clientId) {
    this.#lines = this.#lines.filter((line) => line.clientId !== clientId);
  }

  #tell(change) {
    this.#channel.postMessage({ room: this.#room, ...change });
  }

  #concerns(line) {
    const { room, author, clientId } = line;
    return room === this.#room && (this.owns(line) || author.guest) && !this.#taken.has(clientId);
  }

  // Items that have not changed stay the same ones.
  #show() {
    const before = new Map(this.items.map((item) => [item.key, item]));
    this.items = sorted([...this.#taken.values(), ...this.#lines]).map((line) => {
      const item = this.#item(line);
      const old = before.get(item.key);
      return JSON.stringify(old) === JSON.stringify(item) ? old : item;
    });
    this.#changed();
  }

  #item(line) {
    const item = { kind: "echo", key: `echo-${line.clientId}`, ...line };
    if (!this.owns(line)) return { ...item, author: this.author, state: "failed", reason: "" };
    if (this.#barred !== null && line.state === "waiting") return { ...item, state: "failed", reason: this.#barred };
    return item;
  }
}

function sorted(lines) {
  return lines.sort((one, other) => one.order - other.order);
}
