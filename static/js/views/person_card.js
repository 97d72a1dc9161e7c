// Somebody who has said something, and the list of those whom the reader does not hear.

export class PersonCard {
  #dialog;
  #list;
  #template;
  #ignore;
  #person = null;

  // dialog: about one person; list: of those who are ignored; template: of one of them;
  // ignore: async ({ id, name }, on) => ignores them, or hears them again; rejects when it cannot
  constructor({ dialog, list, template, ignore }) {
    this.#dialog = dialog;
    this.#list = list;
    this.#template = template;
    this.#ignore = ignore;
  }

  open() {
    this.#dialog.querySelector("[name=ignore]").addEventListener("click", () => this.#choose());
    this.#list.addEventListener("click", ({ target }) => this.#forgive(target.closest("button")));
  }

  // person: { id, name }
  show(person) {
    this.#person = person;
    this.#dialog.querySelector("bdi").textContent = person.name;
    this.#dialog.querySelector("[name=person]").value = person.id;
    this.#explain(false);
    this.#dialog.showModal();
  }

  // ignored: [{ id, name }]
  render(ignored) {
    this.#list.parentElement.hidden = ignored.length === 0;
    this.#list.replaceChildren(...ignored.map((person) => this.#item(person)));
  }

  async #choose() {
    try {
      await this.#ignore(this.#person, true);
      this.#dialog.close();
    } catch {
      this.#explain(true);
    }
  }

  async #forgive(button) {
    if (!button) return;
    button.disabled = true;
    const person = { id: button.value, name: button.parentElement.querySelector("bdi").textContent };
    await this.#ignore(person, false).catch(() => (button.disabled = false));
  }

  #explain(failed) {
    this.#dialog.querySelector(".error").hidden = !failed;
  }

  #item({ id, name }) {
    const item = this.#template.content.firstElementChild.cloneNode(true);
    item.querySelector("bdi").textContent = name;
    item.querySelector("button").value = id;
    return item;
  }
}
