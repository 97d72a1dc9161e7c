"""Too much of everything: refused or cut off, and the server is not larger afterwards.

python -m tests.proof.oversized --server=both --rounds=100
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.composing import Composer, Request, get
from tests.proof.footprint import MB, resident
from tests.proof.hostile import Answer, check, check_end, count, sign_in
from tests.proof.outcome import Outcome
from tests.proof.raw import tell
from tests.server_process import ServerProcess

# What all of it may leave behind in the process.
GROWTH = 10 * MB

CONNECTIONS = 8
UPDATES = b"POST /a/message/updates HTTP/1.1"
JSON = b"Content-Type: application/json"


class Plan(NamedTuple):
    """How often everything is sent, and so many right requests that are as large and as different as may be."""

    rounds: int = 100
    varieties: int = 5_000
    server: str = "chatroom"


def run(plan: Plan, data: Path) -> Outcome:
    """Too much of everything: refused or cut off, and not remembered."""
    with ServerProcess(data, server=plan.server, idle_timeout=0.3) as server:
        answers, sizes = asyncio.run(_send_all(server, plan))
        violations = list(check_end(server))
    for answer in answers:
        violations += check(answer)
    after_start, after_oversized, after_varieties = sizes
    grown = {
        "oversized": after_oversized - after_start,
        "varied": after_varieties - after_oversized,
    }
    for what, size in grown.items():
        if size > GROWTH:
            violations.append(Violation("grown", what, f"by {size / MB:.1f} MB"))
    figures = {"requests": len(answers), "MB at first": after_start / MB, **count(answers)}
    figures |= {f"MB more after {what} requests": size / MB for what, size in grown.items()}
    return Outcome(f"oversized, {plan.server}", figures, ["requests", "4xx"], violations)


def oversized(compose: Composer) -> Iterator[Request]:
    """Everything that there can be too much of."""
    for bytes_ in (65_537, 300_000, 10_000_000):
        body = b"room=7&body=".ljust(bytes_, b"a")
        yield form(compose, f"a body of {bytes_:,} bytes", body)
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (bytes_, body)
        name = f"chunks of {bytes_:,} bytes"
        yield compose.post(name, [b"Transfer-Encoding: chunked"], framed)
    for length in (10**9, 2**63 - 1, 2**64):
        yield compose.post(f"a length of {length:,}", [b"Content-Length: %d" % length], b"room=7")
    small = b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n"
    yield compose.post("small chunks", [b"Transfer-Encoding: chunked"], small)
    for bytes_ in (17_000, 1_000_000):
        yield compose.whole(f"a header of {bytes_:,} bytes", [b"X-A: ".ljust(bytes_, b"a")])
        yield compose.whole(
            f"a target of {bytes_:,} bytes", line=b"POST /%s HTTP/1.1" % (b"a" * bytes_)
        )
        yield Request(
            f"a head without end, {bytes_:,} bytes", b"GET / HTTP/1.1\r\nX: ".ljust(bytes_, b"a")
        )
    yield from _arguments(compose)


def _arguments(compose: Composer) -> Iterator[Request]:
    """What fits HTTP and is too much for the chat."""
    yield form(compose, "1,001 arguments", b"&".join([b"a=b"] * 1_001))
    yield form(compose, "60,000 ampersands and no text", b"&" * 60_000)
    yield Request("1,001 arguments in a query", get(b"/a/message/updates?" + b"a=b&" * 1_001))
    yield form(compose, "101 rooms", b"&".join(b"room=%d" % n for n in range(101)), line=UPDATES)
    for name in (b"room", b"client_id", b"body"):
        text = b"body=a&%s=%s" % (name, b"a" * 60_000)
        yield form(compose, f"60,000 characters of {name.decode()}", text)
    yield form(compose, "4,001 characters", b"room=7&body=" + b"a" * 4_001)
    deep = json.dumps({"room": "7", "body": "x"}).encode()[:-1]
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        text = deep + b', "x": ' + opening * 5_000 + b"1" + closing * 5_000 + b"}"
        yield form(compose, f"5,000 times {opening!r}", text, kind=JSON)
    kind = b"Content-Type: multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    yield form(compose, "101 parts", part * 101 + b"--b--\r\n", kind=kind)


def varied(epoch: str, number: int) -> Iterator[Request]:
    """Right requests, each other than all before it, and as large as they may be: nothing of them may be kept."""
    cursor = f"{epoch}-0".encode()
    lines = (b"Connection: close", b"X-%d: " % number + b"a" * 15_000)
    yield Request(
        "a head", get(b"/a/message/updates?room=7&cursor=" + cursor, *lines), refused=False
    )
    keep = b"X-%d: " % number + b"a" * 15_000
    stay = get(b"/a/message/updates?room=7&cursor=" + cursor, keep)
    end = get(b"/a/message/updates?room=7&wait=0", b"Connection: close")
    yield Request("a head of a kept connection", stay + end, refused=False)
    rooms = b"&".join(b"room=%d-%d&cursor=%s" % (number, n, cursor) for n in range(99))
    both = b"/a/message/updates?room=7&cursor=%s&%s" % (cursor, rooms)
    yield Request("a hundred rooms", get(both) + end, refused=False)


def form(compose: Composer, name: str, body: bytes, **more: bytes) -> Request:
    """A post of this body, with its length."""
    return compose.post(name, [b"Content-Length: %d" % len(body)], body, **more)  # type: ignore[arg-type]


async def _send_all(server: ServerProcess, plan: Plan) -> tuple[list[Answer], list[int]]:
    """All answers, and the size of the process after a first round, after all rounds and after the varieties."""
    compose = Composer(await sign_in(server.port))
    epoch = await _epoch(server.port, compose)
    everything = list(oversized(compose))
    warm = [it for number in range(20) for it in varied(epoch, -number)]
    answers = await _each(server.port, iter([*everything * 2, *warm]))
    sizes = [resident(server.pid)]
    answers += await _each(server.port, iter(everything * plan.rounds))
    sizes.append(resident(server.pid))
    varieties = (it for number in range(plan.varieties // 3) for it in varied(epoch, number))
    answers += await _each(server.port, varieties)
    sizes.append(resident(server.pid))
    return answers, sizes


async def _epoch(port: int, compose: Composer) -> str:
    """The epoch of the log, in which something has been said now."""
    said = compose.post("", [b"Content-Length: 14", b"Connection: close"], b"room=7&body=hi")
    heard = await tell(port, said.data)
    return str(json.loads(heard.data.partition(b"\r\n\r\n")[2])["id"]).partition("-")[0]


async def _each(port: int, requests: Iterator[Request]) -> list[Answer]:
    answers: list[Answer] = []

    async def some() -> None:
        for request in requests:
            heard = await tell(port, request.data)
            short = request._replace(data=request.data[:300])
            answers.append(Answer(short, heard._replace(data=heard.data[:300])))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(some())
    return answers


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
