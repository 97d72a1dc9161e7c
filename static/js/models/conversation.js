// A room as its reader sees it: the log as far as it is known, and after it what the reader has said meanwhile; in the
// log, a line where it begins to be unread.

import { position } from "../position.js";

const UNREAD = Object.freeze({ kind: "unread", key: "unread" });

export class Conversation {
  #me;
  #timeline;
  #outbox;
  #history;
  #ignores;
  // id up to which the reader had read when they came; null where nobody knows
  mark = null;

  // me: the reader's id, "" for somebody who only reads; ignores: (id) => does the reader not want to hear them?
  constructor({ me, timeline, outbox, history, ignores = () => false }) {
    this.#me = me;
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#history = history;
    this.#ignores = ignores;
  }

  get items() {
    const items = [...this.#timeline.items];
    const place = items.findIndex((item) => this.#unread(item));
    if (place >= 0 && items[place].kind === "message") items.splice(place, 0, UNREAD);
    return [...items, ...this.#outbox.items];
  }

  // May the first message that is not read lie in a gap?
  get unreadIsAway() {
    return this.#timeline.items.find((item) => this.#unread(item))?.kind === "gap";
  }

  // The reader has read up to that id, elsewhere. Returns whether less is unread now.
  pass(id) {
    if (!this.mark) return false;
    const [before, now] = [this.mark, id].map(position);
    if (now.epoch !== before.epoch || now.offset <= before.offset) return false;
    this.mark = id;
    return true;
  }

  // Returns the messages of others that are news to the reader.
  receive(update) {
    const { messages, said, reset } = this.#timeline.apply(update);
    const own = ({ author }) => author.id === this.#me;
    for (const { clientId } of said.filter(own)) this.#outbox.confirm(clientId);
    this.#outbox.settle({ reset });
    return reset ? [] : messages.filter((message) => !own(message));
  }

  // Look again at what is shown, if what was done to it may lie in a gap. Returns whether something is another one now; what
  // does not work is tried the next time.
  async review() {
    const { unsure, ids, cursor } = this.#timeline;
    if (!unsure) return false;
    this.#timeline.unsure = false;
    try {
      this.#timeline.review(ids, await this.#history.messages(ids), cursor);
      return true;
    } catch {
      this.#timeline.unsure = true;
      return false;
    }
  }

  // Load some of what is missing there. Rejects when that does not work, as what follows does, too.
  async fill(gap) {
    const asOf = this.#timeline.cursor;
    this.#timeline.fill(gap, { ...(await this.#history.range(gap)), asOf });
  }

  // Be at the end of the log, also where more has come meanwhile.
  async toNewest() {
    if (!this.#timeline.newest) await this.#leap(this.#history.range({ ...this.#timeline.whole, later: false }));
    while (!this.#timeline.newest) await this.fill(this.#timeline.items.at(-1));
  }

  // Be where it begins to be unread.
  async toUnread() {
    if (this.unreadIsAway) await this.#leap(this.#history.around(this.mark));
  }

  // Be at a message, if it is still there.
  async toMessage(id) {
    if (!this.#timeline.has(id)) await this.#leap(this.#history.around(id));
  }

  // Is this the first message, or a gap that may hold the first one, that the reader has not read?
  #unread({ kind, id, before, author }) {
    if (!this.mark) return false;
    const { epoch, offset } = position(this.mark);
    const behind = (it, than) => position(it).epoch === epoch && position(it).offset > than;
    if (kind === "gap") return behind(before, offset + 1);
    return kind === "message" && behind(id, offset) && author.id !== this.#me && !this.#ignores(author.id);
  }

  async #leap(asked) {
    const asOf = this.#timeline.cursor;
    this.#timeline.leap({ ...(await asked), asOf });
  }
}
