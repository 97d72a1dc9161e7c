"""Peers that vanish without FIN or RST: what the server keeps for them is freed in time.

    python -m tests.proof.half_open --server=both

Some wait for news, some are in the middle of a head or of a body, some do nothing. A held poll is freed when its hold
ends, a connection when nothing has come for as long as it may be silent: after a poll that is the hold and then the
idle time-out, because to the system that answers for a vanished peer the reply seems to have been taken.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.proof.black_hole import BlackHole
from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import get
from tests.proof.dripping import FORM, HEAD
from tests.proof.footprint import open_files
from tests.proof.hostile import check_end
from tests.proof.http1 import Connection
from tests.proof.outcome import Outcome
from tests.proof.raw import connected
from tests.proof.throng import listening
from tests.server_process import ServerProcess

SLACK = 4.0  # seconds: time-outs are looked at once a second, and the machine has others to serve

POLL = get(b"/a/message/updates?room=7")
HABITS = {
    "waiting for news": POLL,
    "in a head": HEAD,
    "in a body": FORM + b"Content-Length: 100\r\n\r\nroom=7",
    "in a second head": get(b"/healthz") + HEAD,
    "doing nothing": b"",
    "doing nothing any more": get(b"/healthz"),
}


class Plan(NamedTuple):
    """So many peers of each kind, and the server's limits in seconds; a held poll has to be freed within `slot`."""

    peers: int = 50
    hold: float = 25.0
    idle_timeout: float = 60.0
    header_timeout: float = 10.0
    body_timeout: float = 10.0
    slot: float = 60.0
    server: str = "chatroom"


class Freed(NamedTuple):
    """Seconds after which no poll was held, and no connection was open; how many there were."""

    polls: float
    connections: float
    held: int
    opened: int


def run(plan: Plan, data: Path) -> Outcome:
    """Peers that vanish without FIN or RST are freed in time."""
    limits = {name: getattr(plan, name) for name in plan._fields[1:5]}
    with ServerProcess(data, server=plan.server, hold_jitter=0.0, **limits) as server:
        freed = asyncio.run(_vanish(server, plan))
        violations = list(check_end(server))
    allowed = {"polls": plan.slot, "connections": plan.hold + plan.idle_timeout + SLACK}
    for what, seconds in allowed.items():
        if getattr(freed, what) > seconds:
            violations.append(Violation("left open", what, f"{getattr(freed, what):.1f} s"))
    figures = {"peers": plan.peers * len(HABITS), **freed._asdict()}
    return Outcome(f"half-open, {plan.server}", figures, ["held", "opened"], violations)


async def _vanish(server: ServerProcess, plan: Plan) -> Freed:
    watch = Connection(server.port)
    await listening(watch)
    before = open_files(server.pid)
    async with BlackHole(server.port) as hole, AsyncExitStack() as peers:
        for first in HABITS.values():
            for _ in range(plan.peers):
                _, writer = await peers.enter_async_context(connected(hole.port))
                writer.write(first)
        while await listening(watch) < plan.peers:
            await asyncio.sleep(0.02)
        opened = open_files(server.pid) - before
        hole.swallow()
        begun = monotonic()
        deadline = begun + plan.hold + plan.idle_timeout + 5 * SLACK
        while await listening(watch) and monotonic() < deadline:
            await asyncio.sleep(0.05)
        polls = monotonic() - begun
        while open_files(server.pid) > before and monotonic() < deadline:
            await asyncio.sleep(0.05)
            await listening(watch)  # or the watch itself would be idle
        connections = monotonic() - begun
    watch.close()
    return Freed(polls, connections, plan.peers, opened)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
