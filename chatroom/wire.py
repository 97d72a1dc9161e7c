"""The one encoding: an entry becomes bytes once in its life, an update is a join of such bytes.

Every reader at the head of a room is owed the same update, so its bytes are made once and shared by all its waiters.
Nothing here knows how the bytes travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET, Raw, structs

from chatroom.cursor import Cursor
from chatroom.deed import (
    FOR_EVER,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Item,
    Membership,
    Opening,
    Reaction,
    Trim,
)
from chatroom.message import Message
from chatroom.news import Entry, News, bringing
from chatroom.shapes import (
    PEOPLE_NAMED,
    GapJson,
    Here,
    HistoryJson,
    Line,
    MessageJson,
    Reacted,
    Reply,
    Shown,
    SummaryJson,
    UpdateJson,
)

_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode
_decode_shown = msgspec.json.Decoder(Shown).decode
_decode_message = msgspec.json.Decoder(MessageJson).decode


def timestamp(at: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339 with milliseconds."""
    moment = _EPOCH_START + timedelta(microseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _blank(json: bytes) -> bytes:
    """A message without anything that was said in it."""
    message = _decode_message(json)
    nothing = dict.fromkeys(("reply", "files", "reactions", "edited_at"), UNSET)
    return _encode(structs.replace(message, body="", html="", deleted=True, **nothing))


def _until(until: int) -> str | None:
    """Until when a bar holds; None for ever. The beginning of 1970 is: no longer."""
    return None if until >= FOR_EVER else timestamp(until)


def summary(version: str, count: int, here: Here | None) -> bytes:
    """The bytes of what is told of who is in a room; None: they are too many to be named."""
    if here is None:
        return _encode(SummaryJson(version, count))
    return _encode(SummaryJson(version, count, here.people, here.typing))


class Wire:
    """Encodes for a log of `epoch`; `render` makes a message's line of HTML, the same for every reader."""

    def __init__(self, epoch: str, render: Callable[[Line], str]) -> None:
        self.epoch = epoch
        self.render = render

    def entry(self, item: Item) -> Entry:
        """The bytes of an item of the log."""
        return self._act(item, {}) if isinstance(item, Act) else self.message(item)

    def entries(self, items: Sequence[Item]) -> list[Entry]:
        """The bytes of items of one room, in log order.

        A message that several bring along is made once, as the last of them brings it: the others may be older.
        """
        brought: dict[int, bytes] = {}
        made = [
            self._act(item, brought) if isinstance(item, Act) else self.message(item)
            for item in reversed(items)
        ]
        return made[::-1]

    @staticmethod
    def blank(entry: Entry) -> Entry:
        """The entry of a message whose text is gone."""
        return entry._replace(own=_blank(entry.own))

    @staticmethod
    def forgetful(entry: Entry) -> Entry:
        """The entry of an act without the text that it brings along."""
        return entry._replace(message=_blank(entry.message))

    @staticmethod
    def without(entry: Entry) -> Entry:
        """The entry of an act about a message that is not there any more."""
        return Entry(entry.offset, bringing(entry.own, b"null"))

    def erased(self, entry: Entry, person: str) -> Entry:
        """The entry without its text, or that which it brings along, if it is a message of that person."""
        if entry.about:
            message = _decode_shown(entry.message)
            return self.forgetful(entry) if message.author.id == person else entry
        shown = _decode_shown(entry.own)
        return self.blank(entry) if shown.html and shown.author.id == person else entry

    def update(
        self,
        news: Iterable[News],
        standing: Mapping[str, int] | None = None,
        retry_in: float | None = None,
        presence: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """The bytes of an update: the `news` of some rooms, and for others (`standing`) only the reader's offset.

        `retry_in` is the pause in seconds that the server asks for, `presence` has summaries of who is where.
        """
        here = {room: Raw(json) for room, json in (presence or {}).items()}
        update = UpdateJson([], {}, {}, [], retry_in, here)
        for room, offset in (standing or {}).items():
            update.cursors[room] = self.id(offset)
        for item in news:
            self._add(update, item)
        return _encode(update)

    @staticmethod
    def marked(update: bytes, me: str) -> bytes:
        """The bytes of an update and, in the same reply, the version of what is its reader's own: ASCII, no quotes."""
        return b'%b,"me":"%b"}' % (update[:-1], me.encode("ascii"))

    def history(self, entries: Iterable[Entry], *, more: bool) -> bytes:
        """The bytes of a range of a room's log; `more` says that older entries of the range were left out."""
        return _encode(HistoryJson([Raw(entry.json) for entry in entries], more))

    @staticmethod
    def shown(entry: Entry) -> Shown:
        """What the first page shows of an entry. Taken from its bytes, so that memory holds the HTML once."""
        return _decode_shown(entry.own)

    def id(self, offset: int) -> str:
        """The id of the entry at `offset`, which is also the cursor of who has read it."""
        return str(Cursor(self.epoch, offset))

    def told(self, deed: AnyDeed) -> dict[str, object]:
        """What is told of a deed: not from which address somebody may not come."""
        match deed:
            case Deletion(target) | Edit(target) | Reaction(target):
                how = {"emoji": deed.emoji, "on": deed.on} if isinstance(deed, Reaction) else {}
                return {"target": self.id(target), **how}
            case Erasure(person):
                return {"person": person}
            case Opening() | Change() as change:
                return change.given
            case Trim(upto):
                return {"upto": self.id(upto)}
            case Membership(person, role):
                return {"person": person, "role": role.name.lower() if role else None}
            case Bar() as bar:
                return {"person": bar.person, "until": _until(bar.until), "mute": bar.mute}

    def message(self, message: Message) -> Entry:
        """The bytes of a message."""
        line = self._line(message)
        json = MessageJson(
            line.id,
            line.room,
            "message",
            line.author,
            message.body,
            self.render(line),
            line.at,
            message.client_id,
            line.reply or UNSET,
            line.files or UNSET,
            line.reactions or UNSET,
            line.edited_at or UNSET,
        )
        entry = Entry(message.offset, _encode(json))
        return entry if message.body else self.blank(entry)

    def _line(self, message: Message) -> Line:
        reply, edited_at = message.reply, message.edited_at
        return Line(
            self.id(message.offset),
            message.room,
            message.author,
            timestamp(message.at),
            message.html,
            Reply(self.id(reply.offset), reply.author) if reply else None,
            message.files,
            [
                Reacted(emoji, len(people), people[:PEOPLE_NAMED])
                for emoji, people in message.reactions.items()
            ],
            timestamp(edited_at) if edited_at is not None else None,
        )

    def _act(self, act: Act, brought: dict[int, bytes]) -> Entry:
        """The bytes of an act; those of messages that are `brought` already, by offset, are not made again."""
        told: dict[str, object] = {
            "id": self.id(act.offset),
            "room": act.room,
            "kind": act.deed.__struct_config__.tag,
            "author": act.author,
            "at": timestamp(act.at),
        }
        told |= self.told(act.deed)
        own = _encode(told)
        if not act.about:
            return Entry(act.offset, own)
        if act.message is None:
            return Entry(act.offset, bringing(own, b"null"))
        if act.about not in brought:
            brought[act.about] = self.message(act.message).own
        return Entry(act.offset, own, act.about, brought[act.about])

    def _add(self, update: UpdateJson, news: News) -> None:
        update.messages += [Raw(entry.json) for entry in news.entries]
        update.cursors[news.room] = self.id(news.head)
        if news.gap_after is not None:
            before = news.entries[0].offset
            update.gaps[news.room] = GapJson(self.id(news.gap_after), self.id(before))
        if news.reset:
            update.resets.append(news.room)
