"""The files' side of the seam: how they come in, in chunks, what is kept of them, and how they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import IntEnum
from typing import NamedTuple, Protocol

from chatroom.message import File

#: Bytes in each chunk of a file but the last one.
CHUNK = 65_536
#: Microseconds for which a file waits for its message.
FILE_WAITS = 3600 * 1_000_000


class Part(IntEnum):
    """What is kept of a file: as it was sent, or the picture made of that, and a smaller one of large ones."""

    SENT = 0
    PICTURE = 1
    THUMBNAIL = 2


class Allowance(NamedTuple):
    """Bytes that the files of one person may have together, and those of all."""

    person: int
    total: int


class Kept(NamedTuple):
    """A file, who has sent it, and where to. `offset` is that of its message, None while it waits for one.

    `thumbnail` is the size in bytes of a smaller picture, 0 if there is none.
    """

    file: File
    person: str
    room: str
    offset: int | None
    thumbnail: int


class Files(Protocol):
    """What belongs to messages. Every method may raise `Unavailable`.

    A file comes in between `begin` and `keep` or `drop`; `write` gives it parts, in chunks of CHUNK bytes, the last one
    of a part may be shorter. It counts with what was promised to it, and from `keep` on with all that is kept. Then it
    waits FILE_WAITS for its message, and stays as long as that does. A file that is gone is found no more at once; its
    bytes go with the next `sweep`.
    """

    async def begin(self, person: str, size: int, allowance: Allowance) -> str:
        """Let a file of somebody's come in that has at most `size` bytes; returns its id, which nobody can guess.

        Raises QuotaReached, FilesFull.
        """

    async def promise(self, id_: str, size: int, allowance: Allowance) -> None:
        """What will be kept of a file on its way in has at most `size` bytes, whatever `begin` was told.

        Raises QuotaReached, FilesFull, and NotFound as `write` does.
        """

    async def write(self, id_: str, part: Part, number: int, chunk: bytes) -> None:
        """Add a chunk, of which there are `number` before. Raises NotFound if the file is not on its way in."""

    async def keep(self, file: File, person: str, room: str) -> None:
        """The file is whole; of a picture nothing stays as it was sent. Raises NotFound as `write` does."""

    async def drop(self, id_: str) -> None:
        """What was on its way in is not wanted any more."""

    async def find(self, id_: str) -> Kept | None:
        """The file with that id; None if there is none (any more) or not all of it."""

    def read(self, id_: str, *, thumbnail: bool = False, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of a file from `start` on, as they are served, in chunks; they end early if it goes meanwhile."""

    async def sweep(self) -> bool:
        """Let go of the bytes of files that are gone, or were never whole. False if there were none."""
