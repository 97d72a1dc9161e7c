// What the reader wants to be told of, to be seen and changed; and whether the browser takes part in it.

import { FOR_EVER } from "../models/wishes.js";

export class NoticePanel {
  #dialog;
  #bells;
  #room;
  #wishes;
  #herald;
  #calendar;
  #chime;
  #changed;
  #asking = false;

  // bells: the buttons that open the dialog; room: () => that of the page, as an item of Rooms;
  // changed: () => called when something else is wanted
  constructor({ dialog, bells, room, wishes, herald, chime, calendar, changed }) {
    this.#dialog = dialog;
    this.#bells = bells;
    this.#room = room;
    this.#wishes = wishes;
    this.#herald = herald;
    this.#chime = chime;
    this.#calendar = calendar;
    this.#changed = changed;
  }

  open() {
    for (const bell of this.#bells) bell.addEventListener("click", () => this.#show());
    this.#dialog.addEventListener("change", ({ target }) => this.#choose(target));
    this.#dialog.addEventListener("click", ({ target }) => this.#rest(target.closest("[name=quiet]")));
    this.#dialog.addEventListener("close", () => this.#bells.find((bell) => bell.checkVisibility())?.focus());
  }

  // What it says is as the wishes are, whichever tab has changed them.
  render() {
    const level = this.#wishes.level(this.#room());
    const state = this.#wishes.quietUntil ? "quiet" : level;
    for (const bell of this.#bells) this.#mark(bell, state);
    if (!this.#dialog.open) return;
    const { level: levels, shown, sounding } = this.#dialog.firstElementChild.elements;
    levels.value = level;
    shown.checked = this.#asking || (this.#wishes.shown && this.#herald.permission === "granted");
    sounding.checked = this.#wishes.sounding;
    this.#until(this.#wishes.quietUntil);
  }

  #show() {
    this.#explain(this.#herald.permission);
    this.#dialog.showModal();
    this.render();
  }

  #mark(bell, state) {
    if (bell.dataset.state === state) return;
    bell.dataset.state = state;
    bell.title = bell.dataset[state] ?? "";
    bell.lastElementChild.textContent = bell.dataset[state] ?? bell.dataset.all;
  }

  async #choose({ name, value, checked }) {
    if (name === "level") this.#wishes.setLevel(this.#room(), value);
    if (name === "sounding") this.#sound(checked);
    if (name === "shown") await this.#allow(checked);
    this.#tell();
  }

  #sound(on) {
    this.#wishes.sound(on);
    if (on) this.#chime.play(); // so that it is known, and allowed to the page
  }

  // The browser asks now, and never before. The first notice is one to look at.
  async #allow(on) {
    this.#asking = on;
    const granted = on && (await this.#herald.ask());
    this.#asking = false;
    const { sample } = this.#dialog.dataset;
    const shown = granted && this.#herald.raise({ ...this.#room(), direct: true, author: sample, text: "", id: "" });
    this.#wishes.show(shown);
    if (on) this.#explain(granted && !shown ? "missing" : this.#herald.permission);
  }

  #explain(permission) {
    const reason = this.#dialog.querySelector(".reason");
    reason.textContent = reason.dataset[permission] ?? "";
    const { shown } = this.#dialog.firstElementChild.elements;
    shown.disabled = permission === "missing";
  }

  #rest(button) {
    if (!button) return;
    this.#wishes.quiet(button.value);
    this.#tell();
    [...this.#dialog.querySelectorAll("[name=quiet]")].find((it) => !it.hidden).focus(); // what was pressed is gone
  }

  #until(quietUntil) {
    for (const button of this.#dialog.querySelectorAll("[name=quiet]")) button.hidden = Boolean(button.value) === quietUntil > 0;
    const status = this.#dialog.querySelector(".until");
    const time = quietUntil && quietUntil < FOR_EVER ? this.#calendar.hour(new Date(quietUntil).toISOString()) : "";
    const words = time ? status.dataset.until.replace("{time}", time) : quietUntil ? status.dataset.ever : "";
    if (status.textContent !== words) status.textContent = words;
  }

  #tell() {
    this.render();
    this.#changed();
  }
}
