"""Clients that leave a poll before, while and after it is held, each in its way: nothing is left of them.

python -m tests.proof.leaving --server=both --clients=1000
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import get
from tests.proof.footprint import open_files
from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import Connection, read_whole
from tests.proof.outcome import Outcome
from tests.proof.raw import Streams, connected, reset
from tests.proof.throng import listening
from tests.server_process import ServerProcess

ROOM = "leaving"
POLL = get(b"/a/message/updates?room=leaving&room=other")
LIMITS = {"polls_per_address": 100_000}

#: Clients that are there at the same time.
AT_ONCE = 100


class Plan(NamedTuple):
    """So many clients leave at each moment in each way; `slack` seconds later nothing may be left.

    `hold` is the server's, in seconds: what it does not notice ends then.
    """

    clients: int = 1_000
    slack: float = 1.0
    hold: float = 25.0
    server: str = "chatroom"


def fin(streams: Streams) -> None:
    """Close, as most clients do."""
    streams[1].close()


def half(streams: Streams) -> None:
    """Say that nothing more will be sent, and listen on."""
    streams[1].write_eof()


WAYS: tuple[Callable[[Streams], None], ...] = (fin, reset, half)
MOMENTS = ("before it is sent whole", "at once", "while it is held", "with the news", "after it")


def run(plan: Plan, data: Path) -> Outcome:
    """Clients that leave a poll before, while and after it is held: nothing is left of them."""
    settings = {"hold": plan.hold, "hold_jitter": 0.0, "log_level": "warning", **LIMITS}
    with ServerProcess(data, server=plan.server, **settings) as server:
        crowd = Crowd(plan, server)
        asyncio.run(crowd.run())
        violations = [*crowd.violations, *check_end(server)]
        if server.stderr:
            violations.append(Violation("log", "warnings", server.stderr[-2000:]))
    figures = {f"left {name}": count for name, count in crowd.left.items()}
    figures["longest until nothing was left, s"] = crowd.longest
    return Outcome(f"leaving, {plan.server}", figures, list(figures)[:-1], violations)


class Crowd:
    """A run: the clients come in bunches, and after each of them nobody listens and nothing is open."""

    def __init__(self, plan: Plan, server: ServerProcess) -> None:
        self.plan = plan
        self.server = server
        self.left = dict.fromkeys(MOMENTS, 0)
        self.longest = 0.0
        self.violations: list[Violation] = []

    async def run(self) -> None:
        """Every moment in every way."""
        self._speaker, self._watch = Connection(self.server.port), Connection(self.server.port)
        self._token = await sign_in(self.server.port)
        await self._say()
        await listening(self._watch)
        self._open = open_files(self.server.pid)
        for moment in MOMENTS:
            for way in WAYS:
                for begun in range(0, self.plan.clients, AT_ONCE):
                    some = min(AT_ONCE, self.plan.clients - begun)
                    await self._bunch(some, moment, way)
                    self.left[moment] += some
        self._speaker.close()
        self._watch.close()

    async def _bunch(self, count: int, moment: str, way: Callable[[Streams], None]) -> None:
        async with self._present(count) as clients:
            for _, writer in clients:
                writer.write(POLL[:-10] if moment == "before it is sent whole" else POLL)
            if moment not in MOMENTS[:2]:
                await self._held(count)
            if moment in ("with the news", "after it"):
                await self._say()
            if moment == "after it":
                await asyncio.gather(*(read_whole(reader) for reader, _ in clients))
            for streams in clients:
                way(streams)
            await self._nothing_left(f"{way.__name__} {moment}")

    @asynccontextmanager
    async def _present(self, count: int) -> AsyncIterator[list[Streams]]:
        async with AsyncExitStack() as stack:
            coming = (connected(self.server.port) for _ in range(count))
            yield [await stack.enter_async_context(it) for it in coming]

    async def _held(self, count: int) -> None:
        """Return when so many polls are held, each in two rooms."""
        async with asyncio.timeout(30):
            while await listening(self._watch) < 2 * count:
                pass

    async def _nothing_left(self, where: str) -> None:
        begun = monotonic()
        while await listening(self._watch) or open_files(self.server.pid) > self._open:
            if monotonic() - begun > self.plan.slack:
                left = await listening(self._watch), open_files(self.server.pid) - self._open
                what = f"{left[0] // 2} polls and {left[1]} connections"
                self.violations.append(Violation("leaked", where, what))
                return
        self.longest = max(self.longest, monotonic() - begun)

    async def _say(self) -> None:
        form = [("room", ROOM), ("body", "hello")]
        reply = await self._speaker.post("/a/message/new", form, token=self._token)
        assert reply.status == 201, reply


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
