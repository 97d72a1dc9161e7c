"""One running chat: posting, catching up, and holding a poll until there is something to say.

This is the whole of long polling, apart from HTTP. `updates` is its heart:

1. Bring the rooms that are asked for into memory (here it may await).
2. Ask each room what its reader is owed. If anything is, answer at once.
3. Otherwise park one waiter in all the rooms. Between 2 and 3 there is no `await`, or an entry would slip through.
4. Whoever comes first resolves the waiter: a room that speaks (with finished bytes that it shares with everybody else
   who waits there), the end of the hold, the client that goes away, or the server that closes.

Nothing is kept of a reader between two polls. A server that can hold a connection without a future or a task takes the
same steps one by one: `warm`, `standing`, `at_once` and, when a waiter parked in `rooms` is resolved, `told`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import NamedTuple

from chatroom.attendance import Attendance
from chatroom.backlog import Backlog, History
from chatroom.buffer import Update, Waiter
from chatroom.deed import Item
from chatroom.engines.base import Deliver, Engine
from chatroom.engines.people import Reading
from chatroom.held import HeldPoll, end_hold
from chatroom.mention import handle_of
from chatroom.message import Draft
from chatroom.news import REPLY_BYTES, Entry, newest
from chatroom.order import Order, Power
from chatroom.people import Person, Visitor
from chatroom.poll import Poll, Range
from chatroom.room import Room
from chatroom.rooms import Rooms
from chatroom.settings import Settings
from chatroom.standing import Standing


class Posted(NamedTuple):
    """The entry of a message; `repeated` when an earlier request had already posted it."""

    entry: Entry
    repeated: bool


class Outlook(NamedTuple):
    """A room as somebody sees it at one moment: its order, what they may do, and the offset of its last entry."""

    order: Order
    power: Power
    head: int


class Chat:
    """Rooms over an engine. `random` decides how holds and returning clients are spread.

    `clock` gives microseconds since 1970 UTC: until then somebody may be kept out of a room.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a chat is made of
        self,
        settings: Settings,
        engine: Engine,
        rooms: Rooms,
        random: Random,
        clock: Callable[[], int],
        attendance: Attendance,
    ) -> None:
        self.attendance = attendance
        self.settings = settings
        self.engine = engine
        self.rooms = rooms
        self.clock = clock
        self.closing = False
        self._random = random
        self._backlog = Backlog(engine, rooms)
        self.listeners: list[Deliver] = []  # called with what is new, behind the rooms
        engine.subscribe(self._deliver)

    async def post(self, draft: Draft) -> Posted:
        """Say it; on the disk and delivered when this returns. Raises what `Engine.append` does."""
        message, repeated = await self.engine.append(draft)
        self.attendance.says(draft.room, draft.author)
        return Posted(self.rooms.entry(message), repeated)

    def types(self, name: str, visitor: Visitor) -> None:
        """Show that `visitor` types in a room, where they may come in and anybody would see it."""
        rooms = self.rooms.warm([name])
        if visitor.person and rooms and rooms[0].order.open_to(visitor, self.clock()):
            self.attendance.types(name, visitor.person)

    async def updates(self, poll: Poll, waiter: HeldPoll, *, hold: bool = True) -> bytes:
        """The bytes that answer `poll`, held while there is nothing to say.

        Whoever resolves `waiter` with None ends the hold. `hold` False: too many are held already. Raises NotFound
        where the visitor may not come in.
        """
        with self.rooms.visit([ask.room for ask in poll.asks]) as rooms:
            await self._backlog.warm(rooms)
            self._admit(rooms, waiter.visitor)
            standing = Standing(poll, rooms)
            self.attendance.note(waiter.known, standing.watched)
            while not standing.nothing:
                if body := self.at_once(standing) or await self._older(standing):
                    return body
                self._admit(rooms, waiter.visitor)  # who may come in may have changed, too
                standing = Standing(poll, rooms)
            if not hold and poll.wait != 0:
                return self.not_now(standing)
            return self.told(standing, await self._hold(waiter, standing))

    async def warm(self, poll: Poll) -> None:
        """Bring the rooms of `poll` into memory. Raises Unavailable."""
        with self.rooms.visit([ask.room for ask in poll.asks]) as rooms:
            await self._backlog.warm(rooms)

    def standing(self, poll: Poll) -> Standing | None:
        """Where the readers of `poll` stand at this moment; None while a room of it is not in memory."""
        rooms = self.rooms.warm(ask.room for ask in poll.asks)
        return None if rooms is None else Standing(poll, rooms)

    def open_to(self, standing: Standing, visitor: Visitor) -> bool:
        """Whether `visitor` may come into all rooms of the poll."""
        return all(room.order.open_to(visitor, self.clock()) for room in standing.rooms)

    def at_once(self, standing: Standing) -> bytes | None:
        """The reply to readers who are owed something that is in memory, as far as it fits; None if nothing is.

        A room that it leaves out has not moved: what it owes comes with the next reply.
        """
        readers = standing.readers
        if len(readers) == 1 and (update := readers[0].room.update(readers[0].debt)):
            return self._told_by(standing, update)
        news = standing.news()
        return standing.answer(self.rooms.wire, news) if news else None

    def park(self, waiter: Waiter, standing: Standing) -> None:
        """Let `waiter` wait at `standing`, to be resolved by whoever comes first. Undone by `leave`."""
        self.rooms.park(waiter, standing.rooms)
        self.attendance.park(waiter, standing.watched)

    def leave(self, waiter: Waiter, standing: Standing) -> None:
        """Let `waiter` wait no more."""
        self.rooms.leave(waiter, standing.rooms)
        self.attendance.leave(waiter, standing.watched)

    def told(self, standing: Standing, update: Update | None) -> bytes:
        """The reply to readers who waited and were resolved with `update`."""
        if update is None:
            return standing.nothing_new(self.rooms.wire, self._retry_in() if self.closing else None)
        if standing.plain:
            return self._told_by(standing, update)
        return standing.answer(self.rooms.wire, [update.news])

    def not_now(self, standing: Standing) -> bytes:
        """The reply to readers to whom nothing is owed and who cannot be held: come again in a moment."""
        return standing.nothing_new(self.rooms.wire, self._retry_in())

    def seconds(self, wait: float | None) -> float:
        """How long to hold: not longer than asked for, and spread so that readers do not return all at once."""
        longest = self.settings.hold - self.settings.hold_jitter * self._random.random()
        return longest if wait is None or wait > longest else wait

    async def history(self, name: str, wanted: Range, visitor: Visitor) -> History:
        """The newest entries of a room strictly between two offsets, as many as fit into one reply.

        Raises NotFound where `visitor` may not come in.
        """
        with self.rooms.visit([name]) as (room,):
            await self._backlog.warm([room])
            self._admit([room], visitor)
            head, start = room.buffer.head, max(wanted.after, room.order.trimmed)
            before = head + 1 if wanted.before is None else min(wanted.before, head + 1)
            after = max(start, before - 1 - wanted.limit)
            entries, more = room.buffer.since(after, before - 1), after > start
        if entries is None:
            entries, more = await self._backlog.between(name, start, before, wanted.limit)
        fitting = newest(entries, wanted.limit, REPLY_BYTES)
        return History(fitting, more or len(fitting) < len(entries))

    async def readings(self, person: Person, visitor: Visitor) -> Sequence[Reading]:
        """The rooms of `person` in which something was said last, and where they have read; those open to `visitor`."""
        found = await self.engine.people.readings(person, handle_of(person.name))
        at = self.clock()
        return [it for it in found if it.order.open_to(visitor, at)]

    async def order(self, name: str, visitor: Visitor) -> tuple[Order, Power]:
        """The order of a room, and what `visitor` may do there. Raises NotFound where that is nothing."""
        outlook = await self.outlook(name, visitor)
        return outlook.order, outlook.power

    async def outlook(self, name: str, visitor: Visitor) -> Outlook:
        """How a room stands. Raises NotFound where `visitor` may do nothing."""
        with self.rooms.visit([name]) as (room,):
            await self._backlog.warm([room])
            power = room.order.admit(visitor, self.clock())
            return Outlook(room.order, power, room.buffer.head)

    def close(self) -> None:
        """Hold nothing any more: answer every held poll now, and each later one at once, asking them to return."""
        self.closing = True
        self.attendance.close()
        self.rooms.release()

    def _deliver(self, items: Iterable[Item]) -> None:
        try:
            self.rooms.deliver(items)
        finally:
            for hear in self.listeners:
                hear(items)

    def _admit(self, rooms: Iterable[Room], visitor: Visitor) -> None:
        """Return if `visitor` may come into all of them. Raises NotFound."""
        for room in rooms:
            if room.order.guarded:
                room.order.admit(visitor, self.clock())

    async def _older(self, standing: Standing) -> bytes | None:
        """The reply to readers whose buffers begin too late; None if they are owed something else by now."""
        news = await self._backlog.older(standing)
        return standing.answer(self.rooms.wire, [news.fitting(REPLY_BYTES)]) if news else None

    async def _hold(self, waiter: HeldPoll, standing: Standing) -> Update | None:
        seconds = self.seconds(standing.wait)
        if seconds <= 0 or self.closing or waiter.done():
            return None
        self.park(waiter, standing)
        self.rooms.listen(standing.rooms, 1)
        hold = asyncio.get_running_loop().call_later(seconds, end_hold, waiter)
        try:
            return await waiter
        finally:
            hold.cancel()
            self.rooms.listen(standing.rooms, -1)
            self.leave(waiter, standing)

    def _told_by(self, standing: Standing, update: Update) -> bytes:
        """What a room says to all, unless there is more to be told."""
        if standing.presence():
            return standing.answer(self.rooms.wire, [update.news])
        return update.body

    def _retry_in(self) -> float:
        """The pause that is asked for, in seconds, spread so that the server is not stormed."""
        return round(1 + self._random.uniform(0, self.settings.retry_spread), 2)
