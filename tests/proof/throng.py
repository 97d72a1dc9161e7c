"""Ten thousand held polls: one post wakes them all; a restart sends them away and gets them back, and nothing is lost.

python -m tests.proof.throng --server=both --polls=10000
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.footprint import percentile, resident
from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import Connection
from tests.proof.listener import Listener, check_heard
from tests.proof.outcome import Outcome
from tests.proof.restarts import stop
from tests.server_process import ServerProcess

ROOM = "throng"
AT_ONCE = 200  # connections that are opened at the same time
PATIENCE = 120.0  # seconds after which a wait is given up

# The crowd is one address, and nobody's hold is to end while others are still coming.
LIMITS = {"polls": 100_000, "polls_per_address": 100_000, "connections": 100_000}
HOLD = {"hold": 120.0, "hold_jitter": 0.0, "retry_spread": 3.0}


class Plan(NamedTuple):
    """So many polls and posts; 99 of 100 are woken within `p99` seconds, each takes `memory` bytes."""

    polls: int = 10_000
    posts: int = 5
    p99: float = 1.0
    memory: int = 30_000
    server: str = "chatroom"


class Figures(NamedTuple):
    """What was measured: bytes per poll, seconds from a post to each reader, and what the restart was like."""

    memory: float
    delays: list[float]
    down: float
    refused_later: int
    spread: float


def run(plan: Plan, data: Path) -> Outcome:
    """Ten thousand held polls: woken by one post, sent away by a restart, and nothing is lost."""
    counts: Counter[str] = Counter()
    with ServerProcess(data, server=plan.server, **LIMITS, **HOLD) as server:
        listeners, found, last = asyncio.run(Throng(plan, server, counts).run())
        violations = list(check_end(server))
    violations += check_heard(listeners, range(2, last + 1))
    violations += check(plan, found)
    figures = {
        "polls": plan.polls,
        "bytes per poll": found.memory,
        **{f"delivery p{it}, ms": percentile(found.delays, it) * 1000 for it in (50, 99, 100)},
        "seconds down": found.down,
        "refused while down": counts["refused"] - found.refused_later,
        "refused later": found.refused_later,
        "seconds in which 9 of 10 returned": found.spread,
        **{name: counts[name] for name in ("pauses asked for", "lost connections")},
    }
    return Outcome(f"throng, {plan.server}", figures, ["polls", "pauses asked for"], violations)


def check(plan: Plan, found: Figures) -> Iterator[Violation]:
    """Whether the figures are what they have to be."""
    if found.memory > plan.memory:
        yield Violation("memory", "per poll", f"{found.memory:.0f} bytes")
    if percentile(found.delays, 99) > plan.p99:
        yield Violation("slow", "delivery", f"p99 {percentile(found.delays, 99):.3f} s")
    if found.refused_later:
        yield Violation("refused", "after the restart", str(found.refused_later))
    if found.spread < HOLD["retry_spread"] / 3:
        yield Violation("stormed", "after the restart", f"9 of 10 in {found.spread:.2f} s")


class Throng:
    """A run: the server, its listeners, and somebody who speaks."""

    def __init__(self, plan: Plan, server: ServerProcess, counts: Counter[str]) -> None:
        self.plan = plan
        self.server = server
        self.counts = counts
        self.listeners: list[Listener] = []
        self._last = 0  # offset of the last message

    async def run(self) -> tuple[list[Listener], Figures, int]:
        """All of it: the listeners, the figures, and the offset of the last message."""
        async with asyncio.timeout(PATIENCE * 3):
            self._token = await sign_in(self.server.port)
            cursor = await self._say()
            memory = await self._gather(cursor)
            delays = [delay for _ in range(self.plan.posts) for delay in await self._wake()]
            down, up_at = await self._restart()
            await self._wake()
        for listener in self.listeners:
            listener.leave()
        later = sum(when > up_at for it in self.listeners for when in it.refused)
        returned = [it.arrived[-1] for it in self.listeners]
        spread = percentile(returned, 95) - percentile(returned, 5)
        return self.listeners, Figures(memory, delays, down, later, spread), self._last

    async def _gather(self, cursor: str) -> float:
        """Let everybody come; returns the bytes that the process has grown by, per poll."""
        before = resident(self.server.pid)
        for _ in range(self.plan.polls // AT_ONCE + 1):
            some = min(AT_ONCE, self.plan.polls - len(self.listeners))
            new = [Listener(self.server.port, ROOM, cursor, self.counts) for _ in range(some)]
            self.listeners += new
            await asyncio.gather(*(it.arrive() for it in new))
        await self._all_listen()
        return (resident(self.server.pid) - before) / self.plan.polls

    async def _wake(self) -> list[float]:
        """Say something; returns the seconds until each of the listeners heard it."""
        begun = monotonic()
        await self._say()
        await until(lambda: all(self._last in it.heard for it in self.listeners))
        delays = [it.heard[self._last] - begun for it in self.listeners]
        await self._all_listen()
        return delays

    async def _restart(self) -> tuple[float, float]:
        """Stop and start while somebody speaks; returns the seconds that it was down, and when it was up again."""
        begun = monotonic()
        await asyncio.to_thread(stop, self.server)
        await asyncio.to_thread(self.server.start)
        up = monotonic()
        await self._say()
        await until(lambda: all(self._last in it.heard for it in self.listeners))
        return up - begun, up

    async def _say(self) -> str:
        """Post a message; returns its id."""
        connection = Connection(self.server.port)
        form = [("room", ROOM), ("body", f"no. {self._last + 1}")]
        reply = await connection.post("/a/message/new", form, token=self._token)
        connection.close()
        assert reply.status == 201, reply
        self._last += 1
        return str(reply.json()["id"])

    async def _all_listen(self) -> None:
        """Return when the entrance says that everybody waits."""
        connection = Connection(self.server.port)
        while await listening(connection) < self.plan.polls:
            await asyncio.sleep(0.05)
        connection.close()


async def listening(connection: Connection) -> int:
    """How many polls are held in all rooms, as the entrance tells people."""
    page = await connection.get("/")
    return sum(map(int, re.findall(rb">(\d+) listening<", page.body)))


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
