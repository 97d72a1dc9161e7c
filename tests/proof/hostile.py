"""Malformed requests: each is refused or harmless, nothing falls over, and nothing is said that was not acknowledged.

    python -m tests.proof.hostile --server=both

Each request of the corpus is sent on a fresh connection, and on one that has been answered a poll before, because what
a server remembers of a connection must not change how it reads the next request.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import ROOM, Composer, Request, get
from tests.proof.disk import read_log
from tests.proof.http1 import Connection, read_whole
from tests.proof.misframed import misframed
from tests.proof.outcome import Outcome
from tests.proof.outlandish import outlandish
from tests.proof.raw import Heard, connected, tell, tell_on
from tests.server_process import ServerProcess

# The server's patience, so that a request without an end is over soon; ours is much longer.
PATIENCE = {"idle_timeout": 0.5, "body_timeout": 0.5, "hold": 0.5, "hold_jitter": 0.0}
CONNECTIONS = 50

Send = Callable[[int, bytes], Awaitable[Heard]]

FIRST = get(b"/a/message/updates?room=7&wait=0")


class Plan(NamedTuple):
    """Against which server."""

    server: str = "chatroom"


class Answer(NamedTuple):
    """What a request was answered."""

    request: Request
    heard: Heard


def run(plan: Plan, data: Path) -> Outcome:
    """Malformed requests: each is refused or harmless."""
    with ServerProcess(data, server=plan.server, **PATIENCE) as server:
        answers = asyncio.run(_send_all(server.port))
        violations = list(check_end(server))
    said = len(read_log(data)[ROOM])
    acknowledged = sum(answer.heard.statuses.count(201) for answer in answers)
    for answer in answers:
        violations += check(answer)
    if said != acknowledged:
        violations.append(Violation("said", ROOM, f"{said} messages, {acknowledged} acknowledged"))
    figures = {"requests": len(answers), "acknowledged": acknowledged, **count(answers)}
    return Outcome(
        f"hostile, {plan.server}", figures, ["requests", "4xx", "acknowledged"], violations
    )


def check(answer: Answer) -> Iterator[Violation]:
    """What is wrong with an answer."""
    request, heard = answer
    statuses = heard.statuses
    shown = f"{request.data[:300]!r} -> {heard.data[:200]!r}"
    if any(status >= 500 for status in statuses):
        yield Violation("5xx", request.name, shown)
    if not heard.closed:
        yield Violation("left open", request.name, shown)
    if request.refused and any(status < 400 for status in statuses if status >= 200):
        yield Violation("taken", request.name, shown)
    if statuses.count(201) > 1:
        yield Violation("twice", request.name, shown)


def check_end(server: ServerProcess) -> Iterator[Violation]:
    """End the server: it still lives, ends as it should, and has nothing to complain of itself."""
    ended, stderr = server.terminate(), server.stderr
    if ended.code != 0:
        yield Violation("died", f"exit code {ended.code}", stderr[-2000:])
    for mark in ("Traceback", " ERROR ", "CRITICAL"):
        if mark in stderr:
            at = stderr.index(mark)
            yield Violation("log", mark, stderr[max(0, at - 200) : at + 2000])


def count(answers: Sequence[Answer]) -> Counter[str]:
    """How many were answered how."""
    kinds = Counter({"2xx or 3xx": 0, "4xx": 0, "closed without a word": 0})
    for _, heard in answers:
        kinds["closed without a word"] += not heard.statuses
        kinds["4xx"] += any(400 <= status < 500 for status in heard.statuses)
        kinds["2xx or 3xx"] += any(200 <= status < 400 for status in heard.statuses)
    return kinds


async def sign_in(port: int) -> str:
    """Become somebody; returns the token."""
    connection = Connection(port)
    reply = await connection.post("/a/session", [("name", "Stranger"), ("token", "1")])
    connection.close()
    return str(reply.json()["token"])


async def _send_all(port: int) -> list[Answer]:
    composer = Composer(await sign_in(port))
    requests = [*misframed(composer), *outlandish(composer)]
    return [
        *await _each(port, requests, tell),
        *await _each(port, requests, _after_a_poll),
    ]


async def _each(port: int, requests: Iterable[Request], send: Send) -> list[Answer]:
    turn = asyncio.Semaphore(CONNECTIONS)

    async def one(request: Request) -> Answer:
        async with turn:
            return Answer(request, await send(port, request.data))

    return await asyncio.gather(*map(one, requests))


async def _after_a_poll(port: int, data: bytes) -> Heard:
    async with connected(port) as streams:
        streams[1].write(FIRST)
        await read_whole(streams[0])
        return await tell_on(streams, data)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
