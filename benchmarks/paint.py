"""How soon a room is seen and heard in a browser: `python -m benchmarks.paint`.

A real server with a room of 200 messages, Chromium on the same machine. Each visit is timed from its beginning: until
the browser has painted something, until all scripts and styles are there, and (from the first byte of the request for
the page, on the wire) until the first poll goes out, whoever in the browser sends it. A first visit has an empty
cache, a second one comes back.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, BrowserContext

from benchmarks.figures import median, quantile
from tests.api import Api
from tests.browser.chromium import chromium
from tests.server_process import ServerProcess

MESSAGES = 200
ROOM = "7"
#: A processor as many times slower: a cheap phone.
SLOWER = 4
#: Seconds that a visit may take.
_PATIENCE = 30.0
_TIMES = """() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    loaded: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
})"""


class Visit(NamedTuple):
    """Milliseconds until it happens, and bytes of all replies before the poll."""

    painted: float
    loaded: float
    polled: float
    size: int


class Wire:
    """What lies between the browser and the server and notes when the page and the first poll are asked for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.begin()

    def begin(self) -> None:
        """A new visit."""
        self._asked = self._polled = 0.0
        self._size = 0
        self._seen = asyncio.Event()

    async def polled(self) -> tuple[float, int]:
        """Milliseconds until the first poll, and bytes received before."""
        async with asyncio.timeout(_PATIENCE):
            await self._seen.wait()
        return 1000 * (self._polled - self._asked), self._size

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection of the browser."""
        up, down = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(
            self._carry(reader, down, self._ask), self._carry(up, writer, self._tell)
        )

    @staticmethod
    async def _carry(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: object
    ) -> None:
        try:
            while data := await reader.read(1 << 16):
                note(data)  # type: ignore[operator]
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _ask(self, data: bytes) -> None:
        now = time.monotonic()
        if data.startswith(b"GET /room/") and not self._asked:
            self._asked = now
        elif b" /a/message/updates" in data.partition(b"\r\n")[0] and not self._polled:
            self._polled = now
            self._seen.set()

    def _tell(self, data: bytes) -> None:
        if not self._polled:
            self._size += len(data)


@asynccontextmanager
async def between(port: int) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server at `port`, and its address."""
    wire = Wire(port)
    server = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    yield wire, f"http://localhost:{server.sockets[0].getsockname()[1]}"
    server.close()


async def visit(context: BrowserContext, wire: Wire, url: str, slower: int) -> Visit:
    """Go to the room and leave again."""
    page = await context.new_page()
    if slower > 1:
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    wire.begin()
    await page.goto(f"{url}/room/{ROOM}")
    polled, size = await wire.polled()
    await page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    times = await page.evaluate(_TIMES)
    await page.close()
    return Visit(times["painted"], times["loaded"], polled, size)


async def visits(
    browser: Browser, wire: Wire, url: str, count: int, slower: int
) -> tuple[list[Visit], list[Visit]]:
    """That many first visits, each of somebody else, and second ones of the same people."""
    first, second = [], []
    for _ in range(count):
        context = await browser.new_context()
        first.append(await visit(context, wire, url, slower))
        second.append(await visit(context, wire, url, slower))
        await context.close()
    return first, second


def row(name: str, found: list[Visit]) -> str:
    """A line of the table: medians, and what nine in ten visits do not exceed."""
    columns = [[getattr(it, field) for it in found] for field in Visit._fields[:3]]
    times = " | ".join(f"{median(it):.0f} / {quantile(it, 0.9):.0f}" for it in columns)
    return f"| {name} | {times} | {median([it.size for it in found]) / 1000:.0f} |"


async def measure(count: int) -> list[str]:
    """The table."""
    lines = ["| visit | painted, ms | loaded, ms | first poll, ms | kB |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
        api = Api(server.url)
        await api.sign_in()
        for number in range(MESSAGES):
            await api.say(
                f"{number}: a sentence or two, with *stress* and a [link](https://x.test/)"
            )
        async with chromium() as browser, between(server.port) as (wire, url):
            await visits(browser, wire, url, 1, 1)  # the browser itself has to wake up
            for slower in (1, SLOWER):
                how = f", a processor {slower} times slower" if slower > 1 else ""
                first, second = await visits(browser, wire, url, count, slower)
                lines += [row(f"first{how}", first), row(f"second{how}", second)]
        api.client.close()
    return lines


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.paint", description=__doc__)
    parser.add_argument("--visits", type=int, default=20, help="of each kind")
    print(*asyncio.run(measure(parser.parse_args().visits)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
