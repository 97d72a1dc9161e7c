"""What it takes to take a room away: `python -m benchmarks.exports --messages 1000000`.

A real server with a room of so many messages; its owner takes it in both forms, as fast as it comes. Meanwhile another
room is asked for its history again and again: how long that takes is how long everybody waits.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import cpu_seconds, rss_kib
from tests.api import Api
from tests.server_process import ServerProcess

ROOM = "archive"
#: Rows that are put into the file at once.
_AT_ONCE = 10_000
#: Seconds between two looks at the memory.
_LOOK = 0.1
_COPY = """
    INSERT INTO messages (room, "offset", at, author, author_name, body, html)
    SELECT room, ?, at + ?, author, author_name, body, html FROM messages WHERE room = ? AND "offset" = 1
"""
_TEXT = "This is what is said in a room all day: a sentence or two, now and then with a [link](https://example.com/)."


class Taken(NamedTuple):
    """Bytes that came, in how many seconds, and how many KiB the server took at most while they did."""

    size: int
    seconds: float
    most: int


async def take(server: ServerProcess, owner: Api, form: str) -> Taken:
    """One export."""
    most, size, start = 0, 0, time.monotonic()
    async with owner.connected() as (reader, writer):
        head = f"GET /room/{ROOM}/export.{form} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        writer.write(f"{head}Authorization: Bearer {owner.token}\r\n\r\n".encode())
        looked, last = start, b""
        while data := await reader.read(1 << 18):
            size, last = size + len(data), (last + data)[-5:]
            if time.monotonic() - looked > _LOOK:
                looked, most = time.monotonic(), max(most, rss_kib(server.pid))
    if last != b"0\r\n\r\n":
        raise SystemExit(f"{form} ends with {last!r} after {size:,} bytes")
    return Taken(size, time.monotonic() - start, most)


async def waits(api: Api, seconds: list[float]) -> None:
    """Ask for another room until cancelled; notes how long each time took."""
    while True:
        start = time.monotonic()
        await api.history("7")
        seconds.append(time.monotonic() - start)
        await asyncio.sleep(0.01)


async def measure(server: ServerProcess, owner: Api, messages: int) -> None:
    """Both forms, one after the other."""
    before = rss_kib(server.pid)
    print(f"{messages:,} messages; the server takes {before / 1024:.0f} MiB before")
    for form in ("json", "html"):
        seconds: list[float] = []
        others = asyncio.create_task(waits(owner, seconds))
        cpu = cpu_seconds(server.pid)
        size, took, most = await take(server, owner, form)
        cpu = cpu_seconds(server.pid) - cpu
        others.cancel()
        worst = statistics.quantiles(seconds, n=100)[98] if len(seconds) > 1 else 0.0
        print(
            f"{form}: {size / 1e6:,.0f} MB in {took:.1f} s, at most {most / 1024:.0f} MiB, "
            f"{1e6 * cpu / messages:.0f} us of CPU per message; "
            f"others wait {1e3 * statistics.median(seconds):.1f} ms, 99 %: {1e3 * worst:.1f} ms",
            flush=True,
        )


async def begin(server: ServerProcess) -> Api:
    """The owner of the room, who has said one thing in it."""
    owner = Api(server.url)
    await owner.sign_in()
    await owner.say(_TEXT, ROOM)
    await owner.say("hello")
    return owner


def grow(path: Path, messages: int) -> None:
    """Let the room have so many messages, all like the first; the server is not running."""
    with closing(sqlite3.connect(path)) as connection:
        for some in _slices(messages):
            rows = [(offset, offset * 10_000_000, ROOM) for offset in some]
            with connection:
                connection.executemany(_COPY, rows)
        with connection:
            connection.execute("UPDATE rooms SET head = ? WHERE name = ?", (messages, ROOM))


def _slices(messages: int) -> Iterator[range]:
    for start in range(2, messages + 1, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, messages + 1))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.exports", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--server", choices=("chatroom", "tornado"), default="chatroom")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data,
        ServerProcess(Path(data), server=options.server) as server,
        asyncio.Runner() as runner,
    ):
        owner = runner.run(begin(server))
        server.terminate()
        grow(Path(data) / "chatroom.db", options.messages)
        server.start()
        runner.run(measure(server, owner, options.messages))
        owner.client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
