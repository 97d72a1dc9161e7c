import assert from "node:assert/strict";
import { test } from "node:test";

import { completions } from "../../static/js/completing.js";
import { emojiFor } from "../../static/js/emoji.js";

const PEOPLE = ["Ann Lee", "Joanna", "林梅", "Dr. Bob", "!!!", "<img src=x>"].map((name, id) => ({ id: String(id), name }));
const HINTS = { nick: "a name" };

function found(text, { people = PEOPLE, language = "en" } = {}) {
  return completions(text, { people: () => people, language, hints: HINTS });
}

const inserts = (text, options) => found(text, options)?.items.map(({ insert }) => insert) ?? [];

test("a name is completed to what speaks to that person, beginnings before what lies within", () => {
  assert.deepEqual(inserts("hello @an"), ["@annlee ", "@joanna "]);
  assert.deepEqual(inserts("@bob"), ["@dr.bob "]);
  assert.deepEqual(found("@AN").items[0], { insert: "@annlee ", show: "Ann Lee", hint: "@annlee" });
});

test("an at sign alone offers everybody who can be spoken to", () => {
  assert.deepEqual(inserts("@"), ["@annlee ", "@joanna ", "@林梅 ", "@dr.bob ", "@imgsrcx "]);
  assert.equal(found("@").eager, false);
});

test("a name may follow upon Chinese without a space, and be begun with the wide sign", () => {
  assert.deepEqual(inserts("你好@林"), ["@林梅 "]);
  assert.deepEqual(inserts("＠林"), ["@林梅 "]);
  assert.equal(found("你好@林").start, 2);
});

test("an address is no name", () => {
  for (const text of ["ann@an", "@@an", "x_@an", "@an ", "@nobody"]) assert.equal(found(text), null, text);
});

test("at most eight are offered", () => {
  const people = [...Array(20).keys()].map((n) => ({ id: String(n), name: `a${n}` }));
  assert.equal(inserts("@a", { people }).length, 8);
});

test("an emoji is completed by its English and its Chinese name", () => {
  assert.deepEqual(found("go :rock"), { start: 3, eager: true, items: [{ insert: "🚀", show: "🚀", hint: "rocket" }] });
  assert.equal(found(":火箭", { language: "zh-CN" }).items[0].hint, "火箭");
  assert.equal(inserts(":+1")[0], "👍");
  assert.equal(inserts("好：火箭")[0], "🚀");
});

test("whoever ends a Chinese sentence with a colon and a word does not mean an emoji", () => {
  assert.equal(found("时间:火箭").eager, false);
});

test("an address, a time, a smiley and a bare colon are no emoji", () => {
  for (const text of ["https://x", "10:30", "std::ve", ":", ":D", ":-", "a:rocket", ":nothing_like_that"]) {
    assert.equal(found(text), null, text);
  }
});

test("a command is completed where the text begins", () => {
  assert.deepEqual(inserts("/"), ["/nick ", "/me ", "/topic ", "/help "]);
  assert.deepEqual(found("/N").items, [{ insert: "/nick ", show: "/nick", hint: "a name" }]);
  for (const text of ["a /ni", "//ni", "/nick Ann", "\n/ni"]) assert.equal(found(text), null, text);
});

test("Enter is for sending where the word is written already", () => {
  for (const text of ["@joanna", "/help", "@林梅"]) assert.equal(found(text).eager, false, text);
  for (const text of ["@joann", "/hel"]) assert.equal(found(text).eager, true, text);
});

test("emoji are found by the beginning of a name before its middle, and all of them by nothing", () => {
  const names = emojiFor("eye", "en").map(({ name }) => name);
  assert.equal(names[0], "eyes");
  assert.ok(names.includes("heart eyes"));
  assert.ok(emojiFor("", "en").length >= 250);
  assert.deepEqual(emojiFor("Thumbs Up", "en"), [{ emoji: "👍", name: "thumbs up" }]);
  assert.deepEqual(emojiFor("赞", "zh-CN"), [{ emoji: "👍", name: "赞" }]);
});

test("no name stands for two emoji, and none is listed twice", () => {
  const all = emojiFor("", "en");
  assert.equal(new Set(all.map(({ emoji }) => emoji)).size, all.length);
  for (const language of ["en", "zh"]) {
    const names = emojiFor("", language).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  }
});
