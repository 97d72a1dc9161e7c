// The reader's rooms, with what is unread in each.

import { counted } from "../words.js";

// Beyond it, the number says only: many.
const MOST = 99;

export class RoomList {
  #details;
  #list;
  #template;
  #total;
  #language;
  #links = new Map();

  // details: holds the list and, in its summary, what is unread in all other rooms; template: of one room
  constructor({ details, template, language }) {
    this.#details = details;
    this.#list = details.querySelector("ul");
    this.#template = template;
    this.#total = details.querySelector("summary .count");
    this.#language = language;
  }

  // wide: the MediaQueryList that says whether there is room for the list beside what is said
  open(wide) {
    const follow = () => (this.#details.open = wide.matches);
    follow();
    wide.addEventListener("change", follow);
    addEventListener("pointerdown", ({ target }) => this.#details.contains(target) || follow());
    this.#details.addEventListener("keydown", ({ key }) => key === "Escape" && !wide.matches && this.#close());
  }

  // items: as those of Rooms
  render(items) {
    const focused = this.#list.querySelector(":focus");
    const shown = new Set(items.map(({ room }) => room));
    for (const [room, link] of this.#links) if (!shown.has(room)) this.#remove(room, link);
    let place = this.#list.firstElementChild;
    for (const item of items) {
      const element = this.#linkOf(item).parentElement;
      if (element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(element, place);
      this.#show(item);
    }
    // Who moves a link takes the focus from it.
    if (focused?.isConnected) focused.focus();
    this.#sum(items.filter(({ current, muted }) => !current && !muted));
  }

  #close() {
    this.#details.open = false;
    this.#details.querySelector("summary").focus();
  }

  #remove(room, link) {
    link.parentElement.remove();
    this.#links.delete(room);
  }

  #linkOf({ room, current }) {
    if (!this.#links.has(room)) {
      const element = this.#template.content.firstElementChild.cloneNode(true);
      const link = element.querySelector("a");
      link.href = `/room/${encodeURIComponent(room)}`;
      if (current) link.ariaCurrent = "page";
      this.#links.set(room, link);
    }
    return this.#links.get(room);
  }

  #show({ room, name, muted, ...counts }) {
    const link = this.#links.get(room);
    link.querySelector("bdi").textContent = name;
    link.classList.toggle("muted", muted);
    this.#count(link.querySelector(".count"), counts);
  }

  #sum(items) {
    const sum = (key) => items.reduce((total, item) => total + item[key], 0);
    this.#count(this.#total, { unread: sum("unread"), mentions: sum("mentions") });
  }

  #count(element, { unread, mentions }) {
    const { dataset } = this.#list;
    const words = (count, prefix) => (count ? counted(dataset, count, this.#language, prefix) : "");
    element.hidden = !unread;
    element.classList.toggle("mentioned", mentions > 0);
    element.firstElementChild.textContent = unread > MOST ? `${MOST}+` : unread;
    element.lastElementChild.textContent = `${words(unread, "unread")} ${words(mentions, "mentions")}`;
  }
}
