// Puts together up to where the reader has read: what they look at, what they read in another tab, and what comes while
// they look at nothing. Nothing is decided here.

import { Reading } from "./models/reading.js";

// drawing: as of openDrawing; wayBack: a WayBack. Returns { open, look, lookAway, settle, leave }.
export function markingOf({ page, exchange, sleep, backoff, rooms, tabs, timeline, conversation, drawing, wayBack }) {
  const { room, me } = page;
  const { scroller, redraw } = drawing;
  const reading = new Reading({ room, exchange, sleep, backoff, noted: (change) => rooms.noted(change) });
  // id up to which all was there when the reader left before it was known what they had read
  let left = null;

  // Whoever looks at the end of the log has read it.
  function look() {
    const looks = !document.hidden && document.hasFocus();
    tabs.look(looks ? room : "");
    if (!me || rooms.stood === undefined || !looks || !scroller.atEnd) return;
    rooms.read(timeline.cursor);
    reading.reach(timeline.cursor);
  }

  function mark(id) {
    conversation.mark = id;
    redraw();
  }

  return {
    look,
    open() {
      scroller.onScroll(look);
      addEventListener("focus", look);
      addEventListener("blur", look);
    },
    // What comes while nobody looks is unread when they are back, unless they have not seen yet what was unread before.
    lookAway() {
      if (!me || !scroller.atEnd || wayBack.open) return;
      if (rooms.stood === undefined) return (left ??= timeline.cursor);
      wayBack.renew();
      mark(timeline.cursor);
    },
    // The rooms have changed.
    settle() {
      const stood = rooms.stood === undefined ? null : rooms.stood ?? left;
      if (conversation.mark === null && stood) mark(stood);
      // It may have been read in another tab.
      if (document.hidden && conversation.pass(rooms.reached)) redraw();
      look();
    },
    leave: () => reading.leave(),
  };
}
