// Puts together what is drawn of the conversation: the log and what scrolls it, more of it where something is missing, and
// what answers quote. Nothing is decided here.

import { Quoted } from "./models/quoted.js";
import { GapBars } from "./views/gap_bars.js";
import { Lines } from "./views/lines.js";
import { LogView } from "./views/log_view.js";
import { Paging } from "./views/paging.js";
import { Quotes } from "./views/quotes.js";
import { Scroller } from "./views/scroller.js";

// find: (selector) => an element of the page; calendar: of its language; handle: () => what stands behind the @; ignores: (id) =>
// does the reader not want to hear them?; sending: as sendingOf returns it; keep: as of Actions; drawn: () => called whenever
// the log was drawn. Returns { log, scroller, quotes, draw, redraw, hear }: what draw does is read out, what redraw does is not.
export function openDrawing({ find, page, calendar, handle, timeline, history, conversation, ignores, sending, keep, drawn }) {
  const { room, me, language } = page;
  const { outbox } = sending;
  const element = find(".log");
  const templates = { echo: find("#echo"), fate: find("#fate"), reset: find("#reset"), unread: find("#unread") };
  const gapBars = new GapBars({ template: find("#gap"), language, fill });
  const lines = new Lines({ me, handle, calendar, templates, gapBars, words: element.dataset });
  const log = new LogView({ element, lines, calendar, ignores });
  const scroller = new Scroller(find(".scroller"), element, () => timeline.newest);
  const quoted = new Quoted({ room, history });
  const quotes = new Quotes({ element, quoted, ignores, lineOf: (id) => log.element(id), changed: redraw });
  const paging = new Paging({ scroller, items: () => timeline.items, load });

  // still: the line that stays where it is; by default the first one that the reader sees
  function draw(still) {
    sending.show();
    const inside = element.contains(document.activeElement);
    scroller.hold(() => keep(() => log.render(conversation.items)), still);
    // What had the focus may be gone.
    if (inside && document.activeElement === document.body) scroller.focus();
    quotes.render();
    drawn();
  }

  function redraw(still) {
    log.quietly(() => draw(still));
  }

  // Keep only what is near the reader. What they have selected stays.
  function bound(older) {
    const selection = getSelection();
    if (!selection.isCollapsed && element.contains(selection.anchorNode)) return;
    const { first, last } = scroller.seen;
    timeline.bound(older, { first: log.keyOf(first), last: log.keyOf(last) });
  }

  async function fill(gap) {
    await conversation.fill(gap);
    const bar = log.element(gap.key);
    bound(!gap.later);
    // The entries appear above what follows the bar, or below what leads to it.
    redraw(gap.later ? bar?.previousElementSibling : bar?.nextElementSibling);
  }

  // While the reader is on their way the bar may not be drawn yet.
  async function load(gap) {
    const bar = log.element(gap.key);
    return Boolean(bar) && gapBars.load(bar, gap, true);
  }

  async function review() {
    if (await conversation.review()) redraw();
  }

  // Take in an update. Returns how many messages in it are news to the reader and stand below what they see.
  function hear(update) {
    const wasAtEnd = scroller.atEnd;
    const news = conversation.receive(update).filter(({ author }) => !ignores(author.id));
    quoted.hear(update);
    bound(!wasAtEnd);
    // What is done to messages is seen, not read out.
    if (news.length > 0) draw();
    else redraw();
    review();
    return wasAtEnd ? 0 : news.length;
  }

  log.adopt(timeline.items);
  log.onChoice({ retry: (id) => outbox.retry(id), discard: (id) => outbox.discard(id) });
  paging.open();
  return { log, scroller, quotes, draw, redraw, hear };
}
