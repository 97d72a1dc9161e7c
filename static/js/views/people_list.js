// How many are in the room, and behind that who they are.

import { hueOf } from "../hue.js";
import { counted } from "../words.js";

export class PeopleList {
  #details;
  #list;
  #crowd;
  #template;
  #language;
  #shown = "";

  // details: opens the list; template: of one person in it
  constructor({ details, template, language }) {
    this.#details = details;
    this.#list = details.querySelector("ul");
    this.#crowd = details.querySelector(".crowd");
    this.#template = template;
    this.#language = language;
  }

  // page: the document; to press anywhere else closes the list
  open(page) {
    page.addEventListener("pointerdown", ({ target }) => this.#details.contains(target) || this.#hide());
    this.#details.addEventListener("keydown", ({ key }) => key === "Escape" && this.#leave());
  }

  // count: of people; present: [{ id, name, own }], null for a crowd
  render({ count, present }) {
    const [number, words] = this.#details.querySelector("summary").querySelectorAll("span");
    number.textContent = new Intl.NumberFormat(this.#language).format(count);
    words.textContent = counted(words.dataset, count, this.#language);
    this.#crowd.hidden = present !== null;
    this.#name(present ?? []);
    this.#details.hidden = false;
  }

  // A list in which nobody is another one stays as it is: somebody may be reading it.
  #name(present) {
    const names = JSON.stringify(present);
    if (names === this.#shown) return;
    this.#shown = names;
    this.#list.replaceChildren(...present.map((person) => this.#item(person)));
  }

  #item({ id, name, own }) {
    const item = this.#template.content.firstElementChild.cloneNode(true);
    item.className = `hue-${hueOf(id)}`;
    item.querySelector("bdi").textContent = name;
    item.querySelector("span").hidden = !own;
    return item;
  }

  #hide() {
    this.#details.open = false;
  }

  #leave() {
    this.#hide();
    this.#details.querySelector("summary").focus();
  }
}
