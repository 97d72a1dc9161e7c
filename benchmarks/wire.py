"""What lies between a browser and a server: notes what is asked for and how much comes back, and may be slow.

Chromium can pretend to have a slow network, too, but for a page only: the worker that holds its poll, and what that
loads, would stay as fast as the machine. Here everything passes. A connection begins with a round trip; none is told to
start slowly, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

#: Seconds that the first poll of a visit may take.
_PATIENCE = 30.0
#: Bytes that travel at once: as much as connections have to take turns.
_PACKETS = 4096
_ASKED = re.compile(rb"(?:GET|POST) ([^ ?]+)")


class Link(NamedTuple):
    """A network: seconds for a way and back, bytes per second down to the browser and up from it."""

    round_trip: float
    down: float
    up: float


class _Way:
    """One direction, shared by all connections: what is sent waits until there is room, then takes its time."""

    def __init__(self, rate: float, delay: float) -> None:
        self._rate, self._delay, self._free = rate, delay, 0.0

    def due(self, size: int) -> float:
        """When so many bytes that are sent now have arrived."""
        self._free = max(self._free, time.monotonic()) + size / self._rate
        return self._free + self._delay


class Seen(NamedTuple):
    """Milliseconds from the page to the first poll; bytes of replies before it, in all and of code; requests."""

    polled: float
    size: int
    code: int
    requests: int


class Wire:
    """To the server at `port`. Sizes are as they travel, heads included."""

    def __init__(self, port: int, link: Link | None) -> None:
        self._port = port
        self._round_trip, down, up = link or Link(0.0, float("inf"), float("inf"))
        self._down, self._up = (_Way(rate, self._round_trip / 2) for rate in (down, up))
        self.begin()

    def begin(self) -> None:
        """A new visit."""
        self._asked = self._polled = 0.0
        self._size = self._code = self._requests = 0
        self._seen = asyncio.Event()

    async def seen(self) -> Seen:
        """What there was until the first poll."""
        async with asyncio.timeout(_PATIENCE):
            await self._seen.wait()
        taken = 1000 * (self._polled - self._asked)
        return Seen(taken, self._size, self._code, self._requests)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection of the browser."""
        await asyncio.sleep(self._round_trip)
        up, down = await asyncio.open_connection("127.0.0.1", self._port)
        path = b""

        def ask(data: bytes) -> None:
            nonlocal path
            if begun := _ASKED.match(data):
                path = begun[1]
                self._ask(path)

        await asyncio.gather(
            _carry(reader, down, self._up, ask),
            _carry(up, writer, self._down, lambda data: self._tell(path, len(data))),
        )

    def _ask(self, path: bytes) -> None:
        if path.startswith(b"/room/") and not self._asked:
            self._asked = time.monotonic()
        if path == b"/a/message/updates" and not self._polled:
            self._polled = time.monotonic()
            self._seen.set()
        self._requests += not self._polled

    def _tell(self, path: bytes, size: int) -> None:
        if not self._polled:
            self._size += size
            self._code += size * path.endswith((b".js", b".css"))


async def _carry(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    way: _Way,
    note: Callable[[bytes], None],
) -> None:
    """All that comes, in its order, each piece when it is due."""
    travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while (piece := await travelling.get())[1]:
            await asyncio.sleep(piece[0] - time.monotonic())
            writer.write(piece[1])
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    try:
        while data := await reader.read(_PACKETS):
            note(data)
            travelling.put_nowait((way.due(len(data)), data))
        travelling.put_nowait((0.0, b""))
        await arriving
    except ConnectionError:
        arriving.cancel()
    finally:
        writer.close()


@asynccontextmanager
async def between(port: int, link: Link | None = None) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server at `port`, and its address."""
    wire = Wire(port, link)
    server = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    yield wire, f"http://localhost:{server.sockets[0].getsockname()[1]}"
    server.close()
