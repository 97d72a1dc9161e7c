// Who types just now, in one sentence. It is there for those who look for it and is never announced: it changes every few
// seconds, and a screen reader would talk of it over what is said.

const NAMES = /\{(one|two)\}/;

export class TypingLine {
  #element;

  // element: has the sentences for one, two and several
  constructor(element) {
    this.#element = element;
  }

  // typing: [{ name }]
  render(typing) {
    const [one, two] = typing.map(({ name }) => name);
    const { dataset } = this.#element;
    const sentence = ["", dataset.one, dataset.two][typing.length] ?? dataset.several;
    const parts = sentence.split(NAMES).map((part) => this.#part(part, { one, two }));
    this.#element.replaceChildren(...parts.filter(({ textContent }) => textContent));
  }

  #part(part, names) {
    const element = document.createElement(part in names ? "bdi" : "span");
    element.textContent = names[part] ?? part;
    return element;
  }
}
