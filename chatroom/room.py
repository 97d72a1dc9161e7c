"""Rooms by name, and the one door through which entries come in.

A room is in memory while somebody waits in it or it was used lately; it costs nothing otherwise, because the engine's
log is the truth and a buffer can be made anew from its tail.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chatroom.buffer import MessageBuffer, Waiter
from chatroom.cursor import Cursor, Owed, owed
from chatroom.message import Message
from chatroom.wire import Entry, News, Wire

#: Rooms looked at when one has to leave memory. More than one, so that quiet rooms leave faster than rooms arrive.
_EVICTION_TRIES = 8


class Room:
    """A named room: its buffer, and what a reader in it is owed."""

    def __init__(self, name: str, cache_size: int, wire: Wire) -> None:
        self.name = name
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
    """The rooms in memory, the least recently used first.

    At most `limit` rooms without waiters stay. Rooms with waiters, and rooms that are still cold (somebody is reading
    their tail), never leave.
    """

    def __init__(self, wire: Wire, cache_size: int, limit: int) -> None:
        self.wire = wire
        self.cache_size = cache_size
        self.limit = limit
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    def admit(self, name: str) -> Room:
        """The room called `name`, cold if it was not in memory."""
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name, self.cache_size, self.wire)
            self._evict()
        self._rooms.move_to_end(name)
        return room

    def dismiss(self, name: str) -> None:
        """Let the room leave memory, as when its tail could not be read."""
        self._rooms.pop(name, None)

    def deliver(self, messages: Iterable[Message]) -> None:
        """Put `messages`, newly in the log and in its order, into the buffers of their rooms.

        Nobody else does. A room that is not in memory has no waiters and is owed nothing: its tail will hold them.
        """
        by_room = attrgetter("room")
        for name, spoken in groupby(sorted(messages, key=by_room), key=by_room):
            if room := self._rooms.get(name):
                room.buffer.new_messages([self.wire.entry(message) for message in spoken])

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

    def alive(self) -> list[Presence]:
        """The rooms in which somebody listens, or that hold entries; the most listened to first."""
        found = [
            Presence(room.name, len(room.buffer.waiters))
            for room in reversed(self._rooms.values())
            if room.buffer.waiters or not (room.buffer.cold or room.buffer.head == 0)
        ]
        return sorted(found, key=attrgetter("listening"), reverse=True)

    def _evict(self) -> None:
        for _ in range(min(_EVICTION_TRIES, len(self._rooms) - self.limit)):
            name, room = next(iter(self._rooms.items()))
            if room.buffer.cold or room.buffer.waiters:
                self._rooms.move_to_end(name)
            else:
                del self._rooms[name]
