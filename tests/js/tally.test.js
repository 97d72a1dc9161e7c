import assert from "node:assert/strict";
import { test } from "node:test";

import { prefix, tally } from "../../static/js/tally.js";

const item = (room, unread, mentions = 0, muted = false) => ({ room, unread, mentions, muted });

test("all rooms are counted but those that are looked at and those that may not call", () => {
  const items = [item("a", 3, 1), item("b", 2), item("c", 9, 9, true), item("d", 4, 4)];
  assert.deepEqual(tally(items, (room) => room === "d"), { unread: 5, mentions: 1 });
  assert.deepEqual(tally([], () => false), { unread: 0, mentions: 0 });
});

test("a title says what is unread, and first what speaks to the reader", () => {
  for (const [counts, words] of [
    [{ unread: 0, mentions: 0 }, ""],
    [{ unread: 3, mentions: 0 }, "(3) "],
    [{ unread: 3, mentions: 1 }, "(@1 · 3) "],
    [{ unread: 500, mentions: 100 }, "(@99+ · 99+) "],
  ]) assert.equal(prefix(counts), words);
});
