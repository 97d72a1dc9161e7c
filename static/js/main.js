// Puts the room's page together: models, views, and the wires between them. Nothing is decided here.

import { Backoff } from "./backoff.js";
import { Calendar } from "./calendar.js";
import { randomId } from "./client_id.js";
import { now, sleep } from "./clock.js";
import { Exchange } from "./exchange.js";
import { Page } from "./page.js";
import { Pause } from "./pause.js";
import { Shelf } from "./shelf.js";
import { Conversation } from "./models/conversation.js";
import { Heading } from "./models/heading.js";
import { History } from "./models/history.js";
import { LongPoll } from "./models/long_poll.js";
import { Outbox } from "./models/outbox.js";
import { Tabs } from "./models/tabs.js";
import { Timeline } from "./models/timeline.js";
import { Arrivals } from "./views/arrivals.js";
import { Composer } from "./views/composer.js";
import { GapBars } from "./views/gap_bars.js";
import { Lines } from "./views/lines.js";
import { HeadingView } from "./views/heading_view.js";
import { LogView } from "./views/log_view.js";
import { NameForm } from "./views/name_form.js";
import { Scroller } from "./views/scroller.js";
import { Strip } from "./views/strip.js";

const find = (selector) => document.querySelector(selector);
const page = new Page(document);
const { room, language, me } = page;
const author = { id: me, name: page.name };

const exchange = new Exchange({
  fetch: (...request) => fetch(...request),
  token: () => page.token,
  sleep,
  now,
});
const patient = () => ({ backoff: new Backoff(Math.random), pause: new Pause(sleep) });
const shelf = (name) => new Shelf(() => sessionStorage, `${name}:${room}`);

// Models
const timeline = new Timeline(page);
const history = new History({ room, exchange });
const outbox = new Outbox({
  ...{ room, exchange, ...patient() },
  shelf: shelf("outbox"),
  newId: () => randomId(crypto),
  reached: (id) => timeline.reached(id),
  changed: () => draw(),
});
const conversation = new Conversation({ me, timeline, outbox });
const heading = new Heading({ ...page, exchange, changed: () => headingView.show(heading) });
const tabs = new Tabs({
  id: randomId(crypto),
  channel: new BroadcastChannel("tabs"),
  changed: () => share(),
});
const updates = new LongPoll({
  ...{ room, exchange, now, ...patient() },
  cursor: () => timeline.cursor,
  patience: page.patience,
  mayHold: () => !(document.hidden && tabs.many),
  report: (status) => strip.show(status),
});

// Views
const strip = new Strip({ element: find(".strip"), language, now, again: wake });
const gapBars = new GapBars({ template: find("#gap"), language, fill });
const calendar = new Calendar(language);
const templates = { echo: find("#echo"), fate: find("#fate"), reset: find("#reset") };
const lines = new Lines({ me, calendar, templates, gapBars });
const log = new LogView({ element: find(".log"), lines, calendar });
const scroller = new Scroller(find(".scroller"), find(".log"));
const arrivals = new Arrivals({ button: find(".arrivals"), scroller, page: document });

const headingView = new HeadingView({
  element: find(".heading"),
  renamed: (title) => arrivals.rename(title),
});

function draw(still) {
  scroller.hold(() => log.render(conversation.items), still);
}

function wake() {
  updates.wake();
  outbox.wake();
}

// Let the connection of a held request go, when there are few and nobody looks at this tab.
function share() {
  if (document.hidden && tabs.many) updates.wake();
}

async function fill(gap) {
  const range = await history.range(gap);
  timeline.fill(gap, range);
  const still = log.after(gap); // so the entries appear above it
  log.quietly(() => draw(still));
  if (document.activeElement === document.body) scroller.focus(); // the link that had it is gone
}

async function listen() {
  for await (const update of updates) {
    const wasAtEnd = scroller.atEnd;
    const news = conversation.receive(update);
    heading.apply(update);
    draw();
    arrivals.add(news.length, wasAtEnd);
  }
}

function say(body) {
  outbox.post(body, { ...author }, new Date(now()).toISOString());
  scroller.toEnd();
}

function openForms() {
  const form = find(".composer");
  new Composer({ form, limit: page.limit, shelf: shelf("draft"), language, post: say }).open();
  const renamed = (name) => (author.name = name);
  new NameForm({ details: find(".naming"), exchange, renamed }).open();
  outbox.open({ ...author });
}

log.adopt(timeline.items);
log.onChoice({ retry: (id) => outbox.retry(id), discard: (id) => outbox.discard(id) });
addEventListener("online", wake);
addEventListener("pagehide", () => tabs.leave());
addEventListener("pageshow", ({ persisted }) => {
  tabs.enter();
  if (persisted) wake();
});
document.addEventListener("visibilitychange", () => (document.hidden ? share() : wake()));
if (me) openForms();
draw();
listen();
