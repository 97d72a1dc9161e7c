"""Right requests with a few bytes changed at random: nothing falls over, whatever comes out.

    python -m tests.proof.mutations --server=both --requests=100000 --seed=7

The n-th request is the same in every run with the same seed. Each goes out on a connection of its own, which
the server has to end, by an answer or by its time limits, which are set short.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import Composer, Request, get
from tests.proof.disk import check_integrity
from tests.proof.hostile import Answer, check, check_end, count, sign_in
from tests.proof.outcome import Outcome
from tests.proof.raw import tell
from tests.server_process import ServerProcess

# A mutant may wait for bytes that never come; the server ends that soon.
PATIENCE = {"idle_timeout": 0.5, "body_timeout": 0.5, "hold": 0.5, "hold_jitter": 0.0}
CONNECTIONS = 300

CLOSE = b"Connection: close"

# What parsers stumble over, put in as it is.
MORSELS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"%", b"%00", b"%ff", b"\xff", b"\xc3",
    b"&", b"=", b"?", b"#", b"/", b"..", b"\\", b'"', b"-", b"+", b"0x", b"9999999999", b"HTTP/1.1", b"chunked",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\n",
)  # fmt: skip


class Plan(NamedTuple):
    """How many, from which seed, against which server."""

    requests: int = 100_000
    seed: int = 1
    server: str = "chatroom"


def run(plan: Plan, data: Path) -> Outcome:
    """Right requests with a few bytes changed at random: nothing falls over."""
    counts: Counter[str] = Counter()
    violations: list[Violation] = []
    with ServerProcess(data, server=plan.server, log_level="warning", **PATIENCE) as server:
        asyncio.run(_send(server.port, plan, counts, violations))
        violations += check_end(server)
    violations += check_integrity(data)
    figures = {"requests": plan.requests, **counts}
    needed = ["2xx or 3xx", "4xx"]
    return Outcome(f"mutations, {plan.server}, seed {plan.seed}", figures, needed, violations)


def originals(token: str) -> list[bytes]:
    """Right requests of every kind; each asks for its connection to be closed."""
    compose = Composer(token)
    json = b'{"room":"7","body":"hello","client_id":"a"}'
    form, kind = compose.body(), b"Content-Type: application/json"
    poll = b"room=7&room=8&cursor=abcdefgh-1&cursor=abcdefgh-0&wait=0"
    updates = b"POST /a/message/updates HTTP/1.1"
    return [
        get(b"/", CLOSE, b"Accept-Language: en,zh;q=0.5", b"Cookie: session=a; _xsrf=b"),
        get(b"/room/7", CLOSE, b"Accept: text/html"),
        get(b"/static/x/css/base.css", CLOSE, b"Range: bytes=0-99", b"If-None-Match: x"),
        get(b"/a/message/updates?room=7&cursor=abcdefgh-1&wait=0", CLOSE, compose.identity),
        get(b"/a/room/7/messages?limit=5", CLOSE),
        compose.post("", [b"Content-Length: %d" % len(form), CLOSE], form).data,
        compose.post("", [b"Content-Length: %d" % len(json), CLOSE], json, kind=kind).data,
        compose.post("", [b"Content-Length: %d" % len(poll), CLOSE], poll, line=updates).data,
        compose.chunked([b"Transfer-Encoding: chunked", CLOSE], "").data,
    ]


def mutants(originals: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Without end: one of the originals with 1 to 8 changes."""
    chance = random.Random(seed)
    while True:
        request = bytearray(chance.choice(originals))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            chance.choice(CHANGES)(request, chance)
        yield bytes(request)


def _flip(request: bytearray, chance: random.Random) -> None:
    if request:
        request[chance.randrange(len(request))] ^= 1 << chance.randrange(8)


def _replace(request: bytearray, chance: random.Random) -> None:
    if request:
        request[chance.randrange(len(request))] = chance.randrange(256)


def _insert(request: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(request))
    request[at:at] = chance.choice(MORSELS)


def _delete(request: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(request))
    del request[at : at + chance.choice((1, 1, 2, 10))]


def _repeat(request: bytearray, chance: random.Random) -> None:
    begin, end, at = (chance.randint(0, len(request)) for _ in range(3))
    request[at:at] = request[begin:end]


CHANGES = (_flip, _replace, _insert, _delete, _repeat)


async def _send(port: int, plan: Plan, counts: Counter[str], violations: list[Violation]) -> None:
    endless = mutants(originals(await sign_in(port)), plan.seed)
    numbered = zip(range(plan.requests), endless, strict=False)

    async def some() -> None:
        for number, data in numbered:
            answer = Answer(Request(f"no. {number}", data, refused=False), await tell(port, data))
            counts.update(count([answer]))
            violations.extend(it for it in check(answer) if it.kind != "twice")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(some())


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
