// Puts together what somebody who may speak writes with: the name under which they do, the composer, what completes a word
// there, and what can be done about messages. Nothing is decided here.

import { completions } from "./completing.js";
import { Deeds } from "./models/deeds.js";
import { Actions } from "./views/actions.js";
import { Completion } from "./views/completion.js";
import { Composer } from "./views/composer.js";
import { NameForm } from "./views/name_form.js";
import { Picker } from "./views/picker.js";
import { voices } from "./views/voices.js";

// find: (selector) => an element of the page; draft: as the shelf of Composer; typed: as of Composer; say: (body, { reply }) =>
// posts it; renamed: as of NameForm; toNewest: async () => goes to the newest part of the log, and whether that worked;
// ignores: (id) => does the reader not want to hear them? Returns { keep, say, hear }: keep as of Actions, say as of Composer;
// hear takes in an update.
export function openWriting({ find, page, exchange, history, conversation, people, draft, typed, say, renamed, toNewest, ignores }) {
  const { room, language, limit, me } = page;
  const [log, field, list] = [".log", "#body", "#completions"].map(find);
  const nameForm = new NameForm({ details: find(".naming"), exchange, renamed });
  const deeds = new Deeds({ room, exchange, history });
  const edit = (id) => deeds.bodyOf(id).then((body) => composer.edit(id, body), (error) => composer.fail(error));
  const last = async () => {
    const it = conversation.items.findLast(({ kind, author }) => kind === "gap" || author?.id === me); // a gap may hold it
    if (it?.kind === "message") edit(it.id); // what is on its way has no place yet
    if (it?.later && (await toNewest())) last();
  };
  const commands = {
    nick: (name) => nameForm.rename(name),
    topic: (topic) => deeds.topic(topic),
    help: () => find("#formatting").showPopover(),
  };
  const meant = (id) => id !== me && !ignores(id);
  const suggest = { people: () => voices(log, people.present, meant), language, hints: list.dataset };
  const completion = new Completion({ field, list, find: (text) => completions(text, suggest) });
  const composer = new Composer({
    ...{ form: find(".composer"), bar: find(".aim"), error: find(".unsaid"), limit, shelf: draft, language, typed, commands, last },
    recall: (id) => history.messages([id]).then((found) => found.get(id)),
    post: say,
    save: (id, body) => deeds.edit(id, body),
  });
  const picker = new Picker({ popover: find(".picker"), language });
  const actions = new Actions({
    ...{ log, tools: find(".tools"), asking: find(".asking"), me, deeds, picker, edit },
    answer: (message) => composer.answer(message),
  });
  for (const it of [nameForm, completion, composer, picker, actions]) it.open();
  return {
    keep: (change) => actions.keep(change),
    say: (body) => composer.say(body),
    hear: ({ messages }) => {
      const roles = messages.filter((it) => it.kind === "member" && it.room === room && it.person.id === me);
      for (const { role } of roles) actions.judge(role === "owner" || role === "moderator");
    },
  };
}
