"""One running chat: posting, catching up, and holding a poll until there is something to say.

This is the whole of long polling, apart from HTTP. `updates` is its heart:

1. Bring the rooms that are asked for into memory (here it may await).
2. Ask each room what its reader is owed. If anything is, answer at once.
3. Otherwise park one waiter in all the rooms. Between 2 and 3 there is no `await`, or an entry would slip through.
4. Whoever comes first resolves the waiter: a room that speaks (with finished bytes that it shares with everybody else
   who waits there), the end of the hold, the client that goes away, or the server that closes.

Nothing is kept of a reader between two polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from chatroom.buffer import Update, Waiter
from chatroom.cursor import Owed
from chatroom.engines.base import Engine
from chatroom.message import Draft, body_from
from chatroom.people import Person
from chatroom.poll import Poll, Range
from chatroom.room import Room, Rooms
from chatroom.settings import Settings
from chatroom.text import render
from chatroom.wire import REPLY_BYTES, Entry, News, newest

#: Entries on the first page.
PAGE_SIZE = 50


class Posted(NamedTuple):
    """The entry of a message; `repeated` when an earlier request had already posted it."""

    entry: Entry
    repeated: bool


class History(NamedTuple):
    """Entries in log order; `more` when older ones were left out."""

    entries: Sequence[Entry]
    more: bool


class _Reader(NamedTuple):
    """A room of a poll and what its reader is owed there; `new` when the poll named no cursor."""

    room: Room
    debt: Owed
    new: bool


class Chat:
    """Rooms over an engine. `random` decides how holds and returning clients are spread."""

    def __init__(self, settings: Settings, engine: Engine, rooms: Rooms, random: Random) -> None:
        self.settings = settings
        self.engine = engine
        self.rooms = rooms
        self.closing = False
        self._random = random
        self._loading: dict[Room, asyncio.Task[None]] = {}
        engine.subscribe(rooms.deliver)

    async def post(self, author: Person, room: str, body: str, client_id: str | None) -> Posted:
        """Say `body` in `room`; on the disk and delivered when this returns. Raises Invalid, Unavailable."""
        text = body_from(body)
        draft = Draft(room=room, author=author, body=text, html=render(text), client_id=client_id)
        message, repeated = await self.engine.append(draft)
        return Posted(self.rooms.entry(message), repeated)

    async def updates(self, poll: Poll, waiter: asyncio.Future[Update | None]) -> bytes:
        """The bytes that answer `poll`, held while there is nothing to say.

        Whoever resolves `waiter` with None ends the hold.
        """
        with self.rooms.visit([ask.room for ask in poll.asks]) as rooms:
            await self._warm(rooms)
            readers = [
                _Reader(room, room.owed(ask.cursor), ask.cursor is None)
                for room, ask in zip(rooms, poll.asks, strict=True)
            ]
            if behind := [reader for reader in readers if not reader.debt.nothing]:
                return self._answer(readers, await self._catch_up(behind))
            update = await self._hold(waiter, rooms, self._seconds(poll))
        if update is None:
            return self._nothing_new(readers)
        if any(reader.new for reader in readers):
            return self._answer(readers, [update.news])
        return update.body

    async def history(self, name: str, wanted: Range) -> History:
        """The newest entries of a room strictly between two offsets, as many as fit into one reply."""
        with self.rooms.visit([name]) as (room,):
            await self._warm([room])
            head = room.buffer.head
            before = head + 1 if wanted.before is None else min(wanted.before, head + 1)
            after = max(wanted.after, before - 1 - wanted.limit)
            entries, more = room.buffer.since(after, before - 1), after > wanted.after
        if entries is None:
            page = await self.engine.between(name, wanted.after, before, wanted.limit)
            entries, more = [self.rooms.wire.entry(it) for it in page.messages], page.more
        fitting = newest(entries, wanted.limit, REPLY_BYTES)
        return History(fitting, more or len(fitting) < len(entries))

    def close(self) -> None:
        """Hold nothing any more: answer every held poll now, and each later one at once, asking them to return."""
        self.closing = True
        self.rooms.release()

    async def _warm(self, rooms: Sequence[Room]) -> None:
        """Read the tails of those `rooms` that are cold, each once however many ask for it. Raises Unavailable."""
        for room in rooms:
            if room.buffer.cold:
                if room not in self._loading:
                    self._loading[room] = asyncio.create_task(self._load(room))
                await asyncio.shield(self._loading[room])

    async def _load(self, room: Room) -> None:
        try:
            tail = await self.engine.tail(room.name, self.rooms.cache_size)
            room.buffer.warm([self.rooms.wire.entry(message) for message in tail])
        finally:
            del self._loading[room]
            if room.buffer.cold:
                self.rooms.forget(room)

    async def _catch_up(self, behind: Sequence[_Reader]) -> list[News]:
        """What the readers are owed, as far as it fits into one reply; a room left out has not moved."""
        news: list[News] = []
        budget = REPLY_BYTES
        for reader in behind:
            if budget <= 0:
                break
            news.append((await self._news(reader.room, reader.debt)).fitting(budget))
            budget -= news[-1].size
        return news

    async def _news(self, room: Room, debt: Owed) -> News:
        """The entries of `debt`, from the buffer or, where they are older, from the engine."""
        if news := room.news(debt):
            return news
        page = await self.engine.between(
            room.name, debt.after, debt.head + 1, debt.head - debt.after
        )
        entries = [self.rooms.wire.entry(message) for message in page.messages]
        return News(room.name, entries, debt.head, debt.gap_after, debt.reset)

    async def _hold(
        self, waiter: asyncio.Future[Update | None], rooms: Sequence[Room], seconds: float
    ) -> Update | None:
        if seconds <= 0 or self.closing or waiter.done():
            return None
        self.rooms.park(waiter, rooms)
        hold = asyncio.get_running_loop().call_later(seconds, end_hold, waiter)
        try:
            return await waiter
        finally:
            hold.cancel()
            self.rooms.leave(waiter, rooms)

    def _seconds(self, poll: Poll) -> float:
        """How long to hold: not longer than asked for, and spread so that readers do not return all at once."""
        longest = self.settings.hold - self._random.uniform(0, self.settings.hold_jitter)
        return longest if poll.wait is None else min(poll.wait, longest)

    def _answer(self, readers: Sequence[_Reader], news: Sequence[News]) -> bytes:
        """The `news`, and where those readers stand who did not say it themselves."""
        standing = {it.room.name: it.debt.head for it in readers if it.new}
        return self.rooms.wire.update(news, standing)

    def _nothing_new(self, readers: Sequence[_Reader]) -> bytes:
        standing = {reader.room.name: reader.debt.head for reader in readers}
        return self.rooms.wire.update((), standing, self._retry_in())

    def _retry_in(self) -> float | None:
        """The pause that is asked for when the server closes, spread so that it is not stormed when it is back."""
        if not self.closing:
            return None
        return round(1 + self._random.uniform(0, self.settings.retry_spread), 2)


def end_hold(waiter: Waiter) -> None:
    """Let a poll be answered now, with nothing, unless a room has spoken first."""
    if not waiter.done():
        waiter.set_result(None)
