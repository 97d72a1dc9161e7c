// Notices of the system, one for each room, and what a click on them leads to.

export class Herald {
  #Notification;
  #icon;
  #go;
  #open = new Map(); // room -> Notification

  // Notification: the browser's, undefined where there is none (on plain http); icon: an address;
  // go: ({ room, id }) => leads to that message
  constructor({ Notification, icon, go }) {
    this.#Notification = Notification;
    this.#icon = icon;
    this.#go = go;
  }

  // "granted", "denied", "default" (not asked yet), or "missing"
  get permission() {
    return this.#Notification?.permission ?? "missing";
  }

  // Ask the reader, who wants it. Returns whether they are shown.
  async ask() {
    await this.#Notification?.requestPermission();
    return this.permission === "granted";
  }

  // notice: as those of Notices. Returns whether the browser took it: on telephones some do not.
  raise({ id, room, name, direct, author, text }) {
    if (this.permission !== "granted") return false;
    const title = direct ? author : `${isolated(author)} · ${isolated(name)}`;
    try {
      this.#show({ id, room }, title, { body: text, tag: room, renotify: true, silent: true, icon: this.#icon });
    } catch {
      return false;
    }
    return true;
  }

  // items: as those of Rooms
  settle(items) {
    for (const { room, unread } of items) if (!unread) this.#close(room);
  }

  leave() {
    for (const room of this.#open.keys()) this.#close(room);
  }

  #show(message, title, options) {
    const notice = new this.#Notification(title, options);
    this.#open.set(message.room, notice);
    notice.addEventListener("click", () => {
      this.#close(message.room);
      this.#go(message);
    });
  }

  #close(room) {
    this.#open.get(room)?.close();
    this.#open.delete(room);
  }
}

// Whichever way a name runs, what stands beside it stays where it is.
function isolated(name) {
  return `\u2068${name}\u2069`;
}
