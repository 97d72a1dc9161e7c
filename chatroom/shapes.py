"""The shapes of what is told: the JSON of the protocol, field by field, and the line that a template makes HTML of.

What a message or a summary has not is left out (UNSET), and so is what an update does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import UNSET, Raw, Struct, UnsetType

from chatroom.message import File
from chatroom.people import Person

#: People named with each emoji under a message; the others are counted.
PEOPLE_NAMED = 20


class Here(NamedTuple):
    """The people in a room, and the ids of those who type."""

    people: Sequence[Person]
    typing: Sequence[str]


class Reply(Struct, frozen=True):
    """The message that is answered; its author under the name that they had."""

    id: str
    author: Person


class Reacted(Struct, frozen=True):
    """How many have put `emoji` under a message, and the first of them."""

    emoji: str
    count: int
    people: Sequence[Person]


class Line(Struct, frozen=True):
    """What the template of a message sees; `html` is the message's text, safe to show."""

    id: str
    room: str
    author: Person
    at: str
    html: str
    reply: Reply | None = None
    files: Sequence[File] = ()
    reactions: Sequence[Reacted] = ()
    edited_at: str | None = None

    @property
    def minute(self) -> str:
        """`at` as a person reads it, in UTC."""
        return f"{self.at[:10]} {self.at[11:16]}"


class Shown(Struct, frozen=True):
    """The line of HTML of an entry, and whose it is. There is none for what was deleted, nor for an act."""

    author: Person
    html: str = ""


class MessageJson(Struct):
    id: str
    room: str
    kind: str
    author: Person
    body: str
    html: str
    at: str
    client_id: str | None
    reply: Reply | UnsetType = UNSET
    files: Sequence[File] | UnsetType = UNSET
    reactions: Sequence[Reacted] | UnsetType = UNSET
    edited_at: str | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET


class GapJson(Struct):
    after: str
    before: str


class UpdateJson(Struct, omit_defaults=True):
    messages: list[Raw]
    cursors: dict[str, str]
    gaps: dict[str, GapJson] = {}
    resets: list[str] = []
    retry_in: float | None = None
    presence: dict[str, Raw] = {}
    me: str | None = None


class SummaryJson(Struct):
    version: str
    count: int
    people: Sequence[Person] | UnsetType = UNSET
    typing: Sequence[str] | UnsetType = UNSET


class HistoryJson(Struct):
    messages: list[Raw]
    more: bool
