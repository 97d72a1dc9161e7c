// What several pages ask for, as one poll, and what of its update is for each of them.
//
// A room is asked for from where the page stands that is furthest back, and every page is given only what lies behind its
// own place: so what is a gap or a reset for one is nothing to those who are past it. What was given to a page counts
// as heard, so where it stands is known here. Who is there and the version of the reader's own things are the newest that
// any page was told.

import { idOf, position } from "../position.js";

const MOST = 100; // rooms in one poll

export class Asks {
  #pages = new Map(); // page -> { rooms: Map(name -> { epoch, offset }), main, presence, me }
  #summaries = new Map(); // room -> the newest of who is there
  #me; // the newest version of what is the reader's own
  #epoch; // of the log
  #asked = new Map(); // room -> where the poll asks from
  #suspects = []; // rooms that are asked for one by one, because one of all is not there

  get pages() {
    return [...this.#pages.keys()];
  }

  // Is each room asked for by itself just now?
  get suspecting() {
    return this.#suspects.length > 0;
  }

  // A page comes, or comes anew: as LongPoll's `asks` and `me`. Returns the update that it is owed, or null.
  enter(page, { asks: [first, ...rest], me }) {
    const rooms = placesOf([first, ...rest]);
    this.#pages.set(page, { rooms, main: first.room, presence: first.presence, me });
    const summary = first.presence === undefined ? undefined : this.#summaries.get(first.room);
    const owed = { messages: [], cursors: {} };
    if (summary && summary.version !== first.presence) owed.presence = { [first.room]: summary };
    if (me !== undefined && this.#me !== undefined && me !== this.#me) owed.me = this.#me;
    return owed.presence || owed.me !== undefined ? owed : null;
  }

  // The page asks for these rooms from now on. Where it stands in those that it has asked for before, is known.
  change(page, asks) {
    const it = this.#pages.get(page);
    it.rooms = new Map([...placesOf(asks)].map(([name, place]) => [name, it.rooms.get(name) ?? place]));
  }

  leave(page) {
    this.#pages.delete(page);
    const mains = new Set([...this.#pages.values()].map(({ main }) => main));
    for (const room of this.#summaries.keys()) if (!mains.has(room)) this.#summaries.delete(room);
    if (this.#pages.size === 0) this.#me = undefined;
  }

  // What the next poll is to ask for: { asks, me }.
  next() {
    this.#asked = this.#places();
    const asks = [...this.#asked].map(([room, place]) => this.#ask(room, place));
    return { asks, me: this.#version };
  }

  // Is something to be asked for that the poll does not ask for?
  get lacking() {
    const uncovered = ([room, place]) => !isCovered(place, this.#asked.get(room));
    return !this.suspecting && [...this.#places()].some(uncovered);
  }

  // [page, update] for every page that this update tells something.
  share(update) {
    this.#suspects.shift();
    const cursor = Object.values(update.cursors)[0];
    if (cursor !== undefined) this.#epoch = position(cursor).epoch;
    if (update.me !== undefined) this.#me = update.me;
    for (const [room, summary] of Object.entries(update.presence ?? {})) this.#summaries.set(room, summary);
    return this.pages.map((page) => [page, this.#part(this.#pages.get(page), update)]).filter(([, part]) => part);
  }

  // Something asked for is not there: first no page asks for more than its own room, then for each of these by itself.
  // Returns the pages that are to ask for less, those whose own room it is, and whether others are left.
  without() {
    if (this.suspecting) return this.#lost(this.#suspects.shift());
    const greedy = this.pages.filter((page) => this.#pages.get(page).rooms.size > 1);
    for (const page of greedy) narrow(this.#pages.get(page));
    const mains = [...new Set([...this.#pages.values()].map(({ main }) => main))];
    if (greedy.length === 0 && mains.length === 1) return this.#lost(mains[0]);
    if (greedy.length === 0) this.#suspects = mains;
    return { greedy, gone: [], left: true };
  }

  #lost(room) {
    const gone = this.pages.filter((page) => this.#pages.get(page).main === room);
    return { greedy: [], gone, left: this.#pages.size > gone.length };
  }

  get #version() {
    const told = [...this.#pages.values()].map(({ me }) => me).filter((me) => me !== undefined);
    if (told.length === 0) return undefined;
    return this.#me ?? (told.every((me) => me === told[0]) ? told[0] : "");
  }

  // Room -> the place furthest back of those where pages stand; the rooms that pages are in come first.
  #places() {
    const pages = [...this.#pages.values()];
    const firsts = pages.map(({ main, rooms }) => [main, rooms.get(main)]);
    const places = new Map();
    for (const [room, place] of [...firsts, ...pages.flatMap(({ rooms }) => [...rooms])]) {
      if (!places.has(room) || this.#isFurther(place, places.get(room))) places.set(room, place);
    }
    const suspect = this.#suspects[0];
    return suspect ? new Map([[suspect, places.get(suspect)]]) : new Map([...places].slice(0, MOST));
  }

  // A place in another log is as far back as can be: who stands there has to be told.
  #isFurther(place, than) {
    return place.epoch === than.epoch ? place.offset < than.offset : place.epoch !== this.#epoch;
  }

  #ask(room, place) {
    const wanted = [...this.#pages.values()].find(({ main, presence }) => main === room && presence !== undefined);
    const presence = wanted && (this.#summaries.get(room)?.version ?? wanted.presence);
    return { room, cursor: idOf(place), presence };
  }

  #part(page, update) {
    const part = { messages: [], cursors: {} };
    const taken = new Map(); // room -> the offset behind which entries are for this page
    for (const room of Object.keys(update.cursors)) {
      const from = this.#take(page, room, update, part);
      if (from !== undefined) taken.set(room, from);
    }
    part.messages = update.messages.filter(({ room, id }) => position(id).offset > taken.get(room));
    const summary = page.presence === undefined ? undefined : update.presence?.[page.main];
    if (summary) part.presence = { [page.main]: summary };
    if (page.me !== undefined && update.me !== undefined) part.me = update.me;
    return taken.size > 0 || summary || part.me !== undefined ? part : null;
  }

  // Put into the part of a page what the update says of a room. Returns where the page stood, undefined where this was
  // not asked on its behalf: it has come since, and will be heard next.
  #take(page, room, { cursors, gaps = {}, resets = [] }, part) {
    const own = page.rooms.get(room);
    const asked = this.#asked.get(room);
    if (!own || !asked) return undefined;
    const to = position(cursors[room]);
    const reset = resets.includes(room) && (own.epoch !== to.epoch || asked.epoch === to.epoch);
    const late = own.epoch === asked.epoch && own.offset < asked.offset;
    if (!reset && (late || own.epoch !== to.epoch)) return undefined;
    const from = reset ? 0 : own.offset;
    const gap = gaps[room];
    if (reset) part.resets = [...(part.resets ?? []), room];
    if (gap && from < position(gap.before).offset - 1) part.gaps = { ...part.gaps, [room]: clipped(gap, from) };
    if (reset || to.offset > own.offset) page.rooms.set(room, to);
    part.cursors[room] = cursors[room];
    return from;
  }
}

function narrow({ rooms, main }) {
  for (const room of rooms.keys()) if (room !== main) rooms.delete(room);
}

function placesOf(asks) {
  return new Map(asks.map(({ room, cursor }) => [room, position(cursor)]));
}

function isCovered(place, asked) {
  return place.epoch === asked?.epoch && place.offset >= asked.offset;
}

function clipped({ after, before }, from) {
  const { epoch, offset } = position(after);
  return { after: idOf({ epoch, offset: Math.max(from, offset) }), before };
}
