"""A client of one connection on asyncio, for what is asked and answered at once: pages, posts, catch-up."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from benchmarks.reply import Reply, WrongReply


class Peer(asyncio.Protocol):
    """One keep-alive connection, one request at a time.

    `arrived` is the `time.perf_counter` of the last byte of the last reply. Replies need a Content-Length.
    """

    def __init__(self) -> None:
        self.arrived = 0.0
        self._received: list[bytes] = []
        self._awaited: asyncio.Future[Reply] | None = None
        self._surplus: Reply | None = None
        self._transport: asyncio.Transport

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a finished request; the future is its reply. Fails with ConnectionError when it is cut off.

        Raises WrongReply when something came that nobody asked for; so does `close`.
        """
        self._check()
        self._awaited = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._awaited

    def close(self) -> None:
        """Close the connection at once."""
        self._awaited = None
        self._transport.abort()
        self._check()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        whole = b"".join(self._received)
        reply = Reply.complete(whole)
        self._received = [whole] if reply is None else []
        if reply is not None:
            self._answer(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(ConnectionError(f"cut off: {exc}"))

    def _answer(self, reply: Reply) -> None:
        self.arrived = time.perf_counter()
        if self._awaited is None or self._awaited.done():
            self._surplus = reply
        else:
            self._awaited.set_result(reply)

    def _check(self) -> None:
        if self._surplus is not None:
            raise WrongReply(f"a reply that nobody asked for: {self._surplus}")


async def connect(port: int, count: int) -> list[Peer]:
    """Open `count` connections, a hundred at a time so that none waits in a full backlog."""
    loop = asyncio.get_running_loop()
    peers: list[Peer] = []
    while len(peers) < count:
        some = range(min(100, count - len(peers)))
        opening = (loop.create_connection(Peer, "127.0.0.1", port) for _ in some)
        peers += [peer for _, peer in await asyncio.gather(*opening)]
    return peers
