// What is unread, where it is seen while nobody looks at the page: in its title, on its icon, and on that of the installed site.

import { prefix } from "../tally.js";

export class Badge {
  #page;
  #icon;
  #navigator;
  #title;
  #plain;
  #before = "";

  // page: the document; icon: the link to it, which names those for `unread` and `mention`
  constructor({ page, icon, navigator }) {
    this.#page = page;
    this.#icon = icon;
    this.#navigator = navigator;
    this.#title = page.title;
    this.#plain = icon.href;
  }

  // Nothing is touched that stays as it is: browsers draw a tab anew for each word.
  render({ unread, mentions }) {
    const before = prefix({ unread, mentions });
    if (before === this.#before) return;
    this.#before = before;
    this.#entitle();
    const { mention, unread: some } = this.#icon.dataset;
    const icon = mentions ? mention : unread ? some : this.#plain;
    if (this.#icon.href !== icon) this.#icon.href = icon;
    this.#navigator.setAppBadge?.(unread).catch(() => {}); // only an installed site has one
  }

  // The page is called otherwise from now on.
  rename(title) {
    this.#title = title;
    this.#entitle();
  }

  #entitle() {
    this.#page.title = this.#before + this.#title;
  }
}
