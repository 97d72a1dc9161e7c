"""Slowloris: clients that send a byte now and then so that their request never ends. Each is closed in time.

    python -m tests.proof.dripping --server=both --sockets=2000

Meanwhile somebody else posts, and is answered as fast as ever.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice, repeat
from pathlib import Path
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import get
from tests.proof.footprint import open_files, percentile
from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import Connection
from tests.proof.outcome import Outcome
from tests.proof.raw import Streams, connected
from tests.server_process import ServerProcess

# Time-outs are looked at once a second, and the machine has others to serve.
SLACK = 3.0  # seconds

POST_EVERY = 0.05  # seconds

HEAD = b"POST /a/message/new HTTP/1.1\r\nHost: localhost\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"


class Plan(NamedTuple):
    """So many sockets, a drop from each every `beat` seconds, against a server with these time-outs in seconds.

    Meanwhile 99 of 100 posts may take `p99` seconds.
    """

    sockets: int = 2_000
    beat: float = 1.0
    header_timeout: float = 10.0
    body_timeout: float = 10.0
    idle_timeout: float = 60.0
    p99: float = 0.1
    server: str = "chatroom"


class Habit(NamedTuple):
    """How somebody drips: the first bytes, then drop by drop; and what time-out is to end it."""

    name: str
    first: bytes
    drops: Callable[[], Iterator[bytes]]
    ended_by: str


def _bytes_of(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: (bytes([byte]) for byte in cycle(data))


HABITS = (
    Habit("says nothing", b"", lambda: repeat(b""), "idle_timeout"),
    Habit("sends empty lines", b"", lambda: repeat(b"\r\n"), "idle_timeout"),
    Habit("drips a head", b"", _bytes_of(HEAD), "header_timeout"),
    Habit("drips header lines", HEAD, lambda: repeat(b"X-A: b\r\n"), "header_timeout"),
    Habit("drips a body", FORM + b"Content-Length: 9999\r\n\r\n", _bytes_of(b"a"), "body_timeout"),
    Habit(
        "drips chunks",
        FORM + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda: repeat(b"1\r\na\r\n"),
        "body_timeout",
    ),
    Habit(
        "drips the size of a chunk",
        FORM + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda: repeat(b"0"),
        "body_timeout",
    ),
    Habit(
        "drips a second head",
        get(b"/a/message/updates?room=7&wait=0"),
        _bytes_of(b"GET /a"),
        "header_timeout",
    ),
)


def run(plan: Plan, data: Path) -> Outcome:
    """Slowloris: clients that send a byte now and then are closed in time."""
    timeouts = {name: getattr(plan, name) for name in plan._fields if name.endswith("_timeout")}
    with ServerProcess(data, server=plan.server, **timeouts) as server:
        ended, posts, kept = asyncio.run(_drip_and_post(server, plan))
        violations = list(check_end(server))
    for habit in HABITS:
        allowed = _allowed(plan, habit) + SLACK
        if late := [seconds for seconds in ended[habit.name] if seconds > allowed]:
            what = f"{len(late)} were open for up to {max(late):.1f} s, allowed {allowed} s"
            violations.append(Violation("left open", habit.name, what))
    if percentile(posts, 99) > plan.p99:
        violations.append(Violation("slow", "posts", f"p99 {percentile(posts, 99) * 1000:.0f} ms"))
    if kept:
        violations.append(Violation("left open", "process", f"{kept} files more than before"))
    figures = {"sockets": plan.sockets, "posts": len(posts), **_posting_figures(posts)}
    figures |= {f"{habit.name}: s": max(ended[habit.name], default=0) for habit in HABITS}
    return Outcome(f"dripping, {plan.server}", figures, ["posts"], violations)


def _posting_figures(posts: Sequence[float]) -> dict[str, float]:
    return {f"post p{it}, ms": percentile(posts, it) * 1000 for it in (50, 99, 100)}


def _allowed(plan: Plan, habit: Habit) -> float:
    """Tornado's own connection knows one time-out for being idle and for sending a head."""
    name = habit.ended_by
    if plan.server == "tornado" and name == "header_timeout":
        name = "idle_timeout"
    return float(getattr(plan, name))


async def _drip_and_post(
    server: ServerProcess, plan: Plan
) -> tuple[dict[str, list[float]], list[float], int]:
    """How long each socket was open, by habit; how long each post took; how many files stayed open."""
    token = await sign_in(server.port)
    before = open_files(server.pid)
    ended: dict[str, list[float]] = defaultdict(list)
    posting = asyncio.create_task(_post(server.port, token))
    async with asyncio.TaskGroup() as dripping:
        for habit in islice(cycle(HABITS), plan.sockets):
            dripping.create_task(_drip(server.port, plan.beat, habit, ended[habit.name]))
    posting.cancel()
    posts = await posting
    return ended, posts, await _left_open(server.pid, before)


async def _left_open(pid: int, before: int) -> int:
    """How many files are open that were not before, when the server had time to see that everybody has left."""
    deadline = time.monotonic() + SLACK
    while (more := open_files(pid) - before) > 0 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return max(0, more)


async def _drip(port: int, beat: float, habit: Habit, ended: list[float]) -> None:
    async with connected(port) as streams:
        begun = time.monotonic()
        dripping = asyncio.create_task(_send_drops(streams, beat, habit))
        with suppress(ConnectionError):
            while await streams[0].read(65536):
                pass
        ended.append(time.monotonic() - begun)
        dripping.cancel()


async def _send_drops(streams: Streams, beat: float, habit: Habit) -> None:
    streams[1].write(habit.first)
    for drop in habit.drops():
        await asyncio.sleep(beat)
        streams[1].write(drop)


async def _post(port: int, token: str) -> list[float]:
    """Post again and again until cancelled; returns the seconds that each took."""
    connection, took = Connection(port), []
    with suppress(asyncio.CancelledError):
        while True:
            begun = time.monotonic()
            reply = await connection.post(
                "/a/message/new", [("room", "7"), ("body", "hello")], token=token
            )
            assert reply.status == 201, reply
            took.append(time.monotonic() - begun)
            await asyncio.sleep(POST_EVERY)
    connection.close()
    return took


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
