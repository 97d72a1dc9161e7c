"""What can be done to a room besides talking in it: deeds, and the acts that they become in its log.

An act is an entry like a message. Whoever was away replays it and ends where everybody else is, and the order of a room
(`chatroom.order`) is nothing but the sum of its acts.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum, StrEnum
from typing import ClassVar

from msgspec import Struct

from chatroom.errors import NumberInvalid, RoomTextInvalid
from chatroom.message import Message
from chatroom.people import Person

#: Characters in the title of a room.
TITLE_LIMIT = 80
#: Characters in the topic of a room.
TOPIC_LIMIT = 300
#: Seconds between two messages of one person, at most.
SLOW_LIMIT = 3600
#: Days for which a room may keep its messages; 0 is for ever.
KEEP_DAYS_LIMIT = 36_500
#: Messages that a room may be told to keep; 0 is all.
KEEP_MESSAGES_LIMIT = 10_000_000
#: A time that never comes: microseconds since 1970 UTC, and the last that JavaScript counts exactly.
FOR_EVER = 2**53 - 1


class Role(IntEnum):
    """What somebody is in a room; whoever is more may do what the others may."""

    MEMBER = 1
    MODERATOR = 2
    OWNER = 3


class Access(StrEnum):
    """Who may come in: everybody, who knows the password, or who is a member."""

    OPEN = "open"
    PASSWORD = "password"  # noqa: S105 - the word, not one
    PRIVATE = "private"


class Deed(Struct, frozen=True, tag_field="kind"):
    """Something done to a room. The kinds are the classes below."""


class Deletion(Deed, frozen=True, tag="deletion"):
    """The text of the message at offset `target` is gone."""

    target: int


class Edit(Deed, frozen=True, tag="edit", omit_defaults=True):
    """The message at offset `target` says `body` now; `html` is that, safe to show.

    The log keeps the text once, in the message: in the act it is empty.
    """

    target: int
    body: str = ""
    html: str = ""


class Reaction(Deed, frozen=True, tag="reaction"):
    """Somebody has put `emoji` under the message at offset `target`, or (`on` False) has taken it back."""

    target: int
    emoji: str
    on: bool


class Erasure(Deed, frozen=True, tag="erasure"):
    """The texts of all that the person with this id has said here so far are gone."""

    person: str


class Change(Deed, frozen=True, tag="room", omit_defaults=True, kw_only=True):
    """The room is run differently from now on; None stays as it was. Raises an Invalid that names the argument.

    `slow` is seconds between two messages of one person, `keep_days` and `keep_messages` how long texts are kept (0:
    for ever).
    """

    title: str | None = None
    topic: str | None = None
    slow: int | None = None
    read_only: bool | None = None
    closed: bool | None = None
    access: Access | None = None
    keep_days: int | None = None
    keep_messages: int | None = None

    #: Fields that only the owner may change: they decide who comes in and what stays.
    OWNERS: ClassVar = ("closed", "access", "keep_days", "keep_messages")

    def __post_init__(self) -> None:
        for field, limit in (("title", TITLE_LIMIT), ("topic", TOPIC_LIMIT)):
            text = getattr(self, field)
            if text is not None and text != line_from(text, limit, field):
                raise RoomTextInvalid(field, limit=limit)
        for field, high in _HIGHEST.items():
            number = getattr(self, field)
            if number is not None and not 0 <= number <= high:
                raise NumberInvalid(field, low=0, high=high)

    @property
    def given(self) -> dict[str, object]:
        """The fields that change."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in fields if value is not None}


class Membership(Deed, frozen=True, tag="member"):
    """`person` has that role in the room now; None: none any more.

    Who becomes the owner takes the place of the one before, who is a moderator then.
    """

    person: Person
    role: Role | None


class Bar(Deed, frozen=True, tag="bar", kw_only=True):
    """`person` may not come in until then (microseconds since 1970 UTC); `mute`: may come in, but not speak.

    `until` 0 lifts it. Whoever comes from `address` is kept out, too; it is told to nobody.
    """

    person: Person
    until: int
    mute: bool = False
    address: str = ""


class Opening(Deed, frozen=True, tag="door", kw_only=True):
    """Other words than before let people in. It is in the audit only: nobody else needs to know."""

    password: bool
    invitation: bool

    @property
    def given(self) -> dict[str, object]:
        """Which of them."""
        return {"password": self.password, "invitation": self.invitation}


class Trim(Deed, frozen=True, tag="trim"):
    """All up to and including the offset `upto` is gone: the room does not keep its messages for ever."""

    upto: int


AnyDeed = Deletion | Edit | Reaction | Erasure | Change | Membership | Bar | Opening | Trim


class Act(Struct, frozen=True, kw_only=True):
    """An entry of a room's log: `author` did this at `at` (microseconds since 1970 UTC).

    `message` is what an edit or a reaction is about, as it is now and not as it was then: who replays the log comes to
    the same end. None if it is gone.
    """

    room: str
    offset: int
    author: Person
    at: int
    deed: AnyDeed
    message: Message | None = None

    @property
    def about(self) -> int:
        """The offset of the message that it brings along, 0 where it brings none."""
        return self.deed.target if isinstance(self.deed, Edit | Reaction) else 0


#: What a log holds.
Item = Message | Act

_HIGHEST = {
    "slow": SLOW_LIMIT,
    "keep_days": KEEP_DAYS_LIMIT,
    "keep_messages": KEEP_MESSAGES_LIMIT,
}


def line_from(text: str, limit: int, field: str) -> str:
    """One line of text as it is kept: NFC, white space at the ends off and runs of it one space; may be empty.

    At most `limit` characters, none that control or turn what stands around them. Raises RoomTextInvalid.
    """
    if len(text) > 8 * limit:  # normalizing takes time that grows with the square of the length
        raise RoomTextInvalid(field, limit=limit)
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if len(line) > limit or any(unicodedata.category(it)[0] == "C" for it in line):
        raise RoomTextInvalid(field, limit=limit)
    return line
