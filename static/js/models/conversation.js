// A room as its reader sees it: the log as far as it is known, and after it what the reader has said meanwhile.

export class Conversation {
  #me;
  #timeline;
  #outbox;

  // me: the reader's id, "" for somebody who only reads
  constructor({ me, timeline, outbox }) {
    this.#me = me;
    this.#timeline = timeline;
    this.#outbox = outbox;
  }

  get items() {
    return [...this.#timeline.items, ...this.#outbox.items];
  }

  // Returns the messages of others that are news to the reader.
  receive(update) {
    const { messages, said, reset } = this.#timeline.apply(update);
    const own = ({ author }) => author.id === this.#me;
    for (const { clientId } of said.filter(own)) this.#outbox.confirm(clientId);
    this.#outbox.settle({ reset });
    return reset ? [] : messages.filter((message) => !own(message));
  }
}
