// What is begun before the caret and can be completed: a command, somebody's name, an emoji. Where a name may begin is the
// rule of mention.js; a colon stands by itself or, where words are not set apart by spaces, behind a word.

import { COMMANDS } from "./commands.js";
import { emojiFor } from "./emoji.js";
import { begins, handleOf } from "./mention.js";

const MOST = 8; // suggestions at once
const COMMAND = /^\/(\p{L}*)$/u;
const NAME = /[@＠]([\p{L}\p{N}\p{M}._-]{0,32})$/u;
const EMOJI = /(?<=(^|\s)|[\p{sc=Han}\u3000-\u303f\uff01-\uff65])[:：]([\w+-]{2,20}|\p{sc=Han}{1,6})$/u;

// text: up to the caret; people: () => [{ id, name }], the likeliest first.
// Returns null or { start, eager, items }: items, { insert, show, hint }, can take the place of the text from `start` on.
// `eager`: whoever presses Enter means the first of them.
export function completions(text, { people, language, hints }) {
  const found = commands(text, hints) ?? names(text, people) ?? emoji(text, language);
  if (!found?.items.length) return null;
  const written = text.slice(found.start);
  const items = found.items.slice(0, MOST);
  return { ...found, items, eager: found.eager && items.every(({ insert }) => insert.trim() !== written) };
}

function commands(text, hints) {
  const [, query] = COMMAND.exec(text) ?? [];
  if (query === undefined) return null;
  const items = COMMANDS.filter((it) => it.startsWith(query.toLowerCase()));
  return { start: 0, eager: query !== "", items: items.map((it) => ({ insert: `/${it} `, show: `/${it}`, hint: hints[it] })) };
}

function names(text, people) {
  const { index, 1: query } = NAME.exec(text) ?? {};
  if (index === undefined || !begins(text.slice(0, index))) return null;
  const wanted = handleOf(query);
  const known = people().map((it) => ({ show: it.name, handle: handleOf(it.name) }));
  const fitting = known.filter(({ handle }) => handle && handle.includes(wanted));
  const [first, others] = [true, false].map((it) => fitting.filter(({ handle }) => handle.startsWith(wanted) === it));
  const items = [...first, ...others].map(({ show, handle }) => ({ insert: `@${handle} `, show, hint: `@${handle}` }));
  return { start: index, eager: query !== "", items };
}

function emoji(text, language) {
  const { index, 1: apart, 2: query } = EMOJI.exec(text) ?? {};
  if (index === undefined) return null;
  const items = emojiFor(query, language).map((it) => ({ insert: it.emoji, show: it.emoji, hint: it.name }));
  return { start: index, eager: apart !== undefined, items };
}
