"""The buffers and rooms against a model: a plain list per room.

A message is stored first and delivered later, as by a real engine, and a cold room may be read in between. Readers
watch several rooms, wait, leave, come back with an old cursor, and live through restarts and other lives of the log.
Whatever happens, what a reader has heard, gaps filled, is the log up to its cursor: every message, once, in order.

`HYPOTHESIS_PROFILE=nightly` runs 10,000 steps and more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatroom.buffer import Update
from chatroom.cursor import Cursor
from chatroom.message import Message
from chatroom.news import News
from chatroom.people import Visitor
from chatroom.room import Room
from chatroom.rooms import Rooms
from chatroom.wire import Wire
from tests.making import message

ROOMS = ("7", "8", "9")
OTHERS = ("10", "11", "12", "13")
CACHE_SIZE = 3
MEMORY = 1
#: Bytes in a reply: about five entries.
BUDGET = 1000

Visit = AbstractContextManager[list[Room]]

rooms_ = st.sampled_from(ROOMS)
readers_ = st.integers(0, 3)


class Wait:
    """One wait of a reader in some rooms."""

    def __init__(self, rooms: list[Room]) -> None:
        self.rooms = rooms
        self.results: list[Update | None] = []

    def done(self) -> bool:
        return bool(self.results)

    def set_result(self, update: Update | None, /) -> None:
        assert not self.results, "woken twice"
        self.results.append(update)

    def dismiss(self, unwelcome: Callable[[Visitor], bool], /) -> None:
        """Nobody keeps order here."""


class Reader:
    """A client: its cursors, what it has heard, and its wait."""

    def __init__(self, epoch: str, watched: tuple[str, ...]) -> None:
        self.cursors = {name: Cursor(epoch, 0) for name in watched}
        self.heard: dict[str, list[int]] = {name: [] for name in watched}
        self.wait: Wait | None = None

    def hear(self, news: News, epoch: str) -> None:
        """Take an update as protocol.md tells a client to."""
        heard = self.heard[news.room]
        if news.reset:
            heard.clear()
        if news.gap_after is not None:
            assert news.gap_after == len(heard), "the gap begins where the reader stands"
            heard += range(news.gap_after + 1, news.entries[0].offset)
        heard += [entry.offset for entry in news.entries]
        self.cursors[news.room] = Cursor(epoch, news.head)


class RoomsMachine(RuleBasedStateMachine):
    """Everything that may happen to rooms, in any order."""

    @initialize(watched=st.lists(st.sets(rooms_, min_size=1), min_size=4, max_size=4))
    def begin(self, watched: list[set[str]]) -> None:
        self.lives = 0
        self.stored: dict[str, list[Message]] = {name: [] for name in ROOMS + OTHERS}
        self.undelivered: deque[Message] = deque()
        self.epoch = "aaaaaaa0"
        self.restart()
        self.readers = [Reader(self.epoch, tuple(sorted(names))) for names in watched]

    @rule(room=rooms_, count=st.integers(1, 5))
    def store(self, room: str, count: int) -> None:
        for _ in range(count):
            log = self.stored[room]
            log.append(message(len(log) + 1, room))
            self.undelivered.append(log[-1])

    @rule(room=rooms_)
    def store_more_than_a_reply_holds(self, room: str) -> None:
        self.store(room, 205)

    @precondition(lambda self: self.undelivered)
    @rule(count=st.integers(1, 300))
    def deliver(self, count: int) -> None:
        group = [self.undelivered.popleft() for _ in range(min(count, len(self.undelivered)))]
        self.rooms.deliver(group)

    @precondition(lambda self: self.turns)
    @rule()
    def turn(self) -> None:
        """The loop comes round: what was asked for is called, and may ask to be called again."""
        turns, self.turns[:] = self.turns[:], []
        for callback in turns:
            callback()

    @rule(room=st.sampled_from(ROOMS + OTHERS))
    def look_in(self, room: str) -> None:
        """Somebody opens a room's page: it comes into memory, another one may leave."""
        with self.rooms.visit([room]) as rooms:
            self._warm(rooms)

    @precondition(lambda self: not self.readings)
    @rule(room=rooms_)
    def begin_to_read_a_tail(self, room: str) -> None:
        """Somebody visits a room that may be cold; its tail is read now or, if more is stored, again later."""
        visit = self.rooms.visit([room])
        self.readings.append((visit, visit.__enter__()[0]))

    @precondition(lambda self: self.readings)
    @rule()
    def read_the_tail(self) -> None:
        room = self.readings[0][1]
        if room.buffer.cold:
            self.tails[room.name] = self._tail(room.name)

    @precondition(lambda self: self.readings)
    @rule()
    def receive_the_tail(self) -> None:
        visit, room = self.readings.pop()
        self._warm([room])
        visit.__exit__(None, None, None)

    @rule(number=readers_)
    def poll(self, number: int) -> None:
        reader = self.readers[number]
        if reader.wait:
            return
        with self.rooms.visit(reader.cursors) as entered:
            self._warm(entered)
            debts = [(room, room.owed(reader.cursors[room.name])) for room in entered]
            behind = [(room, debt) for room, debt in debts if not debt.nothing]
            for room, debt in behind:
                shared = room.update(debt)
                news = shared.news if shared else room.news(debt) or self._read(room.name, debt)
                reader.hear(news.fitting(BUDGET), self.epoch)
            if not behind:
                reader.wait = Wait(entered)
                self.rooms.park(reader.wait, entered)

    @rule(number=readers_)
    def answer(self, number: int) -> None:
        """Whoever was woken hears it; it may be long after."""
        reader = self.readers[number]
        if reader.wait and reader.wait.done():
            self._go(reader, reader.wait)

    @rule(number=readers_)
    def leave(self, number: int) -> None:
        """The hold ends, or the client goes away."""
        reader = self.readers[number]
        if reader.wait and not reader.wait.done():
            reader.wait.set_result(None)
            self._go(reader, reader.wait)

    @rule(number=readers_, room=rooms_, back=st.integers(0, 400))
    def return_with_an_old_cursor(self, number: int, room: str, back: int) -> None:
        reader = self.readers[number]
        if room in reader.cursors and not reader.wait:
            epoch, offset = reader.cursors[room]
            reader.cursors[room] = Cursor(epoch, max(offset - back, 0))
            del reader.heard[room][reader.cursors[room].offset :]

    @rule()
    def restart(self) -> None:
        """The process ends, however it does: what was stored stays, nothing else."""
        for reader in getattr(self, "readers", ()):
            reader.wait = None
        self.undelivered.clear()
        self.tails: dict[str, list[Message]] = {}
        self.readings: list[tuple[Visit, Room]] = []
        self.turns: list[Callable[[], None]] = []
        wire = Wire(self.epoch, lambda line: line.id)
        self.rooms = Rooms(wire, CACHE_SIZE, MEMORY, self.turns.append, wake_slice=2)

    @rule(keep=st.integers(0, 300))
    def restore_a_backup(self, keep: int) -> None:
        """Another life of the log: shorter, and under another epoch."""
        for log in self.stored.values():
            del log[keep:]
        self.lives += 1
        self.epoch = f"aaaaaaa{self.lives % 10}"
        self.restart()
        for reader in self.readers:
            for name in reader.cursors:
                if reader.cursors[name].epoch == self.epoch:
                    reader.cursors[name] = Cursor("bbbbbbbb", 1)

    @invariant()
    def a_reader_has_heard_the_log_up_to_its_cursor(self) -> None:
        for reader in getattr(self, "readers", ()):
            for name, (epoch, offset) in reader.cursors.items():
                if epoch == self.epoch:
                    assert reader.heard[name] == list(range(1, offset + 1))

    @invariant()
    def nobody_waits_behind_the_head(self) -> None:
        for reader in getattr(self, "readers", ()):
            if reader.wait and not reader.wait.done():
                for room in reader.wait.rooms:
                    at_head = reader.cursors[room.name] == Cursor(self.epoch, room.buffer.head)
                    waits = at_head and reader.wait in room.buffer.waiters
                    assert waits or (room.buffer.waking and self.turns)
                    assert self.rooms._rooms[room.name] is room

    def _warm(self, rooms: list[Room]) -> None:
        for room in rooms:
            if room.buffer.cold:
                early = self.tails.pop(room.name, None)
                room.warm(room.order, self._tail(room.name) if early is None else early)

    def _tail(self, name: str) -> list[Message]:
        return self.stored[name][-CACHE_SIZE:]

    def _read(self, name: str, debt: tuple[int, int, int | None, bool]) -> News:
        after, head, gap_after, reset = debt
        found = [self.rooms.wire.entry(it) for it in self.stored[name][after:head]]
        return News(name, found, head, gap_after, reset)

    def _go(self, reader: Reader, wait: Wait) -> None:
        self.rooms.leave(wait, wait.rooms)
        reader.wait = None
        if update := wait.results[0]:
            reader.hear(update.news, self.epoch)


TestRooms = RoomsMachine.TestCase
