"""The load generator: thousands of held polls in one thread.

It has to be cheaper than the server that it measures. So it is raw sockets on `epoll`; a reply that equals the last one
of its room, byte for byte, was decoded and checked already; and a request is one concatenation. What is left for each
delivery are the system calls.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from benchmarks.line import Line, Reader, Speaker
from benchmarks.log import Faults
from benchmarks.peer import connect
from benchmarks.reply import WrongReply
from benchmarks.request import get
from benchmarks.room import Room
from benchmarks.sites.site import Site, Visitor

#: Connections looked after before the clock is looked at.
BATCH = 128
#: Connections opened before the server is given time to accept them.
AT_THE_DOOR = 100
#: Seconds in which whatever is expected happens, unless the server has lost something.
PATIENCE = 60.0
#: Seconds after the last message in which a repeated one would come.
AFTERWARDS = 0.3


class Crowd:
    """All readers and speakers of one site; a context that hangs up in the end."""

    def __init__(self, site: Site) -> None:
        self.rooms: list[Room] = []
        self._site = site
        self._epoll = select.epoll()
        self._lines: list[Line] = []
        self._readable: dict[int, Callable[[], None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._epoll.close()
        for line in self._lines:
            line.close()

    async def read(self, room: Room, visitors: Sequence[Visitor]) -> None:
        """Let them all poll `room` from now on."""
        if room not in self.rooms:
            self.rooms.append(room)
        for start in range(0, len(visitors), AT_THE_DOOR):
            for visitor in visitors[start : start + AT_THE_DOOR]:
                self.enter(room, visitor)
            await self._accepted(room)

    def enter(self, room: Room, visitor: Visitor) -> None:
        """Let one more poll `room`, without waiting until it is accepted. Others have to `read` there already."""
        self._join(Reader(self._site, visitor, room))

    def speaker(self, visitor: Visitor) -> Speaker:
        """A connection for what this visitor says."""
        speaker = Speaker(self._site, visitor)
        self._join(speaker)
        return speaker

    def turn(self, seconds: float) -> None:
        """Look after some of those who have got something, waiting so long for the first."""
        readable = self._readable
        for fd, _ in self._epoll.poll(max(0.0, seconds), BATCH):
            readable[fd]()

    def until(self, done: Callable[[], bool]) -> None:
        """Run until something is so. Raises WrongReply when it does not come."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise WrongReply(f"still waiting after {PATIENCE} s, {self.faults()}")
            self.turn(0.1)

    def faults(self) -> Faults:
        """What went wrong until now, for what comes too late or twice included."""
        until = time.monotonic() + AFTERWARDS
        while time.monotonic() < until:
            self.turn(0.05)
        return Faults.total(room.faults() for room in self.rooms)

    def check(self) -> None:
        """Raises WrongReply unless every reader has everything that was said, once and in order."""
        faults = self.faults()
        if any(faults):
            raise WrongReply(f"{faults}")

    def _join(self, line: Line) -> None:
        self._lines.append(line)
        self._readable[line.fd] = line.readable
        self._epoll.register(line.fd, select.EPOLLIN)

    async def _accepted(self, room: Room) -> None:
        """Whoever connects now is accepted after all who are waiting."""
        (peer,) = await connect(self._site.port, 1)
        (await peer.ask(get(self._site.page(room.name), self._site.port))).expect(200)
        peer.close()
