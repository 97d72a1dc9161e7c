"""What somebody asks of the log: a poll of many rooms, or a range of one. Read from arguments in one place only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from chatroom.cursor import REPLY_LIMIT, Cursor
from chatroom.errors import (
    ChoiceInvalid,
    CursorInvalid,
    NumberInvalid,
    PairingInvalid,
    TooManyRooms,
)
from chatroom.message import DEFAULT_ROOM, room_from

T = TypeVar("T")

#: Rooms in one poll.
POLL_LIMIT = 100
#: Entries in a range when the request does not say.
RANGE_DEFAULT = 50
#: Seconds that a poll may ask to be held; the server holds it no longer than its own setting.
WAIT_LIMIT = 86_400

#: Characters of a version that a reader may have; what is longer is none of ours.
VERSION_LIMIT = 40

_COUNT = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)

#: Arguments of a request: every value of each name, in the order in which they came.
Arguments = Mapping[str, Sequence[str]]

#: Yes or no, in a form and in JSON.
ON_OR_OFF = {"1": True, "0": False, "true": True, "false": False}


class Ask(NamedTuple):
    """A room and where its reader stands; None: at the head, from now on.

    `presence` is the version that the reader has of who is there, empty for none; None: it does not want to know.
    """

    room: str
    cursor: Cursor | None
    presence: str | None = None


class Poll(NamedTuple):
    """The rooms watched, and how many seconds the reader is willing to wait (None: as long as the server likes).

    `me` is the version of the reader's own things that the reader has (`chatroom.marks`); None: does not care.
    """

    asks: tuple[Ask, ...]
    wait: float | None
    me: str | None = None

    @classmethod
    def parse(cls, arguments: Arguments) -> Poll:
        """Read `room`, `cursor`, `presence`, `wait` and `me`. Raises an Invalid that names the argument."""
        rooms = [room_from(text) for text in arguments.get("room", (DEFAULT_ROOM,))]
        if len(rooms) > POLL_LIMIT:
            raise TooManyRooms("room", limit=POLL_LIMIT)
        cursors = _cursors(arguments.get("cursor", ()), len(rooms))
        if len(cursors) != len(rooms) or len(set(rooms)) != len(rooms):
            raise PairingInvalid("cursor" if len(cursors) != len(rooms) else "room")
        presence = _presence(arguments.get("presence", ()), len(rooms))
        asks = tuple(map(Ask, rooms, cursors, presence))
        return cls(asks, _wait(arguments), last(arguments, "me"))


class Range(NamedTuple):
    """The newest `limit` entries strictly between two offsets; `before` None: up to the head."""

    after: int
    before: int | None
    limit: int

    @classmethod
    def parse(cls, arguments: Arguments, epoch: str) -> Range:
        """Read `after`, `before` and `limit`. Raises an Invalid; an id of another epoch is not of this log."""
        after = _offset(arguments, "after", epoch)
        before = _offset(arguments, "before", epoch)
        return cls(after or 0, before, _limit(arguments))


def last(arguments: Arguments, name: str) -> str | None:
    """The last value of an argument, None when it is left out."""
    values = arguments.get(name)
    return values[-1] if values else None


def choice(arguments: Arguments, name: str, choices: Mapping[str, T]) -> T:
    """What the last value of an argument stands for. Raises ChoiceInvalid."""
    text = last(arguments, name)
    if text is None or text not in choices:
        raise ChoiceInvalid(name, choices=", ".join(choices))
    return choices[text]


def _cursors(texts: Sequence[str], rooms: int) -> list[Cursor | None]:
    if not any(texts) and len(texts) <= 1:
        return [None] * rooms
    return [Cursor.parse(text) if text else None for text in texts]


def _presence(versions: Sequence[str], rooms: int) -> list[str | None]:
    """One for each room; those behind the last version are not asked about."""
    if len(versions) > rooms:
        raise PairingInvalid("presence")
    known = [version if len(version) <= VERSION_LIMIT else "" for version in versions]
    return [*known, *[None] * (rooms - len(known))]


def _wait(arguments: Arguments) -> float | None:
    text = last(arguments, "wait")
    if not text:
        return None
    if not _SECONDS.fullmatch(text) or float(text) > WAIT_LIMIT:
        raise NumberInvalid("wait", low=0, high=WAIT_LIMIT)
    return float(text)


def _offset(arguments: Arguments, name: str, epoch: str) -> int | None:
    text = last(arguments, name)
    if not text:
        return None
    cursor = Cursor.parse(text, name)
    if cursor.epoch != epoch:
        raise CursorInvalid(name)
    return cursor.offset


def _limit(arguments: Arguments) -> int:
    text = last(arguments, "limit")
    if not text:
        return RANGE_DEFAULT
    if not _COUNT.fullmatch(text) or int(text) > REPLY_LIMIT:
        raise NumberInvalid("limit", low=1, high=REPLY_LIMIT)
    return int(text)
