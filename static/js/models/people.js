// Who is in the room and who types there: the newest of the server's summaries, each of which replaces the one before.

// ms for which somebody is shown to type without being told again
const BELIEVED = 10_000;

export class People {
  #room;
  #me;
  #sleep;
  #changed;
  #typing = new Set(); // ids
  // Aborted when there is a newer summary.
  #told = null;

  // me: the reader's id; sleep: (ms, signal) => a promise; changed: () => called after every change
  constructor({ room, me, sleep, changed }) {
    this.#room = room;
    this.#me = me;
    this.#sleep = sleep;
    this.#changed = changed;
    // of the summary, for the next poll; "" before the first one
    this.version = "";
    this.count = 0;
    // { id, name, own }; null where so many are present that they are not named
    this.present = [];
  }

  // Those who type, { id, name }, without the reader.
  get typing() {
    return (this.present ?? []).filter(({ id, own }) => !own && this.#typing.has(id));
  }

  // Would anybody be shown that the reader types?
  get seen() {
    return (this.present ?? []).some(({ own }) => !own);
  }

  // Take in an update. To speak ends typing, which the server tells later.
  hear({ messages, presence }) {
    const before = this.typing.length;
    const summary = presence?.[this.#room];
    if (summary) this.#take(summary);
    for (const entry of messages) if (this.#isSaid(entry)) this.#typing.delete(entry.author.id);
    if (summary || before !== this.typing.length) this.#changed();
  }

  #take({ version, count, people, typing = [] }) {
    this.version = version;
    this.count = count;
    this.present = people?.map(({ id, name }) => ({ id, name, own: id === this.#me })) ?? null;
    this.#typing = new Set(typing);
    this.#doubt();
  }

  async #doubt() {
    this.#told?.abort();
    const { signal } = (this.#told = new AbortController());
    if (this.#typing.size === 0) return;
    await this.#sleep(BELIEVED, signal);
    if (signal.aborted) return;
    this.#typing.clear();
    this.#changed();
  }

  #isSaid({ room, kind }) {
    return room === this.#room && kind === "message";
  }
}
