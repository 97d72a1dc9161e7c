"""A reader that costs its machine little, so that thousands of them are one process: polls by cursor, and checks.

Whatever happens to its connection, it comes back with its cursor. What it has not been told in order is a violation.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from time import monotonic
from typing import NamedTuple, cast

from tests.proof.checker import Violation, offset_of
from tests.proof.http1 import HEAD_END, content_length

# Seconds until a connection that was refused or lost is tried again, half of it by chance.
AGAIN = 0.5


class Update(NamedTuple):
    """What a reply says of the one room that is read."""

    cursor: str
    offsets: list[int]
    retry_in: float


class Listener(asyncio.Protocol):
    """Follows `room` on `port` from `cursor` on until `leave`. `counts` is shared: `refused`, `lost`, `pauses`, ..."""

    def __init__(self, port: int, room: str, cursor: str, counts: Counter[str]) -> None:
        self.cursor = cursor
        self.counts = counts
        self.heard: dict[int, float] = {}  # offset -> when it came, seconds of the monotonic clock
        self.arrived: list[float] = []  # when it connected
        self.refused: list[float] = []  # when it was refused
        self.violations: list[Violation] = []
        self._port = port
        self._room = room
        self._leaving = False
        self._transport: asyncio.Transport | None = None
        self._unread = b""
        self._resting: asyncio.TimerHandle | None = None  # until it polls again

    async def arrive(self) -> None:
        """Connect, as often as it takes, and poll."""
        loop = asyncio.get_running_loop()
        while not self._leaving:
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", self._port)
            except OSError:
                self.counts["refused"] += 1
                self.refused.append(monotonic())
                await asyncio.sleep(AGAIN * random.uniform(0.5, 1))
            else:
                return

    def leave(self) -> None:
        """Close the connection and do not come back."""
        self._leaving = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._unread = b""
        self.arrived.append(monotonic())
        if self._leaving:
            self.leave()
        else:
            self._poll()

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        self._unread += data
        end = self._unread.find(HEAD_END) + len(HEAD_END)
        if end < len(HEAD_END) or len(self._unread) < end + content_length(self._unread[:end]):
            return
        head, body = self._unread[:end], self._unread[end:]
        self._unread = b""
        if b" 200 " not in head[:16]:
            self.violations.append(Violation("protocol", self._room, f"{head!r}{body!r}"))
            return
        self._take(update_in(body, self._room), now)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._leaving:
            return
        self.counts["lost connections"] += 1
        loop = asyncio.get_running_loop()
        again = loop.time() + AGAIN * random.uniform(0.5, 1)
        if self._resting is not None:
            self._resting.cancel()
            again = max(again, self._resting.when())
        loop.call_at(again, self._return)

    def _take(self, update: Update, now: float) -> None:
        for offset in update.offsets:
            if offset != offset_of(self.cursor) + 1:
                what = f"{offset} behind {self.cursor}"
                self.violations.append(Violation("out of order", self._room, what))
            self.cursor = f"{self.cursor.partition('-')[0]}-{offset}"
            self.heard[offset] = now
        if update.cursor != self.cursor:
            self.violations.append(Violation("cursor", self._room, f"{update}, {self.cursor}"))
        if update.retry_in:
            self.counts["pauses asked for"] += 1
            loop = asyncio.get_running_loop()
            self._resting = loop.call_later(update.retry_in, self._poll)
        else:
            self._poll()

    def _poll(self) -> None:
        self._resting = None
        if self._transport is not None and not self._leaving:
            self._transport.write(
                b"GET /a/message/updates?room=%s&cursor=%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                % (self._room.encode(), self.cursor.encode())
            )

    def _return(self) -> None:
        self._task = asyncio.ensure_future(self.arrive())


@lru_cache(64)
def update_in(body: bytes, room: str) -> Update:
    """Read a reply's body; those that are the same are read once."""
    told = json.loads(body)
    offsets = [offset_of(message["id"]) for message in told["messages"]]
    return Update(told["cursors"][room], offsets, told.get("retry_in", 0))


def check_heard(listeners: Sequence[Listener], offsets: range) -> Iterator[Violation]:
    """Everybody has heard exactly these, each once and in their order."""
    for number, listener in enumerate(listeners):
        yield from listener.violations
        if list(listener.heard) != list(offsets):
            missing = set(offsets) - set(listener.heard)
            yield Violation("lost", f"listener {number}", f"{sorted(missing)} of {offsets}")
