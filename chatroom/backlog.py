"""What rooms do not hold in memory, read from the log: the tail of a cold room, and what is older than a buffer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chatroom.engines.base import Engine
from chatroom.errors import Unavailable
from chatroom.news import Entry, News
from chatroom.room import Room
from chatroom.rooms import Rooms
from chatroom.standing import Standing


class History(NamedTuple):
    """Entries in log order; `more` when older ones were left out."""

    entries: Sequence[Entry]
    more: bool


class Backlog:
    """The log of `engine` behind `rooms`. Every method may raise Unavailable."""

    def __init__(self, engine: Engine, rooms: Rooms) -> None:
        self._engine = engine
        self._rooms = rooms
        self._loading: dict[Room, asyncio.Task[None]] = {}

    async def warm(self, rooms: Iterable[Room]) -> None:
        """Read the tails of those `rooms` that are cold, each once however many ask for it.

        One that cannot be read leaves memory: whoever asks for it next tries again.
        """
        for room in rooms:
            if room.buffer.cold:
                if room not in self._loading:
                    self._loading[room] = asyncio.create_task(self._load(room))
                await asyncio.shield(self._loading[room])

    async def older(self, standing: Standing) -> News | None:
        """What the first one of those readers is owed whose buffers begin too late.

        None if some of it has been trimmed meanwhile: the reader is owed something else then.
        """
        room, debt, _ = next(it for it in standing.readers if not it.debt.nothing)
        owed = debt.head - debt.after
        found = await self.between(room.name, debt.after, debt.head + 1, owed)
        if len(found.entries) < owed:
            if room.order.trimmed <= debt.after:  # then it should all be there
                raise Unavailable
            return None
        return News(room.name, found.entries, debt.head, debt.gap_after, debt.reset)

    async def between(self, room: str, after: int, before: int, limit: int) -> History:
        """The newest entries, at most `limit`, with `after` < offset < `before`."""
        page = await self._engine.between(room, after, before, limit)
        return History(self._rooms.wire.entries(page.items), page.more)

    async def _load(self, room: Room) -> None:
        try:
            room.warm(*await self._engine.tail(room.name, self._rooms.cache_size))
        finally:
            del self._loading[room]
            if room.buffer.cold:
                self._rooms.forget(room)
