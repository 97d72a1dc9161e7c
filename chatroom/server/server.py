"""Tornado's HTTPServer on connections of ours: the same constructor, the same methods."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import inf
from socket import AF_UNIX, socket
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from tornado.http1connection import _GzipMessageDelegate
from tornado.httpserver import HTTPServer, _HTTPRequestContext
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.iostream import IOStream
from tornado.netutil import ssl_options_to_context

from chatroom.rooms import WAKE_SLICE
from chatroom.server.connection import Connection
from chatroom.server.short_way import ShortWay

#: Connections that may wait to be accepted: all readers come back at once after a restart.
BACKLOG = 4096
#: Requests that Tornado takes up in one turn of the loop.
BEGIN_SLICE = 32
#: Seconds between two looks at the deadlines of all connections.
SWEEP = 1.0
#: Seconds that the last bytes get to leave when all connections are closed.
LAST_BYTES = 2.0
_MAX_BODY = 104_857_600  # bytes; Tornado's own default


class Limits(NamedTuple):
    """What one client, and all together, may take. Tornado's own limits are parameters of the server."""

    connections: int = 1_000_000  # open at once
    header_timeout: float = 10.0  # seconds in which a head must come
    write_timeout: float = 30.0  # seconds in which a client must take what is sent
    pipeline: int = 65_536  # bytes of requests that wait behind one
    max_unsent: int = 262_144  # bytes of replies to polls that wait to be taken


