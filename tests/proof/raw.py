"""Bytes on a socket, and what comes back until the server has had enough: for strangers who speak no HTTP.

Nothing here knows how long a reply is; `Connection` in `http1` does. A stranger listens until the server closes.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

# No body that this server sends holds a status line, so each of these begins a reply.
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) ")

# SO_LINGER on, 0 seconds: closing such a socket sends RST.
AT_ONCE = b"\1\0\0\0\0\0\0\0"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Heard(NamedTuple):
    """What came back, and whether the server then closed the connection (with FIN or RST)."""

    data: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The status of each reply in it."""
        return [int(status) for status in STATUS_LINE.findall(self.data)]


async def tell(port: int, data: bytes, patience: float = 10.0) -> Heard:
    """Send these bytes on a connection of their own and listen until it is closed, or for `patience` seconds."""
    async with connected(port) as streams:
        return await tell_on(streams, data, patience)


async def tell_on(streams: Streams, data: bytes, patience: float = 10.0) -> Heard:
    """The same on a connection that is open already."""
    streams[1].write(data)
    heard = bytearray()
    try:
        async with asyncio.timeout(patience):
            while more := await streams[0].read(65536):
                heard += more
    except TimeoutError:
        return Heard(bytes(heard), closed=False)
    except ConnectionError:
        pass
    return Heard(bytes(heard), closed=True)


@asynccontextmanager
async def connected(port: int, receive_buffer: int = 0) -> AsyncIterator[Streams]:
    """A connection; with `receive_buffer` (bytes) about that much is taken before anybody reads."""
    sock = socket.socket(proto=socket.IPPROTO_TCP)  # or asyncio leaves Nagle on
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)  # noqa: FBT003 - the name of the method says what it means
    try:
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        streams = await asyncio.open_connection(sock=sock, limit=receive_buffer or 65536)
    except BaseException:
        sock.close()
        raise
    try:
        yield streams
    finally:
        streams[1].transport.abort()


def reset(streams: Streams) -> None:
    """Cut a connection at once, as a crashing client does."""
    sock = streams[1].get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    streams[1].transport.abort()
