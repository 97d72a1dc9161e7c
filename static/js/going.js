// Puts together the ways through the log: to its end, to a message, to where it begins to be unread, and by keyboard.
// Nothing is decided here.

import { Refused, Unavailable } from "./exchange.js";
import { Arrivals } from "./views/arrivals.js";
import { Stops } from "./views/stops.js";
import { WayBack } from "./views/way_back.js";

// find: (selector) => an element of the page; drawing: as of openDrawing; meet: as of Stops; moved: () => called when the reader is
// somewhere else. Returns { wayBack, toNewest, toMessage, follow, look, hear }; toMessage: (id) => leads there.
export function openGoing({ find, page, timeline, conversation, drawing, meet, moved }) {
  const { log, scroller, redraw } = drawing;
  const arrivals = new Arrivals({ button: find(".arrivals"), scroller, language: page.language, leave: toNewest });
  const wayBack = new WayBack({
    ...{ button: find(".way-back"), scroller, go: toUnread },
    line: () => log.element("unread"),
    away: () => conversation.unreadIsAway,
  });

  // Be somewhere else in the log, as one is when `going` is done, and do what is to be done there. Returns whether that worked.
  async function leave(going, there) {
    try {
      await going;
    } catch (error) {
      if (error instanceof Refused || error instanceof Unavailable) return false;
      throw error;
    }
    redraw();
    there();
    arrivals.look();
    moved();
    return true;
  }

  function toNewest() {
    return leave(conversation.toNewest(), () => {
      scroller.toEnd();
      scroller.focus();
    });
  }

  function toUnread() {
    return leave(conversation.toUnread(), () => log.reveal("unread"));
  }

  async function toMessage(id) {
    const address = `?${new URLSearchParams({ at: id })}`;
    if (!(await leave(conversation.toMessage(id), () => log.point(id)))) location.assign(address);
  }

  drawing.quotes.open(toMessage);
  new Stops(find(".scroller"), meet).open();
  return {
    ...{ wayBack, toNewest, toMessage },
    // The reader has said something, which stands at the end.
    follow() {
      if (timeline.newest) scroller.toEnd();
      else leave(conversation.toNewest(), () => scroller.toEnd());
    },
    // The log was drawn.
    look() {
      wayBack.show();
      arrivals.look();
    },
    // Take in an update.
    hear: (update) => arrivals.add(drawing.hear(update)),
  };
}
