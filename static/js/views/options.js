// A list to choose from while the focus stays in a field: ARIA's combobox (the field) and listbox (the list).

export class Options {
  #field;
  #list;
  #choose;
  #items = [];
  #active = -1;

  // choose: (item) => called with the one that is taken
  constructor({ field, list, choose }) {
    this.#field = field;
    this.#list = list;
    this.#choose = choose;
  }

  open() {
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.#list.addEventListener("click", ({ target }) => this.#pick(target.closest("[role=option]")));
  }

  get shown() {
    return !this.#list.hidden;
  }

  get chosen() {
    return this.#active >= 0;
  }

  // items: [{ show, hint }]; eager: is the first of them meant, unless another is chosen?
  show(items, eager) {
    this.#items = items;
    this.#list.replaceChildren(...items.map((item, place) => this.#option(item, place)));
    this.#list.hidden = items.length === 0;
    this.#field.role = "combobox";
    this.#field.setAttribute("aria-controls", this.#list.id);
    this.#field.ariaExpanded = String(this.shown);
    this.#activate(eager ? 0 : -1);
  }

  hide() {
    if (!this.shown) return;
    this.#list.hidden = true;
    for (const it of ["role", "aria-controls", "aria-expanded", "aria-activedescendant"]) this.#field.removeAttribute(it);
  }

  // Round and round.
  move(step) {
    const { length } = this.#items;
    const place = this.chosen ? this.#active + step : Math.min(step, 0);
    this.#activate(((place % length) + length) % length);
  }

  // Take the active one, or else the first.
  take() {
    const item = this.#items[Math.max(this.#active, 0)];
    if (item) this.#choose(item);
  }

  #pick(option) {
    if (!option) return;
    this.#active = [...this.#list.children].indexOf(option);
    this.take();
  }

  #activate(place) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = place in this.#items ? place : -1;
    const option = this.#list.children[this.#active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #option({ show, hint }, place) {
    const option = document.createElement("li");
    Object.assign(option, { id: `${this.#list.id}-${place}`, role: "option", ariaSelected: "false", title: hint ?? "" });
    for (const text of [show, hint]) option.append(this.#part(text));
    return option;
  }

  #part(text = "") {
    const part = document.createElement("bdi");
    part.textContent = text;
    return part;
  }
}
