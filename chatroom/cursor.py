"""A position in a room's log, and what is owed to whoever stands there.

A position knows which life of the log it belongs to: `epoch` is born with the database and changes when a backup is
restored, `offset` is dense from 1 in each room, 0 is the beginning. Written `k3f9q2ab-128` it is the id of a message,
and as a cursor it means "I have everything up to and including this one".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chatroom.errors import CursorInvalid

#: Entries in one reply for one room: what a reader missed beyond it becomes a gap.
REPLY_LIMIT = 200

#: 18 digits fit a signed 64-bit integer, which is what engines store.
_CURSOR = re.compile(r"([a-z0-9]{8})-(0|[1-9][0-9]{0,17})", re.ASCII)


class Cursor(NamedTuple):
    """`epoch` is 8 of [a-z0-9]; `offset` counts from 1 in each room, 0 is before the first entry."""

    epoch: str
    offset: int

    @classmethod
    def parse(cls, text: str, field: str = "cursor") -> Cursor:
        """Read `<epoch>-<offset>`. Raises CursorInvalid for anything else."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise CursorInvalid(field)
        return cls(match[1], int(match[2]))

    def __str__(self) -> str:
        return f"{self.epoch}-{self.offset}"


class Owed(NamedTuple):
    """The entries `after` < offset <= `head` are owed.

    `gap_after` is the offset at which a hole begins that a reply cannot hold, `reset` says that the reader's position
    was not one of this log.
    """

    after: int
    head: int
    gap_after: int | None = None
    reset: bool = False

    @property
    def nothing(self) -> bool:
        """The reader stands at the head: there is nothing to say but to wait."""
        return self.after == self.head and not self.reset


def owed(
    cursor: Cursor | None, epoch: str, head: int, limit: int = REPLY_LIMIT, trimmed: int = 0
) -> Owed:
    """What a reader at `cursor` (None: from now on) is owed by a log of `epoch` whose last offset is `head`.

    A cursor of another epoch or ahead of the head is not of this log: its reader starts over, as from the beginning.
    All up to and including `trimmed` is gone; who has not read it has a gap there.
    """
    if cursor is None:
        return Owed(head, head)
    reset = cursor.epoch != epoch or cursor.offset > head
    after = 0 if reset else cursor.offset
    oldest = max(head - limit, trimmed)
    if after < oldest:
        return Owed(oldest, head, gap_after=after, reset=reset)
    return Owed(after, head, reset=reset)
