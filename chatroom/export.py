"""A room to be taken away: its whole log, a page after the other, in one of two forms.

Only one page of the log is in memory at a time, however long that is. A form makes bytes of what it is given and knows
nothing of where they go: first its `head`, then `entries` as often as there are pages, then its `end`.

JSON is one document and not a line for each entry, because then one that was cut short cannot be taken for the whole:
it is not valid. Each entry stands on a line of its own all the same, for programs that do not want to hold it all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from chatroom.deed import Access, Item
from chatroom.engines.base import Engine, Member
from chatroom.order import Order
from chatroom.wire import Wire, timestamp

#: Entries that are in memory at once. The others wait for 5 ms while they are encoded.
PAGE = 100
#: Bytes that are sent at once, and one entry more: with the longest one, of 50,000, below what may lie unsent.
PIECE = 65_536

_encode = msgspec.json.Encoder().encode


class Extent(NamedTuple):
    """What is taken: the entries of `room` with `after` < offset <= `head`, and how it is run at `at`."""

    room: str
    order: Order
    members: Sequence[Member]
    head: int
    at: int

    @property
    def after(self) -> int:
        """All up to here is gone."""
        return self.order.trimmed

    def file_name(self, suffix: str) -> str:
        """The header with which a browser keeps it (RFC 6266): in ASCII, and in the script that the room has."""
        name = f"chatroom-{self.room}-{timestamp(self.at)[:10]}.{suffix}"
        plain = "".join(it if it.isascii() else "_" for it in name)
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Form(Protocol):
    """How a room is written down. For one room each."""

    def head(self) -> bytes:
        """What comes first."""

    def entries(self, items: Sequence[Item]) -> Iterator[bytes]:
        """What is next in the log, in pieces as small as they come."""

    def end(self) -> bytes:
        """What comes last."""


async def pages(
    engine: Engine, extent: Extent, allowed: Callable[[], Awaitable[None]]
) -> AsyncIterator[Sequence[Item]]:
    """The log, in its order. Before each page `allowed` raises what is against it. Raises Unavailable."""
    for start in range(extent.after, extent.head, PAGE):
        await allowed()
        end = min(start + PAGE, extent.head)
        yield (await engine.between(extent.room, start, end + 1, PAGE)).items


async def pieces(form: Form, log: AsyncIterator[Sequence[Item]]) -> AsyncIterator[bytes]:
    """The whole in that form, in pieces of about PIECE bytes."""
    piece = bytearray(form.head())
    async for items in log:
        for part in form.entries(items):
            piece += part
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
    yield bytes(piece + form.end())


class _MemberJson(Struct):
    id: str
    name: str
    role: str


class ExportJson(Struct):
    """The document; the entries are put into it one by one."""

    format: int
    at: str
    room: str
    title: str
    topic: str
    access: Access
    direct: bool
    slow: int
    read_only: bool
    closed: bool
    keep_days: int
    keep_messages: int
    members: list[_MemberJson]
    after: str
    cursor: str
    entries: Sequence[Raw] = ()


class JsonForm:
    """Every entry as it is on the wire; nothing is left out."""

    def __init__(self, wire: Wire, extent: Extent) -> None:
        self._wire = wire
        self._extent = extent
        self._between = b""

    def head(self) -> bytes:
        """How the room is run, and the beginning of the list."""
        room, order, members, head, at = self._extent
        fields = ("title", "topic", "access", "direct", "slow", "read_only", "closed")
        about = ExportJson(
            format=1,
            at=timestamp(at),
            room=room,
            **{it: getattr(order, it) for it in (*fields, "keep_days", "keep_messages")},
            members=[_MemberJson(it.id, it.name, role.name.lower()) for it, role in members],
            after=self._wire.id(order.trimmed),
            cursor=self._wire.id(head),
        )
        return _encode(about).removesuffix(b"]}") + b"\n"

    def entries(self, items: Sequence[Item]) -> Iterator[bytes]:
        """A line for each."""
        for item in items:
            yield self._between + self._wire.entry(item).json
            self._between = b",\n"

    @staticmethod
    def end() -> bytes:
        """The end of the list and of the document."""
        return b"\n]}\n"
