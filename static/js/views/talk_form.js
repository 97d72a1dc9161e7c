// A conversation with somebody who is here.

export class TalkForm {
  #form;
  #shown = "";

  constructor(form) {
    this.#form = form;
  }

  // present: [{ id, name, own }], null for a crowd. A choice that is being made is left alone while nobody is another one.
  render({ present }) {
    const others = (present ?? []).filter(({ own }) => !own);
    const names = JSON.stringify(others);
    if (names === this.#shown) return;
    this.#shown = names;
    const { person } = this.#form.elements;
    const chosen = person.value;
    person.replaceChildren(...others.map(({ id, name }) => new Option(name, id, false, id === chosen)));
    this.#form.hidden = others.length === 0;
  }
}
