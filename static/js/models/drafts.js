// What somebody has begun to write, in each room, with the id of what it answers. It belongs to who wrote it;
// what a guest has begun, who may be about to sign in, to whoever goes on with it.

const NOTHING = { body: "", reply: null };

export class Drafts {
  #shelf;
  #me;

  // shelf: (key) => the Shelf of that key; me: the writer's id; guest: have they no account?
  constructor({ shelf, me, guest }) {
    this.#shelf = shelf;
    this.#me = guest ? "" : me;
  }

  get(room) {
    return { ...NOTHING, ...(this.#place(room).read() ?? this.#place(room, "").read()) };
  }

  set(room, { body, reply = null }) {
    this.#place(room, "").clear();
    const place = this.#place(room);
    if (body || reply) place.write({ body, reply });
    else place.clear();
  }

  #place(room, owner = this.#me) {
    return this.#shelf(`draft:${owner}:${room}`);
  }
}
