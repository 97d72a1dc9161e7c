"""Rooms by name, and the one door through which entries come in.

A room is in memory while it has visitors (somebody reads its tail, waits in it, or is being answered) or had some
lately; it costs nothing otherwise, because the engine's log is the truth and a buffer can be made anew from its tail.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from heapq import nlargest
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chatroom.buffer import MessageBuffer, Waiter
from chatroom.cursor import Cursor, Owed, owed
from chatroom.message import Message
from chatroom.wire import Entry, News, Wire


class Room:
    """A named room: its buffer, and what a reader in it is owed."""

    def __init__(self, name: str, cache_size: int, wire: Wire) -> None:
        self.name = name
        self.visitors = 0
        self.buffer = MessageBuffer(name, cache_size, wire.update)
        self._epoch = wire.epoch

    def owed(self, cursor: Cursor | None) -> Owed:
        """What a reader at `cursor` (None: from now on) is owed at this moment."""
        return owed(cursor, self._epoch, self.buffer.head)

    def news(self, debt: Owed) -> News | None:
        """The entries of `debt`; None when they are older than the buffer and have to come from the engine."""
        entries = self.buffer.since(debt.after, debt.head)
        if entries is None:
            return None
        return News(self.name, entries, debt.head, debt.gap_after, debt.reset)


class Presence(NamedTuple):
    """A room that is alive, and how many are listening in it."""

    name: str
    listening: int


class Rooms:
    """The rooms in memory: those with visitors, and the `limit` that had some last."""

    def __init__(self, wire: Wire, cache_size: int, limit: int) -> None:
        self.wire = wire
        self.cache_size = cache_size
        self.limit = limit
        self._rooms: dict[str, Room] = {}
        self._quiet: OrderedDict[str, Room] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    @contextmanager
    def visit(self, names: Iterable[str]) -> Iterator[list[Room]]:
        """The rooms called `names`, cold if they were not in memory. They stay there until the visit ends."""
        rooms = [self._admit(name) for name in names]
        try:
            yield rooms
        finally:
            for room in rooms:
                self._dismiss(room)

    def deliver(self, messages: Iterable[Message]) -> None:
        """Put `messages`, newly in the log and in its order, into the buffers of their rooms.

        Nobody else does. A room that is not in memory has no waiters and is owed nothing: its tail will hold them.
        A room that fails leaves memory, so that it is read anew, and the others are delivered to all the same; then
        an ExceptionGroup is raised.
        """
        by_room = attrgetter("room")
        faults: list[Exception] = []
        for name, spoken in groupby(sorted(messages, key=by_room), key=by_room):
            if room := self._rooms.get(name):
                try:
                    room.buffer.new_messages([self.wire.entry(message) for message in spoken])
                except Exception as fault:  # noqa: BLE001 - whatever it is, only this room may suffer
                    self.forget(room)
                    faults.append(fault)
        if faults:
            raise ExceptionGroup("rooms could not be delivered to", faults)

    def forget(self, room: Room) -> None:
        """Let a room leave memory although it may have visitors, as when its tail cannot be read."""
        if self._rooms.get(room.name) is room:
            del self._rooms[room.name]
            self._quiet.pop(room.name, None)
        room.buffer.dismiss()

    def entry(self, message: Message) -> Entry:
        """The entry of a message that is in the log; the one in the buffer, where that holds it."""
        room = self._rooms.get(message.room)
        if room is not None and not room.buffer.cold:
            entries = room.buffer.since(message.offset - 1, message.offset)
            if entries:
                return entries[0]
        return self.wire.entry(message)

    def park(self, waiter: Waiter, rooms: Sequence[Room]) -> None:
        """Let `waiter` wait in all `rooms`: the first one that speaks resolves it. Undone by `leave`."""
        for room in rooms:
            room.buffer.wait_for_messages(waiter)

    def leave(self, waiter: Waiter, rooms: Sequence[Room]) -> None:
        """Take `waiter` out of all `rooms` in which it still waits."""
        for room in rooms:
            room.buffer.cancel_wait(waiter)

    def release(self) -> None:
        """Resolve every waiter with None: there will be nothing to tell here any more."""
        for room in self._rooms.values():
            room.buffer.dismiss()

    def listening(self, name: str) -> int:
        """How many wait in the room."""
        room = self._rooms.get(name)
        return len(room.buffer.waiters) if room else 0

    def alive(self, limit: int) -> list[Presence]:
        """The rooms in which somebody listens, or that hold entries; the `limit` that are most listened to."""
        found = (
            Presence(room.name, len(room.buffer.waiters))
            for room in self._rooms.values()
            if room.buffer.waiters or not (room.buffer.cold or room.buffer.head == 0)
        )
        return nlargest(limit, found, key=attrgetter("listening"))

    def _admit(self, name: str) -> Room:
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name, self.cache_size, self.wire)
        self._quiet.pop(name, None)
        room.visitors += 1
        return room

    def _dismiss(self, room: Room) -> None:
        room.visitors -= 1
        if room.visitors or self._rooms.get(room.name) is not room:
            return
        if room.buffer.cold:
            del self._rooms[room.name]  # nobody reads its tail any more
            return
        self._quiet[room.name] = room
        if len(self._quiet) > self.limit:
            name, _ = self._quiet.popitem(last=False)
            del self._rooms[name]
