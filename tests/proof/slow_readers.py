"""Readers that do not read, or hardly: they cost little, nobody waits for them, and what they miss they get later.

    python -m tests.proof.slow_readers --server=both --deaf=200 --slow=200

The deaf ask again and again for everything and read nothing. The slow follow the room at a kilobyte a second. Ordinary
readers follow it too, first alone and then with all of those, and what the others do must not be felt by them.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import get
from tests.proof.footprint import MB, cpu_seconds, percentile, resident
from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import HEAD_END, Connection, content_length
from tests.proof.listener import Listener, check_heard
from tests.proof.outcome import Outcome
from tests.proof.raw import connected
from tests.server_process import ServerProcess

ROOM = "slow"
TEXT = "x" * 800  # with its HTML and the rest about 2 kB on the wire

LISTENERS = 20
# A reply has up to 256 kB, and the system takes 4 MB for a connection before the process has to.
ASKED_AT_ONCE = 25
QUIET = 1.0  # seconds in which the server works for less than a fifth
RECEIVE_BUFFER = 4096  # bytes that the system takes for a reader; Linux doubles it
BITE = 1024  # bytes that a slow reader reads a second
LIMITS = {"polls_per_address": 100_000}

# Delivery may become slower by this share.
SLOWER = 1.2

# Beyond its time-out a deaf reader may stay for this.
SLACK = 5.0  # seconds

PER_SOCKET = 256_000  # bytes that the process may grow by for each slow or deaf reader


class Plan(NamedTuple):
    """So many of each; `rate` messages a second for `seconds`, twice; unread replies time out after `write_timeout`.

    The deaf and the slow come within `arriving` seconds.
    `noise` (seconds) is what a p99 of a few milliseconds may differ by from one run to the next on a machine with two
    cores that has others to serve, without any slow reader.
    """

    deaf: int = 200
    slow: int = 200
    rate: float = 100.0
    seconds: float = 20.0
    arriving: float = 3.0
    write_timeout: float = 30.0
    noise: float = 0.025
    server: str = "chatroom"


class Figures(NamedTuple):
    """Seconds from post to reader alone and in company, the growth in bytes, the offset of the last message."""

    alone: list[float]
    together: list[float]
    grown: int
    last: int


def run(plan: Plan, data: Path) -> Outcome:
    """Readers that do not read, or hardly: they cost little and miss nothing."""
    counts: Counter[str] = Counter()
    settings = {"write_timeout": plan.write_timeout, **LIMITS}
    with ServerProcess(data, server=plan.server, log_level="warning", **settings) as server:
        room = Room(plan, server, counts)
        found = asyncio.run(room.run())
        violations = list(check_end(server))
    violations += check_heard(room.listeners, range(2, found.last + 1))
    violations += room.violations
    violations += check(plan, found)
    if (left := plan.deaf - counts["cut off"]) > 0:
        violations.append(Violation("left open", "deaf readers", f"{left} of {plan.deaf}"))
    figures = {
        "messages": found.last,
        "p99 alone, ms": percentile(found.alone, 99) * 1000,
        "p99 together, ms": percentile(found.together, 99) * 1000,
        "kB more per socket": found.grown / (plan.deaf + plan.slow) / 1000,
        "MB more": found.grown / MB,
        **{name: counts[name] for name in ("cut off", "slow cut off", "gaps", "caught up")},
    }
    needed = ["messages", "cut off", "caught up"]
    return Outcome(f"slow readers, {plan.server}", figures, needed, violations)


def check(plan: Plan, found: Figures) -> Iterator[Violation]:
    """Whether the figures are what they have to be."""
    alone, together = percentile(found.alone, 99), percentile(found.together, 99)
    if together > max(alone * SLOWER, alone + plan.noise):
        yield Violation("slower", "delivery", f"p99 {together:.4f} s after {alone:.4f} s")
    if found.grown > PER_SOCKET * (plan.deaf + plan.slow):
        yield Violation("grown", "process", f"by {found.grown / MB:.1f} MB")


class SlowReader:
    """Follows the room from `cursor` on, at BITE bytes a second, with as many connections as it takes."""

    def __init__(self, port: int, cursor: str, counts: Counter[str]) -> None:
        self.cursor = cursor
        self._port = port
        self._counts = counts

    async def follow(self, arriving: float) -> None:
        """Come within so many seconds, and stay until cancelled.

        What has been read in part when the connection is cut has not been read.
        """
        await asyncio.sleep(random.uniform(0, arriving))
        while True:
            async with connected(self._port, RECEIVE_BUFFER) as (reader, writer):
                with suppress(ConnectionError, EOFError):
                    while True:
                        writer.write(get(self._path("")))
                        self._stand(await self._reply(reader))
                self._counts["slow cut off"] += 1

    async def catch_up(self, until: int) -> int:
        """Read the rest at full speed; returns how many messages came or are told to be in a gap."""
        connection, told = Connection(self._port), 0
        begun = _offset(self.cursor)
        while _offset(self.cursor) < until:
            body = (await connection.get(self._path("&wait=0").decode())).body
            before = _offset(self.cursor)
            told += self._stand(body)
            assert _offset(self.cursor) > before, body[:300]
        connection.close()
        self._counts["caught up"] += 1
        return told - (until - begun)

    def _path(self, more: str) -> bytes:
        return f"/a/message/updates?room={ROOM}&cursor={self.cursor}{more}".encode()

    def _stand(self, body: bytes) -> int:
        """Go on to where the reply ends; returns of how many messages it told, those in a gap included."""
        update = json.loads(body)
        self.cursor = update["cursors"][ROOM]
        told = len(update["messages"])
        if gap := update.get("gaps", {}).get(ROOM):
            self._counts["gaps"] += 1
            told += _offset(gap["before"]) - _offset(gap["after"]) - 1
        return told

    async def _reply(self, reader: asyncio.StreamReader) -> bytes:
        read = b""
        while HEAD_END not in read or len(read) < _whole(read):
            more = await reader.read(BITE)
            if not more:
                raise EOFError
            read += more
            await asyncio.sleep(len(more) / BITE)
        return read.partition(HEAD_END)[2]


class Room:
    """A run: the server, who speaks, who listens, and who does not."""

    def __init__(self, plan: Plan, server: ServerProcess, counts: Counter[str]) -> None:
        self.plan = plan
        self.server = server
        self.counts = counts
        self.listeners: list[Listener] = []
        self.violations: list[Violation] = []
        self._said: dict[int, float] = {}  # offset -> when

    async def run(self) -> Figures:
        """Speak to those who listen, then to everybody."""
        self._token = await sign_in(self.server.port)
        cursor = await self._say()
        self.listeners = [
            Listener(self.server.port, ROOM, cursor, self.counts) for _ in range(LISTENERS)
        ]
        await asyncio.gather(*(it.arrive() for it in self.listeners))
        alone = await self._speak()
        before = resident(self.server.pid)
        slow = [SlowReader(self.server.port, cursor, self.counts) for _ in range(self.plan.slow)]
        tasks = [asyncio.create_task(it.follow(self.plan.arriving)) for it in slow]
        deaf = [asyncio.create_task(self._be_deaf(cursor)) for _ in range(self.plan.deaf)]
        await asyncio.sleep(self.plan.arriving)
        await self._settled()
        together = await self._speak()
        grown = resident(self.server.pid) - before
        await asyncio.wait(deaf, timeout=self.plan.write_timeout + SLACK)
        for task in (*tasks, *deaf):
            task.cancel()
        await asyncio.gather(*tasks, *deaf, return_exceptions=True)
        await self._catch_up(slow)
        for listener in self.listeners:
            listener.leave()
        self._speaker.close()
        return Figures(alone, together, grown, max(self._said))

    async def _speak(self) -> list[float]:
        """Say so many things at the rate of the plan; returns the seconds until each listener heard each of them."""
        await self._say()
        await self._all_have_heard()  # whatever went on before is over
        begun, first = monotonic(), max(self._said) + 1
        for number in range(int(self.plan.seconds * self.plan.rate)):
            await asyncio.sleep(begun + number / self.plan.rate - monotonic())
            await self._say()
        await self._all_have_heard()
        offsets = range(first, max(self._said) + 1)
        return [it.heard[at] - self._said[at] for it in self.listeners for at in offsets]

    async def _settled(self) -> None:
        """Return when the server has done what the deaf asked for as far as it can: it hardly works any more."""
        used = -inf
        while (now := cpu_seconds(self.server.pid)) - used > QUIET / 5:
            used = now
            await asyncio.sleep(QUIET)

    async def _all_have_heard(self) -> None:
        """Return when each listener has heard the last message. Raises TimeoutError."""
        last = max(self._said)
        async with asyncio.timeout(60):
            while not all(last in it.heard for it in self.listeners):
                await asyncio.sleep(0.01)

    async def _say(self) -> str:
        if not self._said:
            self._speaker = Connection(self.server.port)
        begun = monotonic()
        form = [("room", ROOM), ("body", TEXT)]
        reply = await self._speaker.post("/a/message/new", form, token=self._token)
        assert reply.status == 201, reply
        id_ = str(reply.json()["id"])
        self._said[_offset(id_)] = begun
        return id_

    async def _be_deaf(self, cursor: str) -> None:
        """Ask for everything, many times at once, and read nothing until cut off."""
        await asyncio.sleep(random.uniform(0, self.plan.arriving))
        path = f"/a/message/updates?room={ROOM}&cursor={cursor}".encode()
        async with connected(self.server.port, RECEIVE_BUFFER) as (_, writer):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(get(path) * ASKED_AT_ONCE)
            while not writer.transport.is_closing():
                await asyncio.sleep(1)
                writer.write(
                    b"\r\n"
                )  # who does not read learns only so that the connection is gone
        self.counts["cut off"] += 1

    async def _catch_up(self, slow: Sequence[SlowReader]) -> None:
        """Each slow reader gets the rest; together with what it had read that is everything, once."""
        last = max(self._said)
        for number, reader in enumerate(slow):
            if surplus := await reader.catch_up(last):
                what = f"{surplus:+} messages at the end"
                self.violations.append(Violation("lost", f"slow reader {number}", what))


def _whole(read: bytes) -> int:
    """How long a reply is whose head has been read."""
    end = read.index(HEAD_END) + len(HEAD_END)
    return end + content_length(read[:end])


def _offset(id_: str) -> int:
    return int(id_.rpartition("-")[2])


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
