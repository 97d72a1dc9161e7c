"""How soon a room is seen and heard in a browser: `python -m benchmarks.paint`.

A real server with a room of 200 messages, Chromium on the same machine. Each visit is timed from its beginning: until
the browser has painted something, until all scripts and styles are there, and (from the first byte of the request for
the page, on the wire) until the first poll goes out, whoever in the browser sends it. A first visit has an empty
cache, a second one comes back. Sizes and requests are those until then.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, BrowserContext

from benchmarks.figures import median, quantile
from benchmarks.wire import Link, Wire, between
from tests.api import Api
from tests.browser.chromium import chromium
from tests.server_process import ServerProcess

MESSAGES = 200
ROOM = "7"
#: A processor as many times slower: a cheap phone.
SLOWER = 4
#: A fair network at home or on the way: 40 ms there and back, 10 Mbit/s down, 5 up.
NETWORK = Link(0.040, 10e6 / 8, 5e6 / 8)
#: How it is called, over which network, and how slow the processor is.
CONDITIONS = (
    ("", None, 1),
    (f", a processor {SLOWER} times slower", None, SLOWER),
    (", over a network", NETWORK, 1),
    (f", over a network, a processor {SLOWER} times slower", NETWORK, SLOWER),
)
#: A function, which the policy of the page lets be called again and again; an expression it does not.
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length"
_TIMES = """() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    loaded: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
})"""


class Visit(NamedTuple):
    """Milliseconds until it happens; before the poll, bytes of all replies, of scripts and styles, and requests."""

    painted: float
    loaded: float
    polled: float
    size: int
    code: int
    requests: int


async def visit(context: BrowserContext, wire: Wire, url: str, slower: int) -> Visit:
    """Go to the room and leave again."""
    page = await context.new_page()
    if slower > 1:
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    wire.begin()
    await page.goto(f"{url}/room/{ROOM}")
    seen = await wire.seen()
    await page.wait_for_function(_PAINTED)
    times = await page.evaluate(_TIMES)
    await page.close()
    return Visit(times["painted"], times["loaded"], *seen)


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
    """A line of the table: medians, and of times what nine in ten visits do not exceed."""
    columns = [[getattr(it, field) for it in found] for field in Visit._fields[:3]]
    times = " | ".join(f"{median(it):.0f} / {quantile(it, 0.9):.0f}" for it in columns)
    sizes = [median([it.size for it in found]) / 1000, median([it.code for it in found]) / 1000]
    counts = [*sizes, median([it.requests for it in found])]
    return f"| {name} | {times} | {' | '.join(f'{it:.0f}' for it in counts)} |"


async def measure(count: int) -> list[str]:
    """The table."""
    lines = [
        "| visit | painted, ms | loaded, ms | first poll, ms | kB | of them scripts and styles | requests |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
        api = Api(server.url)
        await api.sign_in()
        for number in range(MESSAGES):
            await api.say(
                f"{number}: a sentence or two, with *stress* and a [link](https://x.test/)"
            )
        async with chromium() as browser:
            async with between(server.port) as (wire, url):
                await visits(browser, wire, url, 1, 1)  # the browser itself has to wake up
            for how, link, slower in CONDITIONS:
                async with between(server.port, link) as (wire, url):
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
