// Puts together what tells the reader that they are called where they do not look: the list of their rooms, title, icon,
// notices, sound, and the panel in which they say how much of it they want. Nothing is decided here.

import { tally } from "./tally.js";
import { Notices } from "./models/notices.js";
import { Badge } from "./views/badge.js";
import { Chime } from "./views/chime.js";
import { Herald } from "./views/herald.js";
import { NoticePanel } from "./views/notice_panel.js";
import { RoomList } from "./views/room_list.js";

// find: (selector) => an element of the page; calendar: of its language; toMessage: (id) => leads to a message of this room
export function tellingOf({ find, page, wishes, rooms, tabs, calendar, toMessage }) {
  const { room, me, language } = page;
  // Is the list to be drawn in a moment?
  let due = false;
  const notices = new Notices({ wishes, rooms, tabs });
  const badge = new Badge({ page: document, icon: find("link[rel=icon]"), navigator });
  const chime = new Chime(navigator);
  const herald = new Herald({ Notification: globalThis.Notification, icon: find("link[rel=apple-touch-icon]").href, go });
  const roomList = me && new RoomList({ details: find(".my-rooms"), template: find("#my-room"), language });
  const bells = [...document.querySelectorAll(".bell")];
  const panel = me && new NoticePanel({
    ...{ dialog: find(".notices"), bells, wishes, herald, chime, calendar, changed: list },
    room: () => rooms.items.find(({ current }) => current),
  });

  function list() {
    due = false;
    const { items } = rooms;
    roomList.render(items);
    badge.render(tally(items, (it) => tabs.looksAt(it)));
    herald.settle(items);
    panel.render();
  }

  // To a message that the reader was told of, or only to this tab.
  function go({ room: other, id }) {
    focus();
    if (!id) return;
    if (other === room) toMessage(id);
    else location.assign(`/room/${encodeURIComponent(other)}?${new URLSearchParams({ at: id })}`);
  }

  return {
    open() {
      roomList.open(matchMedia("(width >= 80rem)"));
      addEventListener("storage", list);
      panel.open();
    },
    leave: () => herald.leave(),
    rename: (title) => badge.rename(title),
    // Show how many are unread, soon: what is read as it comes is never shown as unread.
    show() {
      if (!due) queueMicrotask(list);
      due = true;
    },
    // Tell of what has come: messages of others, as of Rooms.hear.
    announce(news) {
      const told = notices.of(news);
      if (wishes.shown) for (const notice of told) herald.raise(notice);
      if (wishes.sounding && told.length > 0) chime.play();
    },
  };
}
