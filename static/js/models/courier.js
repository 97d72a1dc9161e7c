// Sends from this page what was left in other rooms: who has written something there, and left, need not go back.

export class Courier {
  #room;
  #tray;
  #make;
  #outboxes = new Map();

  // room: the page's own, which has an outbox; make: (room) => an Outbox that nobody looks at
  constructor({ room, tray, make }) {
    this.#room = room;
    this.#tray = tray;
    this.#make = make;
  }

  // author: { id, name, guest }
  async round(author) {
    const mine = (line) => line.author.id === author.id && line.state === "waiting" && line.room !== this.#room;
    const rooms = new Set((await this.#tray.all()).filter(mine).map(({ room }) => room));
    await Promise.all([...rooms].map((room) => this.#outbox(room).open(author)));
  }

  // There is reason to believe that a new attempt succeeds.
  wake() {
    for (const outbox of this.#outboxes.values()) outbox.wake();
  }

  #outbox(room) {
    if (!this.#outboxes.has(room)) this.#outboxes.set(room, this.#make(room));
    return this.#outboxes.get(room);
  }
}