class Server(HTTPServer):
    """Serves a Tornado application. With `short_way`, polls and posts may go that.

    Parameters are those of HTTPServer; `limits` come on top, and `sweep`, the seconds between two looks at deadlines.
    """

    def initialize(
        self,
        *args: Any,
        short_way: ShortWay | None = None,
        limits: Limits | None = None,
        sweep: float = SWEEP,
        **kwargs: Any,
    ) -> None:
        """Called by Tornado's constructor."""
        super().initialize(*args, **kwargs)
        self.short_way = short_way
        self.limits = limits or Limits()
        self.sweep = sweep
        self.idle_timeout = (self.conn_params.header_timeout or inf) + sweep
        self.conn_params.max_body_size = self.conn_params.max_body_size or _MAX_BODY
        self._connections: set[Connection] = set()  # type: ignore[assignment]
        if short_way is not None:
            short_way.sessions.watchers.add(self._sessions_ended)
        known = short_way.admissions if short_way else None
        self.again: Callable[[Connection, bytes], object] = known.again if known else _unknown
        self.recognise: Callable[[Connection, bytes], int] = known.recognise if known else _unknown
        self._listening: dict[socket, asyncio.Task[asyncio.Server]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._begun = 0
        self._waiting: dict[Connection, None] = {}
        self._all_lost = asyncio.Event()
        self._all_lost.set()

    def add_sockets(self, sockets: Iterable[socket]) -> None:
        """Accept connections on `sockets`, which are bound."""
        loop = asyncio.get_event_loop()
        self.now = loop.time
        self.idle_until = self.now() + self.idle_timeout
        for sock in sockets:
            self._listening[sock] = loop.create_task(self._listen(sock))

    def stop(self) -> None:
        """Accept nobody any more. Who is here may stay."""
        listening, self._listening = self._listening, {}
        for sock, task in listening.items():
            if not task.done():
                task.cancel()
            elif not task.exception():
                task.result().close()
            sock.close()

    async def close_all_connections(self) -> None:
        """End all connections; what was said to them gets LAST_BYTES to leave."""
        while self.short_way and self.short_way.polls.answers:  # noqa: ASYNC110 - a slice in each turn
            await asyncio.sleep(0)
        tasks = [it.task for it in self._connections if it.task is not None]
        for connection in list(self._connections):
            connection.close()
        try:
            await asyncio.wait_for(self._all_lost.wait(), LAST_BYTES)
        except TimeoutError:
            for connection in list(self._connections):
                connection.abort()
            await self._all_lost.wait()
        if tasks:
            await asyncio.wait(tasks)
        if self.short_way is not None:
            self.short_way.sessions.watchers.discard(self._sessions_ended)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Who is to answer a request."""
        delegate = super().start_request(server_conn, request_conn)
        if not self.conn_params.decompress:
            return delegate
        most = cast(int, self.conn_params.max_body_size)
        return _GzipMessageDelegate(delegate, self.conn_params.chunk_size, most)

    # What a connection calls -----------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """A client has come. If there are too many, it is told to come later."""
        self._connections.add(connection)
        self._all_lost.clear()
        if self._sweeping is None:
            self._tick()
            self._sweeping = asyncio.get_running_loop().call_later(self.sweep, self._sweep)
        if len(self._connections) > self.limits.connections:
            connection.refuse(b"503 Service Unavailable\r\nRetry-After: 5")
        elif self.short_way is not None:
            self.short_way.meet(connection, self.context(connection).remote_ip)

    def lost(self, connection: Connection) -> None:
        """A client has left."""
        self._connections.discard(connection)
        self._waiting.pop(connection, None)
        if not self._connections:
            self._all_lost.set()

    def may_begin(self, connection: Connection) -> bool:
        """Whether Tornado may take up one more request in this turn of the loop; if not, `connection` proceeds later.

        When a crowd comes at once, each request would otherwise be in memory before the first one is answered, and
        nobody else would get a turn until all are.
        """
        if connection in self._waiting or self._begun == BEGIN_SLICE:
            self._waiting[connection] = None
            return False
        if not self._begun:
            asyncio.get_running_loop().call_soon(self._next_turn)
        self._begun += 1
        return True

    def context(self, connection: Connection) -> _HTTPRequestContext:
        """Who is there, in the words of Tornado's request."""
        told = connection.transport.get_extra_info
        protocol = self.protocol or ("https" if told("ssl_object") else "http")
        stream = cast(IOStream, SimpleNamespace(socket=told("socket")))
        return _HTTPRequestContext(stream, told("peername"), protocol, self.trusted_downstream)

    async def _listen(self, sock: socket) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        context = self.ssl_options
        if isinstance(context, dict):
            context = ssl_options_to_context(context, server_side=True)
        create = loop.create_unix_server if sock.family == AF_UNIX else loop.create_server
        return await create(lambda: Connection(self), sock=sock, ssl=context, backlog=BACKLOG)

    def _next_turn(self) -> None:
        self._begun = 0
        for connection in list(islice(self._waiting, BEGIN_SLICE)):
            del self._waiting[connection]
            connection.proceed()
        if self._waiting and not self._begun:  # all of them could be answered without Tornado
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _sweep(self) -> None:
        """Tell the connections whose time is over."""
        self._sweeping = None
        if self._connections:
            self._sweeping = asyncio.get_running_loop().call_later(self.sweep, self._sweep)
        now = self._tick()
        late = [it for it in self._connections if it.deadline < now or it.write_by < now]
        self._expire(iter(late))

    def _tick(self) -> float:
        """What is the same for all connections for a while. Returns the time."""
        now = self.now()
        self.idle_until = now + self.idle_timeout
        if self.short_way is not None:
            self.short_way.tick()
        return now

    def _sessions_ended(self, keys: frozenset[bytes]) -> None:
        """End the holds of sessions: the next poll is decided anew."""
        for connection in list(self._connections):
            admission = connection.admission
            if connection.held and admission and admission.known and admission.known.key in keys:
                connection.held.end(connection)

    def _expire(self, late: Iterator[Connection]) -> None:
        """End what has taken too long, a slice in each turn of the loop."""
        slice_ = list(islice(late, WAKE_SLICE))
        now = self.now()
        for connection in slice_:
            connection.expire(now)
        if slice_:
            asyncio.get_running_loop().call_soon(self._expire, late)


def _unknown(*_: object) -> int:
    """Without a short way no request is known."""
    return 0
