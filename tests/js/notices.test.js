import assert from "node:assert/strict";
import { test } from "node:test";

import { Notices } from "../../static/js/models/notices.js";
import { entry, id } from "./kit.js";

const BOB = { id: "bob", name: "Bob" };
const ITEMS = [
  { room: "tea", name: "Tea", direct: false },
  { room: "private-x", name: "Bob", direct: true },
];

// What a reader is told who wants to hear of mentions, and of everything of those two.
function told(news, { leads = true, looked = "", wants = ({ direct, mention }) => direct || mention } = {}) {
  const tabs = { leads, looksAt: (room) => room === looked };
  return new Notices({ wishes: { wants }, rooms: { items: ITEMS }, tabs }).of(news);
}

const said = (room, offset, more = {}) => entry(offset, { room, author: BOB, body: "hello", mention: false, ...more });

test("a notice says who, where, and what", () => {
  assert.deepEqual(told([said("tea", 3, { mention: true, body: "@ann  come\n\nhere " })]), [
    { id: id(3), room: "tea", name: "Tea", direct: false, author: "Bob", text: "@ann come here", mention: true },
  ]);
});

test("of each room there is one: the last that calls the reader, or else the last", () => {
  const news = [
    ...[said("private-x", 1), said("tea", 3, { mention: true }), said("tea", 4, { mention: true }), said("tea", 5)],
    said("private-x", 2),
  ];
  const offsets = (notices) => notices.map((it) => it.id).sort();
  assert.deepEqual(offsets(told(news)), [id(2), id(4)]);
  assert.deepEqual(offsets(told(news, { wants: () => true })), [id(2), id(4)]);
  assert.deepEqual(offsets(told([said("tea", 5), said("tea", 6)], { wants: () => true })), [id(6)]);
});

test("there is none of what the reader does not want to hear", () => {
  assert.deepEqual(told([said("tea", 3)]), []);
  assert.deepEqual(told([said("tea", 3, { mention: true })], { wants: () => false }), []);
});

test("there is none of what the reader looks at", () => {
  const news = [said("tea", 3, { mention: true }), said("private-x", 2)];
  assert.deepEqual(told(news, { looked: "tea" }).map((it) => it.room), ["private-x"]);
});

test("one tab of a browser tells", () => {
  assert.deepEqual(told([said("private-x", 2)], { leads: false }), []);
});

test("a long text is cut, between two characters", () => {
  const [{ text }] = told([said("private-x", 2, { body: "👍".repeat(300) })]);
  assert.equal(text, "👍".repeat(199) + "…");
});
