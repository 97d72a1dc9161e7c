"""What one reply says of one room, as far as it fits: entries that are bytes already, and where its reader stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Bytes of entries in one reply, beyond which it ends. An ordinary message has 600, the longest text 50,000, with
#: all that may hang on it 175,000.
#: With its frame it stays below what may lie unsent on a connection, so that a slow reader can always take it.
REPLY_BYTES = 196_608


class Entry(NamedTuple):
    """An entry ready to be sent.

    An act may bring along the `message` at offset `about`; 0: it brings none. Those bytes stand apart from its `own`,
    so that all acts about a message can share them.
    """

    offset: int
    own: bytes
    about: int = 0
    message: bytes = b""

    @property
    def json(self) -> bytes:
        """The bytes that are sent."""
        return bringing(self.own, self.message) if self.about else self.own

    @property
    def size(self) -> int:
        """How many those are, but for a few that join the two."""
        return len(self.own) + len(self.message)


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
            budget -= entry.size
            if budget < 0 and count:
                return self._replace(entries=self.entries[:count], head=entry.offset - 1)
        return self

    @property
    def size(self) -> int:
        """Bytes of the entries."""
        return sum(entry.size for entry in self.entries)


def newest(entries: Sequence[Entry], limit: int, budget: int) -> Sequence[Entry]:
    """The newest of `entries`, at most `limit` and as many as fit into `budget` bytes, but always the last."""
    found = entries[-limit:]
    for count, entry in enumerate(reversed(found)):
        budget -= entry.size
        if budget < 0 and count:
            return found[-count:]
    return found


def bringing(act: bytes, message: bytes) -> bytes:
    """The bytes of an act and, as its last field, those of the message that it is about."""
    return b'%b,"message":%b}' % (act[:-1], message)
