// Makes and adopts the elements of a room's log: one for each item of the conversation.

import { speaksTo } from "../mention.js";
import { fragmentOf } from "./fragment.js";

export class Lines {
  #me;
  #handle;
  #calendar;
  #templates;
  #gapBars;
  #words;

  // me: the reader's id; handle: () => what stands behind the @ to speak to the reader; templates: the elements
  // { echo, fate, reset, unread }; words: { edited }
  constructor({ me, handle, calendar, templates, gapBars, words }) {
    this.#me = me;
    this.#handle = handle;
    this.#calendar = calendar;
    this.#templates = templates;
    this.#gapBars = gapBars;
    this.#words = words;
  }

  make(item) {
    switch (item.kind) {
      case "message": return this.#message(item);
      case "echo": return this.#echo(item);
      case "gap": return this.#gapBars.make(item);
      case "reset": return this.#copy(this.#templates.reset);
      case "unread": return this.#copy(this.#templates.unread);
    }
  }

  // Draw a message that was amended, where it stands.
  renew(line, { html }) {
    const place = stopsOf(line).indexOf(document.activeElement);
    line.querySelector(".message").replaceWith(fragmentOf(html).firstElementChild);
    this.#address(this.#localize(line));
    if (place >= 0) (stopsOf(line)[place] ?? line.querySelector(".at")).focus({ preventScroll: true });
  }

  // Bring to life what the server has drawn.
  adopt(element, item) {
    if (item.kind === "gap") this.#gapBars.enhance(element, item);
    else this.#address(this.#localize(element));
  }

  #message({ html, author }) {
    return this.#address(this.#localize(this.#line(fragmentOf(html), author.id)));
  }

  #echo(item) {
    const line = this.#line(this.#templates.echo.content.cloneNode(true), this.#me);
    line.classList.add("echo");
    line.dataset.state = item.state;
    line.firstElementChild.dataset.author = this.#me;
    line.querySelector(".author").textContent = item.author.name;
    line.querySelector("time").dateTime = item.at;
    line.querySelector(".at").removeAttribute("href"); // there is no page of it yet
    line.querySelector(".text").textContent = [item.body, ...item.files.map(({ name }) => name)].filter(Boolean).join("\n");
    line.firstElementChild.append(this.#fate(item));
    return this.#localize(line);
  }

  #fate({ clientId, state, reason = "" }) {
    const fate = this.#templates.fate.content.firstElementChild.cloneNode(true);
    fate.querySelector(".reason").textContent = reason;
    fate.querySelector(".sending").hidden = state !== "waiting";
    fate.querySelector(".failed").hidden = state !== "failed";
    for (const button of fate.querySelectorAll("button")) button.value = clientId;
    return fate;
  }

  #copy(template) {
    return template.content.firstElementChild.cloneNode(true);
  }

  #localize(line) {
    const time = line.querySelector("time");
    time.textContent = this.#calendar.time(time.dateTime);
    time.title = this.#calendar.moment(time.dateTime);
    line.querySelector(".at").tabIndex = -1; // see stops.js
    const quoted = line.querySelector(".quoted");
    if (quoted) quoted.tabIndex = -1;
    const edited = line.querySelector(".edited");
    if (!edited) return line;
    edited.textContent = this.#words.edited;
    edited.title = this.#calendar.moment(edited.dateTime);
    return line;
  }

  // What others say may speak to the reader, and they can be met.
  #address(line) {
    if (!this.#me || line.classList.contains("own")) return line;
    line.classList.toggle("mention", speaksTo(line.querySelector(".text").textContent, this.#handle()));
    const name = line.querySelector(".author");
    name.setAttribute("role", "button");
    name.setAttribute("aria-haspopup", "dialog");
    name.tabIndex = -1;
    return line;
  }

  #line(content, author) {
    const line = document.createElement("div");
    line.className = author === this.#me ? "line own" : "line";
    line.append(content);
    return line;
  }
}

// What in a line may have the focus.
function stopsOf(line) {
  return [...line.querySelectorAll("a, button, [tabindex]")];
}
