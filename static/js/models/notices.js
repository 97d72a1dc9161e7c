// Which of the news the reader is told of although nobody looks at it: of each room the last that calls them, or else the
// last that they want to hear of.

const LONGEST = 200; // characters of a message in a notice

export class Notices {
  #wishes;
  #rooms;
  #tabs;

  constructor({ wishes, rooms, tabs }) {
    this.#wishes = wishes;
    this.#rooms = rooms;
    this.#tabs = tabs;
  }

  // news: as Rooms.hear returns it. Returns [{ id, room, name (of the room), direct, author (a name), text, mention }], none in a
  // tab that does not speak for the others
  of(news) {
    if (!this.#tabs.leads) return [];
    const items = new Map(this.#rooms.items.map((item) => [item.room, item]));
    const told = new Map();
    for (const entry of news) {
      const notice = noticeOf(entry, items.get(entry.room));
      if (this.#isWanted(notice) && !(told.get(entry.room)?.mention && !entry.mention)) told.set(entry.room, notice);
    }
    return [...told.values()];
  }

  #isWanted(notice) {
    return !this.#tabs.looksAt(notice.room) && this.#wishes.wants(notice);
  }
}

function noticeOf({ id, room, author, body, mention }, { name, direct }) {
  const text = [...body.replace(/\s+/g, " ").trim()];
  const short = text.length > LONGEST ? [...text.slice(0, LONGEST - 1), "…"] : text;
  return { id, room, name, direct, author: author.name, text: short.join(""), mention };
}
