// The scrolled log. It is laid out from its end (column-reverse), so `scrollTop` is 0 at the end and negative above it,
// and a reader at the end stays there by itself, whatever grows. A reader who has scrolled up, or for whom the log goes on
// behind what is loaded, is held in place here.

// px: closer to the end than one line counts as being there
const NEAR = 32;
// heights of the window that are loaded before the reader comes there
const AHEAD = 1.5;
// lines that are looked at again after a change: some of them may be gone then
const ANCHORS = 8;

export class Scroller {
  #element;
  #log;
  #newest;
  #last = 0;
  // where the reader went last: -1 up, 1 down
  way = 0;

  // newest: () => does the log end with what is loaded?
  constructor(element, log, newest = () => true) {
    this.#element = element;
    this.#log = log;
    this.#newest = newest;
    this.onScroll(() => this.#go());
  }

  get atEnd() {
    return this.#newest() && Math.abs(this.#element.scrollTop) < NEAR;
  }

  // Is the end further away than one goes at a glance?
  get farFromEnd() {
    return !this.#newest() || Math.abs(this.#element.scrollTop) > this.#element.clientHeight;
  }

  // Does the reader come near the first (-1) or the last (1) line that is loaded?
  near(way) {
    const { scrollTop, scrollHeight, clientHeight } = this.#element;
    const above = scrollHeight - clientHeight + scrollTop;
    return (way < 0 ? above : -scrollTop) < AHEAD * clientHeight;
  }

  // The first and the last line that the reader sees; null where there is none.
  get seen() {
    const { top, bottom } = this.#element.getBoundingClientRect();
    const lines = this.#lines();
    return { first: lines[lineAt(lines, top)] ?? null, last: lines[lineAt(lines, bottom)] ?? lines.at(-1) ?? null };
  }

  // Does the reader see this element?
  shows(element) {
    const { top, bottom } = this.#element.getBoundingClientRect();
    const place = element.getBoundingClientRect();
    return place.bottom > top && place.top < bottom;
  }

  focus() {
    this.#element.focus({ preventScroll: true });
  }

  toEnd() {
    this.#element.scrollTop = 0;
  }

  // Call `change` without moving the line `still`, by default the first one that a reader sees who is not at the end.
  hold(change, still = null) {
    const anchors = this.atEnd && !still ? [] : this.#anchors(still);
    change();
    const anchor = anchors.find(({ line }) => line.isConnected && !line.hidden);
    if (anchor) this.#element.scrollTop += anchor.line.getBoundingClientRect().bottom - anchor.bottom;
    else if (anchors.length > 0 || this.atEnd) this.toEnd();
    this.#last = this.#element.scrollTop;
  }

  onScroll(listener) {
    this.#element.addEventListener("scroll", listener, { passive: true });
  }

  #go() {
    const { scrollTop } = this.#element;
    this.way = Math.sign(scrollTop - this.#last) || this.way;
    this.#last = scrollTop;
  }

  // Lines and where they end: one that joins a group loses its head, above its text.
  #anchors(still) {
    const lines = this.#lines();
    const first = lineAt(lines, this.#element.getBoundingClientRect().top);
    const chosen = [...(still ? [still] : []), ...lines.slice(first, first + ANCHORS)];
    return chosen.map((line) => ({ line, bottom: line.getBoundingClientRect().bottom }));
  }

  #lines() {
    return [...this.#log.querySelectorAll(".line:not([hidden])")];
  }
}

// Which line is the first that reaches below `y`. They lie in the order of the document, so it is found by bisection.
function lineAt(lines, y) {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].getBoundingClientRect().bottom <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
