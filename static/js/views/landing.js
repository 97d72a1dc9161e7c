// The way to one message: into view, and marked; where it is not on the page, to its own.

const ID = /^#(\w+-\d+)$/;

export class Landing {
  #log;
  #room;
  #location;

  constructor({ log, room, location }) {
    this.#log = log;
    this.#room = room;
    this.#location = location;
  }

  // Where the address of the page leads to a message: #ID
  open() {
    const [, id] = ID.exec(this.#location.hash) ?? [];
    if (id) this.go({ room: this.#room, id });
  }

  go({ room, id }) {
    const path = `/room/${encodeURIComponent(room)}`;
    if (room !== this.#room) return this.#location.assign(`${path}#${id}`);
    const message = [...this.#log.querySelectorAll(".message")].find((it) => it.dataset.id === id);
    if (message) this.#mark(message);
    else if (id) this.#location.replace(`${path}/message/${id}`);
  }

  #mark(message) {
    this.#log.querySelector(".sought")?.classList.remove("sought");
    message.classList.add("sought");
    message.scrollIntoView({ block: "center" });
    message.querySelector(".at").focus({ preventScroll: true });
  }
}
