"""Pairs of requests in one, behind a real nginx: what nginx passes on as one request must be one request here.

    python -m tests.proof.smuggling --server=both

Each request of the corpus carries another one where two parsers may disagree about its end: inside its body, or right
behind it. Both would post. nginx logs what it passed on and how that was answered; the file says what was posted. After
each pair a stranger asks for something that nobody else asks for, on the same upstream connection, and has to be
answered what was asked.
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
from tests.proof.composing import Composer, get
from tests.proof.disk import read_log
from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import HEAD_END
from tests.proof.misframed import CODINGS, misframed
from tests.proof.nginx import Nginx, nginx
from tests.proof.outcome import Outcome
from tests.proof.outlandish import outlandish
from tests.proof.raw import Heard, connected, tell
from tests.server_process import ServerProcess

# A pair that nobody answers is given up after this; most are answered at once.
PATIENCE = 0.5

# Names of headers about the body, as somebody might write them who wants them overlooked by one of two.
SPELLINGS = (
    b"Transfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer_Encoding: chunked",
    b"Transfer-Encoding\t:\tchunked", b"Transfer-Encoding:\x0bchunked", b" Transfer-Encoding: chunked",
    b"X: y\r\n Transfer-Encoding: chunked", b"X: y\nTransfer-Encoding: chunked", b"X: y\rTransfer-Encoding: chunked",
    b"Transfer-Encoding\x00: chunked", b"\x00Transfer-Encoding: chunked", b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding:\nchunked", b"transfer-encoding:chunked", b"Transfer-Encoding: CHUNKED",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    b"Connection: transfer-encoding\r\nTransfer-Encoding: chunked",
    b"Expect: 100-continue\r\nTransfer-Encoding: chunked",
    *(b"Transfer-Encoding: " + coding for coding in CODINGS),
)  # fmt: skip


class Plan(NamedTuple):
    """Against which server."""

    server: str = "chatroom"


def run(plan: Plan, data: Path) -> Outcome:
    """Pairs of requests in one, behind a real nginx."""
    with ServerProcess(data, server=plan.server, idle_timeout=60.0, body_timeout=2.0) as server:
        with nginx(server.port, data.parent / "nginx") as front:
            probes, violations = asyncio.run(_send_all(server.port, front))
        violations += check_end(server)
    violations += check_posts(front, data)
    seen = front.seen()
    figures = {
        "pairs": probes,
        "requests passed on": sum(it.upstream != "" for it in seen),
        "requests refused by nginx": sum(it.upstream == "" for it in seen),
        "posted": sum(it.upstream == "201" for it in seen),
    }
    return Outcome(f"smuggling, {plan.server}", figures, list(figures), violations)


def check_posts(front: Nginx, data: Path) -> Iterator[Violation]:
    """Every message was posted by a request that nginx passed on as one."""
    told = sum(it.upstream == "201" for it in front.seen())
    bodies = [entry.body for log in read_log(data).values() for entry in log]
    if told != len(bodies):
        yield Violation("smuggled", "file", f"{len(bodies)} posted, {told} passed on: {bodies}")


def pairs(composer: Composer) -> Iterator[bytes]:
    """All of them: the corpus with a second request behind each, and one request within the body of another."""
    for request in (*misframed(composer), *outlandish(composer)):
        if len(request.data) < 10_000 and HEAD_END in request.data:
            yield request.data + inner(composer)
    for spelling in SPELLINGS:
        hidden = inner(composer)
        yield composer.post(
            "", [_length(b"0\r\n\r\n" + hidden), spelling], b"0\r\n\r\n" + hidden
        ).data
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
        yield composer.post("", [b"Content-Length: 4", spelling], framed).data
        yield composer.post("", [spelling, b"Content-Length: 4"], framed).data


def inner(composer: Composer) -> bytes:
    """A right request that posts."""
    return composer.whole("").data


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


async def _send_all(port: int, front: Nginx) -> tuple[int, list[Violation]]:
    token = await sign_in(port)
    async with asyncio.TaskGroup() as tasks:
        ways = [
            tasks.create_task(_send(port, list(pairs(Composer(token))))) for port in front.ports
        ]
    results = [way.result() for way in ways]
    return sum(sent for sent, _ in results), [it for _, found in results for it in found]


async def _send(port: int, data: Sequence[bytes]) -> tuple[int, list[Violation]]:
    violations = []
    for number, pair in enumerate(data):
        async with connected(port) as streams:
            streams[1].write(pair)
            await _first_words(streams[0])
        room = f"probe-{port}-{number}"
        heard = await tell(port, _probe(room))
        if _rooms_in(heard) != [room]:
            what = f"{pair[:500]!r} -> {heard.data[:500]!r}"
            violations.append(Violation("another's reply", room, what))
    return len(data), violations


async def _first_words(reader: asyncio.StreamReader) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await reader.read(65536)
    except (TimeoutError, ConnectionError):
        pass


def _probe(room: str) -> bytes:
    path = f"/a/message/updates?room={room}&wait=0"
    return get(path.encode(), b"Connection: close")


def _rooms_in(heard: Heard) -> list[str]:
    """The rooms of which the one reply tells; none if it is another one, or not the only one."""
    body = heard.data.partition(HEAD_END)[2]
    return list(json.loads(body)["cursors"]) if heard.statuses == [200] else []


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
