// The reader's rooms in the order in which they call: what is unread in each, and whom the reader does not want to hear.
//
// The server tells all of it at once, under a version; after that the page counts what its poll brings. Two versions are
// kept apart: `known` is the one of which everything is known here, `told` the newest that was heard of. While they
// differ, the server is asked again. An answer may be older than what was counted meanwhile: what lies behind the head
// that it names is counted on top of it.

import { Refused } from "../exchange.js";
import { speaksTo } from "../mention.js";
import { idOf, position } from "../position.js";

const PATH = "/a/rooms";
// ms: changes come in company, and some of them prove to be the reader's own
const GATHER = 300;
const PATIENCE = 15_000; // ms
// ms without an update after which it is cheaper to ask for counts than for what was said
const ASLEEP = 60_000;
const GONE = new Set(["deletion", "erasure", "trim"]);
// rooms in one poll, the reader's room among them; and messages that are counted
const MOST = 100;

export class Rooms {
  #room;
  #me;
  #handle;
  #exchange;
  #sleep;
  #now;
  #backoff;
  #changed;
  #heard;
  #resting = false;
  #known = null;
  #told = "";
  #asking = false;
  #muted;
  // Rises with each message that is heard.
  #spoken = 1;
  #rooms = new Map();

  // room, cursor: the one that the reader is in; me: the reader's id; handle: () => what stands behind the @;
  // muted: ({ room, direct }) => does the reader not want to be called there?
  // changed: ({ watched, ignored }) => called after every change; `watched`: other rooms are to be listened to,
  // `ignored`: other people are not to be heard
  constructor({ room, cursor, me, handle, exchange, sleep, now, backoff, muted = () => false, changed }) {
    this.#room = room;
    this.#me = me;
    this.#handle = handle;
    this.#exchange = exchange;
    this.#sleep = sleep;
    this.#now = now;
    this.#heard = now();
    this.#backoff = backoff;
    this.#muted = muted;
    this.#changed = changed;
    this.ignored = [];
    // id up to which the reader had read this room when they came, null for none; once it is told
    this.stood = undefined;
    this.#rooms.set(room, entryOf({ room, title: "", members: [], direct: false, cursor }));
  }

  // The version for the next poll; "" while none is known.
  get version() {
    return this.#told;
  }

