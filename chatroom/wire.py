"""The one encoding: an entry becomes bytes once in its life, an update is a join of such bytes.

Every reader at the head of a room is owed the same update, so its bytes are made once and shared by all its waiters.
Nothing here knows how the bytes travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, structs

from chatroom.cursor import Cursor
from chatroom.deed import (
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Erasure,
    Item,
    Membership,
    Opening,
    Trim,
)
from chatroom.message import Message
from chatroom.order import FOR_EVER
from chatroom.people import Person

#: Bytes of entries in one reply, beyond which it ends. An ordinary message has 600, the longest one 50,000.
#: With its frame it stays below what may lie unsent on a connection, so that a slow reader can always take it.
REPLY_BYTES = 196_608

_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


class Entry(NamedTuple):
    """An entry ready to be sent."""

    offset: int
    json: bytes


class News(NamedTuple):
    """What one reply says of one room: its new entries, where its reader now stands, and what is missing."""

    room: str
    entries: Sequence[Entry]
    head: int
    gap_after: int | None = None
    reset: bool = False

    def fitting(self, budget: int) -> News:
        """These news as far as they fit into `budget` bytes, and one entry in any case.

        What is cut off comes with the next reply: the reader stands behind the last entry that it was given.
        """
        for count, entry in enumerate(self.entries):
            budget -= len(entry.json)
            if budget < 0 and count:
                return self._replace(entries=self.entries[:count], head=entry.offset - 1)
        return self

    @property
    def size(self) -> int:
        """Bytes of the entries."""
        return sum(len(entry.json) for entry in self.entries)


def newest(entries: Sequence[Entry], limit: int, budget: int) -> Sequence[Entry]:
    """The newest of `entries`, at most `limit` and as many as fit into `budget` bytes, but always the last."""
    found = entries[-limit:]
    for count, entry in enumerate(reversed(found)):
        budget -= len(entry.json)
        if budget < 0 and count:
            return found[-count:]
    return found


class Here(NamedTuple):
    """The people in a room, and the ids of those who type."""

    people: Sequence[Person]
    typing: Sequence[str]


class Line(Struct, frozen=True):
    """What the template of a message sees; `html` is the message's text, safe to show."""

    id: str
    room: str
    author: Person
    at: str
    html: str

    @property
    def minute(self) -> str:
        """`at` as a person reads it, in UTC."""
        return f"{self.at[:10]} {self.at[11:16]}"


class Shown(Struct, frozen=True):
    """The line of HTML of an entry, and whose it is. There is none for what was deleted, nor for an act."""

    author: Person
    html: str = ""


class _MessageJson(Struct):
    id: str
    room: str
    kind: str
    author: Person
    body: str
    html: str
    at: str
    client_id: str | None
    deleted: bool | UnsetType = UNSET


class _GapJson(Struct):
    after: str
    before: str


class _UpdateJson(Struct, omit_defaults=True):
    messages: list[Raw]
    cursors: dict[str, str]
    gaps: dict[str, _GapJson] = {}
    resets: list[str] = []
    retry_in: float | None = None
    presence: dict[str, Raw] = {}
    me: str | None = None


class _SummaryJson(Struct):
    version: str
    count: int
    people: Sequence[Person] | UnsetType = UNSET
    typing: Sequence[str] | UnsetType = UNSET


class _HistoryJson(Struct):
    messages: list[Raw]
    more: bool


_decode_shown = msgspec.json.Decoder(Shown).decode
_decode_message = msgspec.json.Decoder(_MessageJson).decode


def timestamp(at: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339 with milliseconds."""
    moment = _EPOCH_START + timedelta(microseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _until(until: int) -> str | None:
    """Until when a bar holds; None for ever. The beginning of 1970 is: no longer."""
    return None if until >= FOR_EVER else timestamp(until)


def summary(version: str, count: int, here: Here | None) -> bytes:
    """The bytes of what is told of who is in a room; None: they are too many to be named."""
    if here is None:
        return _encode(_SummaryJson(version, count))
    return _encode(_SummaryJson(version, count, here.people, here.typing))


class Wire:
    """Encodes for a log of `epoch`; `render` makes a message's line of HTML, the same for every reader."""

    def __init__(self, epoch: str, render: Callable[[Line], str]) -> None:
        self.epoch = epoch
        self.render = render

    def entry(self, item: Item) -> Entry:
        """The bytes of an item of the log."""
        return self._act(item) if isinstance(item, Act) else self._message(item)

    @staticmethod
    def blank(entry: Entry) -> Entry:
        """The entry of a message whose text is gone."""
        message = _decode_message(entry.json)
        gone = structs.replace(message, body="", html="", deleted=True)
        return Entry(entry.offset, _encode(gone))

    def erased(self, entry: Entry, person: str) -> Entry:
        """The entry without its text, if it is a message of that person."""
        shown = _decode_shown(entry.json)
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
        update = _UpdateJson([], {}, {}, [], retry_in, here)
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
        return _encode(_HistoryJson([Raw(entry.json) for entry in entries], more))

    @staticmethod
    def shown(entry: Entry) -> Shown:
        """What the first page shows of an entry. Taken from its bytes, so that memory holds the HTML once."""
        return _decode_shown(entry.json)

    def id(self, offset: int) -> str:
        """The id of the entry at `offset`, which is also the cursor of who has read it."""
        return str(Cursor(self.epoch, offset))

    def told(self, deed: AnyDeed) -> dict[str, object]:
        """What is told of a deed: not from which address somebody may not come."""
        match deed:
            case Deletion(target):
                return {"target": self.id(target)}
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

    def _message(self, message: Message) -> Entry:
        id_ = self.id(message.offset)
        at = timestamp(message.at)
        author = message.author
        html = self.render(Line(id_, message.room, author, at, message.html))
        json = _MessageJson(
            id_, message.room, "message", author, message.body, html, at, message.client_id
        )
        entry = Entry(message.offset, _encode(json))
        return entry if message.body else self.blank(entry)

    def _act(self, act: Act) -> Entry:
        told = {
            "id": self.id(act.offset),
            "room": act.room,
            "kind": act.deed.__struct_config__.tag,
            "author": act.author,
            "at": timestamp(act.at),
        }
        return Entry(act.offset, _encode(told | self.told(act.deed)))

    def _add(self, update: _UpdateJson, news: News) -> None:
        update.messages += [Raw(entry.json) for entry in news.entries]
        update.cursors[news.room] = self.id(news.head)
        if news.gap_after is not None:
            before = news.entries[0].offset
            update.gaps[news.room] = _GapJson(self.id(news.gap_after), self.id(before))
        if news.reset:
            update.resets.append(news.room)
