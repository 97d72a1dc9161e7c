"""A network that goes dead without a word: connections through it stay open at the server, and nothing comes any more.

What a laptop does that is closed, or a router that forgets: the server gets neither FIN nor RST.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class BlackHole:
    """Passes bytes on between its port and `upstream_port` of this machine, until `swallow` is called.

    From then on each client is disconnected, while its connection to the server stays open and silent. Use it with
    `async with`, which closes everything at the end.
    """

    def __init__(self, upstream_port: int) -> None:
        self.port = 0
        self._upstream_port = upstream_port
        self._swallowing = False
        self._clients: list[asyncio.StreamWriter] = []
        self._upstream: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._admit, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in (*self._clients, *(writer for _, writer in self._upstream)):
            writer.transport.abort()

    def swallow(self) -> None:
        """Carry nothing any more, in neither direction; let the clients go, and keep it from the server."""
        self._swallowing = True
        for _, writer in self._upstream:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
        for client in self._clients:
            client.transport.abort()

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        self._clients.append(writer)
        self._upstream.append(there)
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if self._swallowing:
                    return
                sink.write(data)
                await sink.drain()
        if not self._swallowing:
            sink.close()
