// What a reader does to what has been said. The log tells everybody of it, the reader as well.

import { Refused } from "../exchange.js";
import { idOf, position } from "../position.js";

const PATIENCE = 15_000; // ms

// Everything here rejects with Refused or Unavailable.
export class Deeds {
  #path;
  #exchange;
  #history;

  constructor({ room, exchange, history }) {
    this.#path = `/a/room/${encodeURIComponent(room)}`;
    this.#exchange = exchange;
    this.#history = history;
  }

  // The text of a message as its author wrote it, "" for one of files alone.
  async bodyOf(id) {
    const { epoch, offset } = position(id);
    const [after, before] = [offset - 1, offset + 1].map((it) => idOf({ epoch, offset: it }));
    const { messages } = await this.#history.range({ after, before });
    const said = messages.find((it) => it.id === id && it.body);
    if (!said) throw new Refused(404, "");
    const called = said.files?.map(({ name }) => name).join(", ");
    return called?.startsWith(said.body) ? "" : said.body;
  }

  edit(id, body) {
    return this.#do("/edit", { id, body });
  }

  remove(id) {
    return this.#do("/delete", { id });
  }

  // Many people are not named under a message: whoever puts an emoji there that is there already takes it away.
  async react(id, emoji, on) {
    const told = await this.#do("/react", { id, emoji, on: on ? 1 : 0 });
    if (on && !told?.id) await this.#do("/react", { id, emoji, on: 0 });
  }

  topic(topic) {
    return this.#do("", { topic });
  }

  #do(what, fields) {
    return this.#exchange.post(this.#path + what, fields, { patience: PATIENCE });
  }
}
