// What is unread in all of the reader's rooms together, as the title and the icon of the page say it.

const MOST = 99; // beyond it, the number says only: many

// items: as those of Rooms; looked: (room) => is it looked at? Returns { unread, mentions } of the rooms that may call the reader.
export function tally(items, looked) {
  const calling = items.filter(({ room, muted }) => !muted && !looked(room));
  const sum = (key) => calling.reduce((total, item) => total + item[key], 0);
  return { unread: sum("unread"), mentions: sum("mentions") };
}

// Stands before a title: "(3) ", "(@1 · 3) " where one of the three speaks to the reader, "" for nothing.
export function prefix({ unread, mentions }) {
  if (!unread) return "";
  return mentions ? `(@${capped(mentions)} · ${capped(unread)}) ` : `(${capped(unread)}) `;
}

function capped(count) {
  return count > MOST ? `${MOST}+` : String(count);
}
