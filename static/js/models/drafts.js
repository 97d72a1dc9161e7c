// What somebody has begun to write, in each room, with the id of what it answers. It belongs to who wrote it.

const NOTHING = { body: "", reply: null };

export class Drafts {
  #shelf;
  #me;

  // shelf: (key) => the Shelf of that key; me: the writer's id
  constructor({ shelf, me }) {
    this.#shelf = shelf;
    this.#me = me;
  }

  get(room) {
    return { ...NOTHING, ...this.#place(room).read() };
  }

  set(room, { body, reply = null }) {
    const place = this.#place(room);
    if (body || reply) place.write({ body, reply });
    else place.clear();
  }

  #place(room) {
    return this.#shelf(`draft:${this.#me}:${room}`);
  }
}
