"""The slow network of the measure of a room's first sight."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

from benchmarks.wire import Link, Seen, Wire, between

#: 50 ms there and back, 1 MB/s either way.
LINK = Link(0.050, 1e6, 1e6)
PAGE, POLL = b"GET /room/7 HTTP/1.1\r\n\r\n", b"POST /a/message/updates HTTP/1.1\r\n\r\n"
SCRIPT = b"GET /static/x/js/main.js?a HTTP/1.1\r\n\r\n"


def over(
    link: Link | None,
    visit: Callable[
        [Wire, asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, Seen]
    ],
) -> Seen:
    """What `visit` returns, given a wire and a connection over it to a server that says 100,000 bytes to every line."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readline()
            writer.write(b"x" * 100_000)
        writer.close()

    async def run() -> Seen:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with between(server.sockets[0].getsockname()[1], link) as (wire, url):
            reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
            found = await visit(wire, reader, writer)
            writer.close()
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        server.close()
        return found

    return asyncio.run(run())


async def ask_all(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
    """Three requests, one after the other."""
    for request in (PAGE, SCRIPT, POLL):
        writer.write(request)
        await reader.readexactly(100_000)
    return await wire.seen()


def test_requests_and_bytes_are_counted_until_the_first_poll() -> None:
    assert over(None, ask_all)[1:] == (200_000, 100_000, 2)


def test_a_reply_over_a_slow_network_takes_its_round_trip_and_its_size() -> None:
    begun = time.monotonic()
    seen = over(LINK, ask_all)
    assert seen.polled > 299  # twice 50 ms of way and 100 of size
    assert time.monotonic() - begun > 0.499


def test_what_comes_in_pieces_is_whole_and_in_order() -> None:
    async def visit(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
        for byte in PAGE:
            writer.write(bytes([byte]))
            await writer.drain()
        assert await reader.readexactly(100_000) == b"x" * 100_000
        writer.write(POLL)
        return await wire.seen()

    assert over(LINK, visit).size == 100_000
