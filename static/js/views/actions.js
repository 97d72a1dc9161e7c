// What can be done about a message. There is one toolbar for the whole log: it moves into the line on which the pointer or the
// focus is, or which was touched. Reactions are drawn by the server; here they become buttons.

const CHIP = "[data-emoji]";

export class Actions {
  #log;
  #tools;
  #told;
  #asking;
  #me;
  #deeds;
  #picker;
  #answer;
  #edit;
  #held = null;

  // tools: the toolbar; asking: the dialog before a message is deleted; me: the reader's id;
  // answer: ({ id, name, text }) and edit: async (id) => called for what is begun elsewhere
  constructor({ log, tools, asking, me, deeds, picker, answer, edit }) {
    this.#log = log;
    this.#tools = tools;
    this.#told = tools.querySelector(".told");
    this.#asking = asking;
    this.#me = me;
    this.#deeds = deeds;
    this.#picker = picker;
    this.#answer = answer;
    this.#edit = edit;
  }

  open() {
    this.#log.addEventListener("pointerover", ({ pointerType, target }) => this.#hover(pointerType, target));
    this.#log.addEventListener("pointerleave", ({ pointerType }) => this.#hover(pointerType, null));
    this.#log.addEventListener("focusin", ({ target }) => this.#show(target));
    this.#log.addEventListener("click", ({ target }) => this.#press(target));
    this.#log.addEventListener("pointerdown", ({ target }) => (this.#held = target.closest(CHIP)));
    this.#log.addEventListener("pointerup", ({ pointerType, target }) => this.#release(pointerType, target));
    this.#asking.addEventListener("submit", (event) => this.#remove(event));
    this.#enliven();
  }

  // Call `change`, which may put other elements in the place of those that are here. The toolbar and the focus stay.
  keep(change) {
    const focus = document.activeElement;
    const stop = this.#log.contains(focus) && this.#stopOf(focus);
    const { id } = this.#message?.dataset ?? {};
    change();
    this.#enliven();
    if (id && !this.#tools.hidden && !this.#log.contains(this.#tools)) this.#show(this.#find(id));
    if (stop && document.activeElement !== focus) this.#regain(focus, stop);
  }

  // The reader may now delete what others have said, or may no longer.
  judge(may) {
    this.#tools.toggleAttribute("data-judge", may);
  }

  get #message() {
    return this.#tools.closest(".line")?.querySelector(".message");
  }

  // A pointer that lies where it is takes nothing from the keyboard; a finger does not hover, and has left before its click.
  #hover(kind, target) {
    if (kind === "touch" || this.#picker.shown || this.#tools.querySelector(":focus-visible")) return;
    if (target) this.#show(target);
    else this.#tools.hidden = true;
  }

  // A reaction that was drawn anew under a mouse button is pressed all the same: of what has gone no click is told.
  #release(kind, target) {
    const [held, chip] = [this.#held, target.closest(CHIP)];
    if (kind !== "mouse" || !chip || !held || held.isConnected || keyOf(held) !== keyOf(chip)) return;
    chip.firstElementChild.click();
  }

  #find(id) {
    return this.#log.querySelector(`.message[data-id="${CSS.escape(id)}"]`);
  }

  #stopOf(focus) {
    const { id } = focus.closest(".line")?.querySelector(".message").dataset ?? {};
    const { emoji } = focus.closest(CHIP)?.dataset ?? {};
    return id && { id, within: emoji ? `[data-emoji="${CSS.escape(emoji)}"] button` : ".at" };
  }

  #regain(focus, { id, within }) {
    const message = this.#find(id);
    const again = focus.isConnected ? focus : message?.querySelector(within) ?? message?.querySelector(".at");
    (again ?? this.#log.parentElement).focus({ preventScroll: true });
  }

  #show(target) {
    const line = target?.closest(".line");
    if (!line?.querySelector(".at[href]") || (line.contains(this.#tools) && !this.#tools.hidden)) return;
    const own = line.classList.contains("own");
    for (const [name, shown] of Object.entries({ edit: own, remove: own || "judge" in this.#tools.dataset })) {
      this.#button(name).hidden = !shown;
    }
    this.#tell("");
    this.#tools.hidden = false;
    line.append(this.#tools);
  }

  #button(name) {
    return this.#tools.querySelector(`[name=${name}]`);
  }

  #press(target) {
    const button = target.closest("button");
    if (!button) return target.closest("a") || this.#show(target);
    const message = button.closest(".line")?.querySelector(".message");
    const chip = button.closest(CHIP);
    if (chip) this.#react(message.dataset.id, chip.dataset.emoji, button.ariaPressed !== "true");
    else if (this.#tools.contains(button)) this.#choose(button.name, message);
  }

  #choose(name, message) {
    const { id } = message.dataset;
    if (name === "answer" || name === "edit") this.#tools.hidden = true; // it goes on in the composer
    switch (name) {
      case "answer": return this.#answer(this.#saidIn(message));
      case "react": return this.#picker.show(this.#tools, (emoji) => this.#react(id, emoji, true));
      case "edit": return this.#edit(id);
      case "copy": return this.#copy(message.querySelector(".at").href);
      case "remove": return this.#ask(id);
    }
  }

  #saidIn(message) {
    const [name, text] = [".author", ".text"].map((it) => message.querySelector(it).textContent.trim());
    return { id: message.dataset.id, name, text };
  }

  async #react(id, emoji, on) {
    try {
      await this.#deeds.react(id, emoji, on);
    } catch (error) {
      this.#show(this.#find(id));
      this.#tell(this.#wordsOf(error));
    }
  }

  async #copy(link) {
    const done = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error("not on plain http"));
    this.#tell(await done.then(() => this.#told.dataset.copied, () => link));
  }

  #ask(id) {
    this.#asking.querySelector("[name=remove]").value = id;
    this.#explain("");
    this.#asking.showModal();
  }

  async #remove(event) {
    const { name, value } = event.submitter;
    if (name !== "remove") return;
    event.preventDefault();
    try {
      await this.#deeds.remove(value);
      this.#asking.close();
      if (document.activeElement === document.body) this.#log.parentElement.focus();
    } catch (error) {
      this.#explain(this.#wordsOf(error));
    }
  }

  #explain(reason) {
    const error = this.#asking.querySelector(".error");
    error.textContent = reason;
    error.hidden = !reason;
  }

  #tell(words) {
    this.#told.textContent = words;
  }

  #wordsOf(error) {
    return error.message || this.#told.dataset.failed;
  }

  #enliven() {
    for (const list of this.#log.querySelectorAll(".reactions:not(:has(button))")) {
      for (const item of list.children) item.replaceChildren(this.#chip(item));
    }
  }

  #chip(item) {
    const button = document.createElement("button");
    const mine = item.dataset.people.split(" ").includes(this.#me);
    Object.assign(button, { type: "button", tabIndex: -1, ariaPressed: String(mine) });
    button.append(...item.childNodes);
    return button;
  }
}

function keyOf(chip) {
  return chip.closest(".message").dataset.id + chip.dataset.emoji;
}
