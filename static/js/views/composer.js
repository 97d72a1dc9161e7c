// Where a message is written: a new one, an answer, or one that was said already and is said better. What is in it survives
// errors and reloads.

import { orderOf } from "../commands.js";
import { Refused } from "../exchange.js";
import { sends } from "../keys.js";
import { counted } from "../words.js";

const LEFT = 200; // characters: from here on it is shown how many are left
const NEW = {}; // the aim where there is none: a new message

export class Composer {
  #form;
  #field;
  #left;
  #bar;
  #error;
  #limit;
  #shelf;
  #recall;
  #language;
  #typed;
  #post;
  #save;
  #commands;
  #last;
  #aim = NEW; // { answers: id } or { edits: id }
  #draft = ""; // while something else is edited

  // bar: says what is answered or edited; error: why something was not done; limit: characters in a message; shelf: keeps the
  // draft, { body, reply }; recall: async (id) => the message with that id, if it is there; typed: (text) => called with what is in the field, whenever the reader changes it; post: (body, { reply }) => takes
  // it over; save: async (id, body) => says that message so; commands: { name: async (rest) => }; last: () => edits the
  // reader's last message
  constructor({ form, bar, error, limit, shelf, recall, language, typed, post, save, commands, last }) {
    this.#form = form;
    this.#field = form.elements.body;
    this.#left = form.querySelector(".left");
    this.#bar = bar;
    this.#error = error;
    this.#limit = limit;
    this.#shelf = shelf;
    this.#recall = recall;
    this.#language = language;
    this.#typed = typed;
    this.#post = post;
    this.#save = save;
    this.#commands = commands;
    this.#last = last;
  }

  open() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("input", () => this.#refresh());
    this.#field.addEventListener("input", () => this.#typed(this.#field.value));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#bar.querySelector("button").addEventListener("click", () => this.leave());
    const { body, reply } = this.#shelf.read();
    this.#field.value ||= body;
    if (reply) void this.#resume(reply);
    this.#refresh();
  }

  // What is written from now on answers that message.
  answer({ id, name, text }) {
    this.leave();
    this.#begin({ answers: id }, name, text);
    this.#refresh();
  }

  // That message is in the field from now on, and the draft is kept aside.
  edit(id, body) {
    this.leave();
    this.#draft = this.#field.value;
    this.#begin({ edits: id }, "", "");
    this.#fill(body);
    this.#field.setSelectionRange(body.length, body.length);
  }

  // Back to a new message.
  leave() {
    this.#drop();
    this.#field.focus();
  }

  // Say that, which may be nothing where files go with it, in answer to what the bar says.
  say(body) {
    const { answers } = this.#aim;
    this.#fill("");
    this.leave();
    this.#post(body, { reply: answers });
  }

  // Say why something was not done; "": nothing is in the way.
  explain(reason) {
    this.#error.textContent = reason;
    this.#error.hidden = !reason;
  }

  // Why it was not done, as far as the server has said.
  fail(error) {
    this.explain(error.message || this.#error.dataset.failed);
  }

  // Go on with an answer that was begun on a page before, if what it answers is still there.
  async #resume(id) {
    this.#aimAt({ answers: id }, "", "");
    let said;
    try {
      said = await this.#recall(id);
    } catch (error) {
      if (!(error instanceof Refused)) return;
    }
    if (this.#aim.answers !== id) return;
    if (said?.html) this.#aimAt(this.#aim, said.author.name, said.body);
    else this.#drop();
  }

  #begin(aim, name, text) {
    this.#aimAt(aim, name, text);
    this.explain("");
    this.#field.focus();
  }

  #aimAt(aim, name, text) {
    this.#aim = aim;
    this.#bar.querySelector(".words").textContent = aim.edits ? this.#bar.dataset.editing : this.#bar.dataset.answering;
    this.#bar.querySelector(".name").textContent = name;
    this.#bar.querySelector(".excerpt").textContent = text;
    this.#bar.hidden = false;
  }

  #drop() {
    const { edits } = this.#aim;
    this.#aim = NEW;
    this.#bar.hidden = true;
    this.#fill(edits ? this.#draft : this.#field.value);
  }

  #key(event) {
    const { key, isComposing, keyCode, defaultPrevented, shiftKey } = event;
    if (defaultPrevented) return;
    if (sends(event)) this.#form.requestSubmit();
    else if (isComposing || keyCode === 229) return;
    else if (key === "Escape" && this.#aim !== NEW) this.leave();
    else if (key === "ArrowUp" && !shiftKey && this.#aim === NEW && !this.#field.value) this.#last();
    else return;
    event.preventDefault();
  }

  #submit(event) {
    event.preventDefault();
    const body = this.#field.value.trim();
    this.#field.focus();
    if (!body || this.#remaining() < 0) return;
    if (this.#aim.edits) this.#attempt(() => this.#save(this.#aim.edits, body));
    else this.#obey(orderOf(body));
  }

  #obey({ body, command, rest, unknown, lacks }) {
    const { dataset } = this.#error;
    if (unknown) this.explain(dataset.unknown.replace("{command}", () => unknown));
    else if (lacks) this.explain(dataset.lacks.replace("{command}", () => lacks));
    else if (command) this.#attempt(() => this.#commands[command](rest));
    else this.say(body);
  }

  // What is in the field stays there until it is done, and after that where something else has been written meanwhile.
  async #attempt(what) {
    const [aim, text] = [this.#aim, this.#field.value];
    try {
      await what();
    } catch (error) {
      return this.fail(error);
    }
    if (this.#aim !== aim || this.#field.value !== text) return;
    if (aim.edits) this.leave();
    else this.#fill("");
  }

  #fill(text) {
    this.#field.value = text;
    this.#refresh();
  }

  #refresh() {
    this.#field.parentElement.dataset.text = this.#field.value; // the stylesheet makes the field as high as this
    if (!this.#aim.edits) this.#shelf.write({ body: this.#field.value, reply: this.#aim.answers });
    this.explain("");
    this.#count(this.#remaining());
  }

  #count(remaining) {
    const prefix = remaining < 0 ? "over" : "left";
    const words = () => counted(this.#left.dataset, Math.abs(remaining), this.#language, prefix);
    this.#left.textContent = remaining < LEFT ? words() : "";
    this.#field.ariaInvalid = String(remaining < 0);
  }

  // The server counts characters, not UTF-16 units.
  #remaining() {
    return this.#limit - [...this.#field.value.trim()].length;
  }
}
