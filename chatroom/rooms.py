"""Rooms by name, and the one door through which entries come in.

A room is in memory while somebody reads its tail, waits in it or is being answered, or did so lately; it costs nothing
otherwise, because the engine's log is the truth and a buffer can be made anew from its tail.

Delivering and waking are two steps: what is delivered in one turn of the loop wakes a waiter once, and a crowd is
woken in slices of WAKE_SLICE, a turn each, so that other requests are answered in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from heapq import nlargest
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chatroom.buffer import Waiter
from chatroom.deed import Item
from chatroom.news import Entry
from chatroom.room import Room
from chatroom.wire import Wire

#: Waiters woken before everything else gets its turn: some 3 ms of work.
WAKE_SLICE = 500


class Alive(NamedTuple):
    """A room that is alive, and how many are listening in it."""

    name: str
    listening: int


class Rooms:
    """The rooms in memory: those with visitors or waiters, and the `limit` that had some last.

    `soon` calls a function in the next turn of the loop.
    """

    def __init__(
        self,
        wire: Wire,
        cache_size: int,
        limit: int,
        soon: Callable[[Callable[[], None]], object],
        wake_slice: int = WAKE_SLICE,
    ) -> None:
        self.wire = wire
        self.cache_size = cache_size
        self.limit = limit
        self._soon = soon
        self._wake_slice = wake_slice
        self._rooms: dict[str, Room] = {}
        self._quiet: OrderedDict[str, Room] = OrderedDict()
        self._waking: OrderedDict[Room, None] = OrderedDict()

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

    def deliver(self, items: Iterable[Item]) -> None:
        """Put `items`, newly in the log and in its order, into the buffers of their rooms.

        Nobody else does. Who waits there is woken in the next turn of the loop. A room that is not in memory has no
        waiters and is owed nothing: its tail will hold them. A room that fails leaves memory, so that it is read
        anew, and the others are delivered to all the same; then an ExceptionGroup is raised.
        """
        by_room = attrgetter("room")
        faults: list[Exception] = []
        for name, new in groupby(sorted(items, key=by_room), key=by_room):
            if room := self._rooms.get(name):
                try:
                    room.deliver(list(new))
                    self._wake_soon(room)
                except Exception as fault:  # noqa: BLE001 - whatever it is, only this room may suffer
                    self.forget(room)
                    faults.append(fault)
        if faults:
            raise ExceptionGroup("rooms could not be delivered to", faults)

    def forget(self, room: Room) -> None:
        """Let a room leave memory although it may have visitors, as when its tail cannot be read."""
        if not room.gone:
            self._remove(room)
            self._quiet.pop(room.name, None)
        room.buffer.dismiss()

    def entry(self, item: Item) -> Entry:
        """The entry of an item that is in the log; the one in the buffer, where that holds it."""
        room = self._rooms.get(item.room)
        if room is not None and not room.buffer.cold:
            entries = room.buffer.since(item.offset - 1, item.offset)
            if entries:
                return entries[0]
        return self.wire.entry(item)

    def warm(self, names: Iterable[str]) -> list[Room] | None:
        """The rooms called `names`; None unless all of them are in memory and know where their log stands."""
        rooms = []
        for name in names:
            room = self._rooms.get(name)
            if room is None or room.buffer.cold:
                return None
            rooms.append(room)
        return rooms

    @staticmethod
    def listen(rooms: Iterable[Room], readers: int) -> None:
        """Note that so many more (below 0: fewer) readers listen in `rooms`; a waiter may stand for many."""
        for room in rooms:
            room.listening += readers

    def park(self, waiter: Waiter, rooms: Iterable[Room]) -> None:
        """Let `waiter` wait in all `rooms`: the first one that speaks resolves it. Undone by `leave`."""
        for room in rooms:
            if not room.buffer.waiters:
                self._quiet.pop(room.name, None)
            room.buffer.wait_for_messages(waiter)

    def leave(self, waiter: Waiter, rooms: Iterable[Room]) -> None:
        """Take `waiter` out of all `rooms` in which it still waits."""
        for room in rooms:
            room.buffer.cancel_wait(waiter)
            if not room.buffer.waiters:
                self._rest(room)

    def release(self) -> None:
        """Resolve every waiter with None: there will be nothing to tell here any more."""
        for room in list(self._rooms.values()):  # who leaves may let a room leave memory
            room.buffer.dismiss()

    def listening(self, name: str) -> int:
        """How many listen in the room."""
        room = self._rooms.get(name)
        return room.listening if room else 0

    def alive(self, limit: int) -> list[Alive]:
        """The rooms in which somebody listens, or that hold entries; the `limit` that are most listened to."""
        found = (
            Alive(room.name, room.listening)
            for room in self._rooms.values()
            if room.order.listed
            and (room.listening or not (room.buffer.cold or room.buffer.head == 0))
        )
        return nlargest(limit, found, key=attrgetter("listening"))

    def _wake_soon(self, room: Room) -> None:
        if room.buffer.waking:
            self._waking[room] = None
            if len(self._waking) == 1:
                self._soon(self._wake)

    def _wake(self) -> None:
        """Wake one slice of those who are owed something; the rooms take turns."""
        left = self._wake_slice
        try:
            while self._waking and left > 0:
                room, _ = self._waking.popitem(last=False)
                left -= self._wake_in(room, left)
        finally:
            if self._waking:
                self._soon(self._wake)

    def _wake_in(self, room: Room, limit: int) -> int:
        try:
            return room.buffer.wake(limit)
        except Exception:
            self.forget(room)
            raise
        finally:
            if room.buffer.waking:
                self._waking[room] = None
            else:
                self._rest(room)

    def _admit(self, name: str) -> Room:
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name, self.cache_size, self.wire)
        self._quiet.pop(name, None)
        room.visitors += 1
        return room

    def _dismiss(self, room: Room) -> None:
        room.visitors -= 1
        self._rest(room)

    def _rest(self, room: Room) -> None:
        """Let a room that nobody needs just now leave memory, when `limit` others have been needed since."""
        if room.gone or room.busy:
            return
        if room.buffer.cold:
            self._remove(room)  # nobody reads its tail any more
            return
        self._quiet[room.name] = room
        self._quiet.move_to_end(room.name)
        if len(self._quiet) > self.limit:
            self._remove(self._quiet.popitem(last=False)[1])

    def _remove(self, room: Room) -> None:
        room.gone = True
        del self._rooms[room.name]