  // The other rooms, as a poll asks for them: { room, cursor }.
  get watched() {
    if (this.#resting) return [];
    return this.#others.map(({ room, epoch, head }) => ({ room, cursor: idOf({ epoch, offset: head }) }));
  }

  // Those that call the reader first, then those with something unread, then those where somebody spoke last.
  get items() {
    const spoken = [...this.#rooms.values()].sort((one, other) => other.last - one.last);
    return spoken.map((it) => this.#itemOf(it)).sort((one, other) => urgency(other) - urgency(one));
  }

  // The id up to which the reader has read this room, wherever that was.
  get reached() {
    const { epoch, read } = this.#rooms.get(this.#room);
    return idOf({ epoch, offset: read });
  }

  ignores(id) {
    return this.ignored.some((person) => person.id === id);
  }

  // Ask the server as long as there is something that is not known here.
  async refresh() {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#told !== this.#known) {
      await this.#sleep(GATHER);
      if (this.#told !== this.#known) await this.#ask();
    }
    this.#asking = false;
  }

  // Take in an update. Returns the messages in it that are news to the reader, each with `mention`: it speaks to them.
  hear({ messages, cursors, gaps = {}, resets = [], me = this.#told }) {
    const news = messages.filter(({ room }) => this.#rooms.has(room)).map((entry) => this.#hear(entry));
    for (const [room, cursor] of Object.entries(cursors)) this.#reach(room, position(cursor));
    if ([...Object.keys(gaps), ...resets].some((room) => room !== this.#room)) this.#doubt();
    this.#told = me;
    this.#heard = this.#now();
    this.#changed({});
    this.refresh();
    return news.filter(Boolean);
  }

  // The reader has come back.
  wake() {
    if (this.#now() - this.#heard > ASLEEP) this.rest();
  }

  // The reader has read the room up to that id.
  read(id) {
    const room = this.#rooms.get(this.#room);
    const { epoch, offset } = position(id);
    if (epoch !== room.epoch || offset <= room.read) return;
    readUpTo(room, offset);
    this.#changed({});
  }

  // The server has noted a change of the reader's: { me, was }. Of what it had counted in their room they may have read only
  // some: then it knows what is left.
  noted({ me, was }) {
    if (this.#told === was) this.#told = me;
    if (this.#known === was && !this.#rooms.get(this.#room).unread) this.#known = me;
    this.refresh();
  }

  // Hear nothing of somebody, { id, name }, from now on, or hear them again. Rejects when the server does not take it.
  async ignore(person, on) {
    const path = `/a/person/${encodeURIComponent(person.id)}/ignore`;
    const { me } = await this.#exchange.post(path, { on: Number(on) }, { patience: PATIENCE });
    this.ignored = [...this.ignored.filter(({ id }) => id !== person.id), ...(on ? [person] : [])];
    this.#told = me;
    this.#changed({ ignored: true });
    // The counts are others now.
    this.refresh();
  }

  // Watch none of the other rooms until the server has said which there are. Returns whether any was watched.
  rest() {
    if (this.watched.length === 0) return false;
    this.#resting = true;
    this.#doubt();
    this.refresh();
    return true;
  }

  get #others() {
    return [...this.#rooms.values()].filter(({ room }) => room !== this.#room).slice(0, MOST - 1);
  }

  // The other rooms, and those who are ignored, to be compared.
  get #names() {
    const watched = this.#others.map(({ room }) => room);
    const ignored = this.ignored.map(({ id }) => id);
    return { watched: watched.sort().join(" "), ignored: ignored.sort().join(" ") };
  }

  #itemOf({ room, title, members, direct, unread, mentions, since }) {
    return {
      ...{ room, direct, current: room === this.#room, muted: this.#muted({ room, direct }) },
      name: title || members.filter(({ id }) => id !== this.#me).map(({ name }) => name).join(", ") || room,
      unread: Math.min(MOST, unread + since.length),
      mentions: Math.min(MOST, mentions + since.filter(({ mention }) => mention).length),
    };
  }

  #doubt() {
    this.#known = null;
  }

  #hear(entry) {
    const room = this.#rooms.get(entry.room);
    const { epoch, offset } = position(entry.id);
    if (epoch !== room.epoch || offset <= room.head) return null;
    room.head = offset;
    if (entry.kind !== "message") return this.#act(room, entry);
    if (entry.deleted || this.ignores(entry.author.id)) return null;
    room.last = this.#spoken += 1;
    return entry.author.id === this.#me ? null : this.#count(room, offset, entry);
  }

  #count(room, offset, entry) {
    const mention = speaksTo(entry.body, this.#handle());
    // The server may have counted it before it is heard. It is news all the same.
    if (offset > room.upto) room.since.push({ offset, mention });
    if (room.since.length > MOST) room.since.shift();
    return { ...entry, mention };
  }

  // What concerns everybody must not make everybody ask at once: only who counts what may be gone now.
  #act(room, { kind, title = room.title }) {
    room.title = title;
    const counted = room.unread + room.since.length > 0;
    if (kind === "member" ? room.members.length > 0 : GONE.has(kind) && counted) this.#doubt();
    return null;
  }

  #reach(name, { epoch, offset }) {
    const room = this.#rooms.get(name);
    if (!room) return;
    if (epoch !== room.epoch) Object.assign(room, { epoch, head: 0, read: 0, upto: 0, since: [] });
    room.head = Math.max(room.head, offset);
  }

  async #ask() {
    const told = this.#told;
    try {
      this.#take(await this.#exchange.get(PATH, {}, { patience: PATIENCE }), told);
      this.#backoff.reset();
    } catch (error) {
      if (error instanceof Refused) this.#refused();
      else await this.#sleep(this.#backoff.next());
    }
  }

  // Until something else changes.
  #refused() {
    this.#known = this.#told;
    this.stood ??= null;
    this.#changed({});
  }

  #take({ me, rooms, ignored }, told) {
    const before = this.#names;
    if (this.#told === told) this.#told = me;
    this.#known = me;
    this.ignored = ignored;
    const current = this.#rooms.get(this.#room);
    if (this.stood === undefined) this.stood = rooms.find(({ room }) => room === this.#room)?.read ?? null;
    const heard = new Set([this.#room, ...this.watched.map(({ room }) => room)]);
    const found = rooms.map((it) => [it.room, joined(this.#rooms.get(it.room), entryOf(it), heard.has(it.room))]);
    for (const [place, [, room]] of found.entries()) room.last ||= -place;
    this.#rooms = new Map(found);
    if (!this.#rooms.has(this.#room)) this.#rooms.set(this.#room, { ...current, last: current.last || 1 });
    const after = this.#names;
    const watched = this.#resting || before.watched !== after.watched;
    this.#resting = false;
    this.#changed({ watched, ignored: before.ignored !== after.ignored });
  }
}

function entryOf({ room, title, members, direct, cursor, read = null, unread = 0, mentions = 0 }) {
  const { epoch, offset } = position(cursor);
  const counted = { unread, mentions, upto: offset, since: [] };
  const at = { epoch, head: offset, read: read ? position(read).offset : 0, last: 0 };
  return { room, title, members, direct, ...at, ...counted };
}

function urgency({ muted, unread, mentions }) {
  return muted ? 0 : mentions ? 2 : Number(unread > 0);
}

// What the server says of a room, and on top of it what was heard here and the server did not know yet. heard: is all that is
// said there on its way to this page, also what the server knows already?
function joined(old, entry, heard) {
  if (!old || old.epoch !== entry.epoch) return entry;
  entry.since = old.since.filter(({ offset }) => offset > entry.upto);
  if (entry.since.length) entry.last = old.last;
  if (heard || old.head > entry.head) entry.head = old.head;
  if (old.read > entry.read) readUpTo(entry, old.read);
  return entry;
}

function readUpTo(room, offset) {
  room.read = offset;
  room.since = room.since.filter((it) => it.offset > offset);
  if (offset >= room.upto) Object.assign(room, { unread: 0, mentions: 0 });
}
