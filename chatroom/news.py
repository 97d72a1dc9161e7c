"""What one reply says of one room, as far as it fits: entries that are bytes already, and where its reader stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Bytes of entries in one reply, beyond which it ends. An ordinary message has 600, the longest text 50,000, with
#: all that may hang on it 175,000.
#: With its frame it stays below what may lie unsent on a connection, so that a slow reader can always take it.
REPLY_BYTES = 196_608


class Entry(NamedTuple):
    """An entry ready to be sent; `about` is the offset of a message that it brings along, 0 if it brings none."""

    offset: int
    json: bytes
    about: int = 0


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
