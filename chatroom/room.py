"""Rooms by name, and the one door through which entries come in.

A room is in memory while somebody reads its tail, waits in it or is being answered, or did so lately; it costs nothing
otherwise, because the engine's log is the truth and a buffer can be made anew from its tail.

Delivering and waking are two steps: what is delivered in one turn of the loop wakes a waiter once, and a crowd is
woken in slices of WAKE_SLICE, a turn each, so that other requests are answered in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from heapq import nlargest
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chatroom.buffer import MessageBuffer, Update, Waiter
from chatroom.cursor import Cursor, Owed, owed
from chatroom.deed import (
    Act,
    Deletion,
    Edit,
    Erasure,
    Item,
    Reaction,
    Trim,
)
from chatroom.founding import first, unwritten
from chatroom.news import Entry, News
from chatroom.order import Order
from chatroom.people import Visitor
from chatroom.presence import Presence
from chatroom.wire import Wire

#: Waiters woken before everything else gets its turn: some 3 ms of work.
WAKE_SLICE = 500


class Room:
    """A named room: its order, its buffer, and what a reader in it is owed."""

    def __init__(self, name: str, cache_size: int, wire: Wire) -> None:
        self.name = name
        self.order = unwritten(name)
        self.visitors = 0
        self.listening = 0
        self.gone = False  # out of memory: nothing is delivered here any more
        self.presence: Presence | None = None  # while somebody wants to know who is here
        self.buffer = MessageBuffer(name, cache_size, wire.update)
        self._wire = wire
        self._missed: list[Item] = []  # delivered while the room was cold

    def warm(self, order: Order, tail: Sequence[Item]) -> None:
        """Begin with the order and the newest items of the log, both of one moment."""
        self.order = order
        self.buffer.warm([self._wire.entry(item) for item in tail])
        head = tail[-1].offset if tail else 0
        missed, self._missed = self._missed, []
        for item in missed:
            if item.offset > head:
                self._take(item)

    def deliver(self, items: Sequence[Item]) -> None:
        """Take `items`, the next of the log. Who may not be here any more waits no longer."""
        cold = self.buffer.cold
        new = items if cold else [it for it in items if it.offset > self.buffer.head]
        self.buffer.new_messages([self._wire.entry(item) for item in items])
        if cold:
            self._missed += items
            return
        before = self.order
        for item in new:
            self._take(item)
        if self.order is not before and self.order.guarded and self.order.door != before.door:
            self._put_out(items[-1].at)

    def owed(self, cursor: Cursor | None) -> Owed:
        """What a reader at `cursor` (None: from now on) is owed at this moment."""
        return owed(cursor, self._wire.epoch, self.buffer.head, trimmed=self.order.trimmed)

    def news(self, debt: Owed) -> News | None:
        """The entries of `debt`; None when they are older than the buffer and have to come from the engine."""
        entries = self.buffer.since(debt.after, debt.head)
        if entries is None:
            return None
        return News(self.name, entries, debt.head, debt.gap_after, debt.reset)

    def update(self, debt: Owed) -> Update | None:
        """The update for `debt`, shared by all who are owed the same; None where a plain one does not say it all."""
        if debt.nothing or debt.gap_after is not None or debt.reset:
            return None
        return self.buffer.update(debt.after)

    @property
    def busy(self) -> bool:
        """Whether anybody needs the room in memory."""
        return bool(self.visitors or self.buffer.waiters or self.buffer.waking)

    def _put_out(self, at: int) -> None:
        """Let nobody wait or be present who may not come in at that time."""
        order = self.order

        def unwelcome(visitor: Visitor) -> bool:
            return not order.open_to(visitor, at)

        self.buffer.dismiss_some(unwelcome)
        if self.presence is not None:
            self.presence.leave(unwelcome)

    def _take(self, item: Item) -> None:
        """Let the room be as it is after `item`."""
        if isinstance(item, Act):
            self._amend(item)
            self.order = self.order.after(item)
        elif item.offset == 1:
            self.order = first(self.name, item.author)

    def _amend(self, act: Act) -> None:
        """Let the entries before `act` say what they say from now on."""
        wire = self._wire
        match act.deed:
            case Deletion(target):
                self.buffer.rewrite(lambda it: _without(wire, it, target))
            case Edit() | Reaction() if act.message:
                now = wire.message(act.message)
                self.buffer.rewrite(lambda it: wire.amended(it, now))
            case Erasure(person):
                self.buffer.rewrite(
                    lambda it: wire.erased(it, person) if it.offset < act.offset else it
                )
            case Trim(upto):
                self.buffer.let_go(upto)
                self.buffer.rewrite(lambda it: wire.without(it) if 0 < it.about <= upto else it)
            case _:
                pass


def _without(wire: Wire, entry: Entry, target: int) -> Entry:
    """The entry without the text of the message at offset `target`."""
    if entry.offset == target:
        return wire.blank(entry)
    return wire.forgetful(entry) if entry.about == target else entry


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
