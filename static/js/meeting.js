// Puts together whom the reader meets: who is here, who types, with whom they can talk elsewhere, and whom they do not
// hear. Nothing is decided here.

import { People } from "./models/people.js";
import { Typing } from "./models/typing.js";
import { PeopleList } from "./views/people_list.js";
import { PersonCard } from "./views/person_card.js";
import { TalkForm } from "./views/talk_form.js";
import { TypingLine } from "./views/typing_line.js";

// find: (selector) => an element of the page; rooms: of the reader, who say whom they ignore. Returns { people, typed, meet,
// heed }: typed as of Composer, meet as of Stops; heed: show it, they ignore other people now.
export function openMeeting({ find, page, exchange, rooms, sleep, now }) {
  const { room, me, language } = page;
  const people = new People({ room, me, sleep, changed: show });
  const typing = new Typing({ room, exchange, now, seen: () => !document.hidden && people.seen });
  const list = new PeopleList({ details: find(".here"), template: find("#somebody"), language });
  const line = new TypingLine(find(".typing"));
  const talkForm = me && new TalkForm(find(".talk"));
  const card = me && new PersonCard({
    ...{ dialog: find(".person"), list: find(".ignored ul"), template: find("#ignored") },
    ignore: (person, on) => rooms.ignore(person, on),
  });

  function show() {
    list.render(people);
    talkForm?.render(people);
    showTyping();
  }

  function showTyping() {
    line.render(people.typing.filter(({ id }) => !rooms.ignores(id)));
  }

  list.open(document);
  card?.open();
  return {
    people,
    typed: (text) => typing.note(text),
    meet: (person) => card?.show(person),
    heed() {
      card.render(rooms.ignored);
      showTyping();
    },
  };
}
