"""Looks into the rooms that somebody watches, every few seconds, and notes who is there.

All rooms are looked into in one round, a slice in each turn of the loop. There is no timer and no work while nobody
asks for presence, and none for a room of which nobody does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from chatroom.buffer import Waiter
from chatroom.people import Person
from chatroom.presence import CROWD, Presence, Summary
from chatroom.room import Room
from chatroom.sessions import Known

#: Seconds between two rounds: a summary is told at most so often.
EVERY = 3.0
#: People looked at before everything else gets its turn: between one and two milliseconds of work where they are many.
SLICE = 1000
#: Readers held in a room up to whom a change wakes them. Somebody present may have several; and programs need no
#: session, so that a room may be large although nobody is present.
FEW_READERS = 4 * CROWD


class Watch(NamedTuple):
    """A room whose presence somebody wants to know, and the version of it that they have."""

    room: Room
    version: str

    @property
    def news(self) -> Summary | None:
        """What they do not know yet."""
        presence = self.room.presence
        newest = None if presence is None else presence.summary
        return None if newest is None or newest.version == self.version else newest


class Attendance:
    """Who is in the rooms that are watched.

    `clock` gives seconds and never goes back. A round comes every `every` seconds as long as there is a room to look
    into.
    """

    def __init__(
        self, versions: Iterator[str], clock: Callable[[], float], every: float = EVERY
    ) -> None:
        self.clock = clock
        self.every = every
        self._versions = versions
        self._watched: dict[str, Room] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether there will be another round."""
        return self._timer is not None

    def park(self, waiter: Waiter, watched: Sequence[Watch]) -> None:
        """Let `waiter` hear of changes in small rooms. Undone by `leave`."""
        for room, version in watched:
            self._watch(room).waiters[waiter] = version

    @staticmethod
    def leave(waiter: Waiter, watched: Sequence[Watch]) -> None:
        """Take `waiter` out of all rooms in which it still waits."""
        for room, _ in watched:
            if room.presence is not None:
                room.presence.waiters.pop(waiter, None)

    def note(self, known: Known | None, watched: Sequence[Watch]) -> None:
        """Note that somebody has asked. Who is answered at once is not there when a round comes."""
        for room, _ in watched:
            presence = self._watch(room)
            if known is not None:
                presence.sample((known.person,), presence.asked)

    def types(self, room: str, person: Person) -> None:
        """Note that `person` types in the room of that name; in one that nobody watches, nobody can see it."""
        if presence := self._presence(room):
            presence.types(person, self.clock())

    def says(self, room: str, person: Person) -> None:
        """Note that `person` has said something in the room of that name."""
        if presence := self._presence(room):
            presence.says(person)

    def tick(self, now: float) -> None:
        """Begin a round: note all who are held as seen at `now`, and tell the readers of small rooms."""
        self._go_on(self._round(now))

    def close(self) -> None:
        """No more rounds."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _presence(self, room: str) -> Presence | None:
        found = self._watched.get(room)
        return None if found is None else found.presence

    def _watch(self, room: Room) -> Presence:
        now = self.clock()
        if room.presence is None:
            room.presence = Presence(self._versions, now)
        room.presence.asked = now
        self._watched[room.name] = room
        self._wind()
        return room.presence

    def _wind(self) -> None:
        if self._watched and self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(self.every, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self.tick(self.clock())

    def _go_on(self, round_: Iterator[int]) -> None:
        left = SLICE
        for done in round_:
            left -= done
            if left <= 0:
                asyncio.get_running_loop().call_soon(self._go_on, round_)
                return
        self._wind()

    def _round(self, now: float) -> Iterator[int]:
        """Look into all rooms; yields how much was done, in people."""
        for room in list(self._watched.values()):
            if room.gone or room.presence is None or room.presence.idle(now):
                self._forget(room)
            else:
                yield from self._look(room, room.presence, now)

    def _forget(self, room: Room) -> None:
        """Nobody wants to know any more, or the room has left memory."""
        room.presence = None
        if self._watched.get(room.name) is room:
            del self._watched[room.name]

    @staticmethod
    def _look(room: Room, presence: Presence, now: float) -> Iterator[int]:
        if presence.waiters:
            presence.asked = now
        people = _held(room)
        while some := list(islice(people, SLICE)):
            presence.sample(some, now)
            yield len(some)
        presence.update(now)
        yield 1
        if not presence.crowded and room.listening <= FEW_READERS:
            yield presence.wake()


def _held(room: Room) -> Iterator[Person]:
    for waiter in list(room.buffer.waiters):
        yield from waiter.people()
