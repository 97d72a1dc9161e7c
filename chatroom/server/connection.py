"""The connection of one client: bytes in, bytes out, and whose turn it is.

A connection is always in one of four states, and `deadline` says how long it may stay there:

    idle        nothing is asked                          idle_timeout; header_timeout once a head has begun
    exchange    Tornado answers a request                 body_timeout while the body comes, then as long as it takes
    held        a poll or a post waits, see `short_way`   the end of the hold; a post waits for the disk
    closed      the last bytes leave                      LINGER

What comes meanwhile waits in `_pending`; beyond `pipeline` bytes the socket is not read. Whatever the state,
something may be unsent, and `write_by` says how long that may last. There is no timer per connection: the server
looks at both once a second.

What has been sent and what has not is the business of `sender`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from asyncio import Future
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any, Protocol, cast

from tornado.httputil import HTTPInputError
from tornado.iostream import IOStream, StreamClosedError

from chatroom.holds import NOBODY, Holder
from chatroom.server.detached import detached
from chatroom.server.exchange import Exchange
from chatroom.server.head import Head
from chatroom.server.sender import Sender

if TYPE_CHECKING:
    from chatroom.server.admission import Admission
    from chatroom.server.server import Server

#: Seconds in which a client that was refused may read why, before its unread request resets the connection.
LINGER = 2.0

_END_OF_HEAD = b"\r\n\r\n"
#: The end of a head as some write it by hand; without an answer they would wait for ever.
_BARE_LINES = re.compile(rb"\n\r?\n")

_log = logging.getLogger("tornado.general")


class Held(Protocol):
    """What waits on connections without Tornado: a poll, the same one on all that asked the same, or posts."""

    def end(self, connection: Connection) -> None:
        """Its time is over: answer it with nothing. A post has all the time of the disk."""

    def leave(self, connection: Connection) -> None:
        """Do not answer it: the client has left."""


class Connection(Sender):
    """A client of `server`.

    `held` is what waits. `short_way` remembers what it needs of the client: its `admission`, its `address`, and, where
    it is a proxy that speaks for many, the address of that.
    """

    __slots__ = (
        "_declined",
        "_exchange",
        "_pending",
        "_reader",
        "address",
        "admission",
        "closed",
        "deadline",
        "held",
        "proxy",
        "task",
    )

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.held: Held | None = None
        self.admission: Admission | None = None
        self.address: Holder = NOBODY
        self.proxy: str | None = None
        self.closed = False
        self.deadline = inf
        self._exchange: Exchange | None = None
        #: What answers the request: an exchange, or a post on the short way.
        self.task: asyncio.Task[None] | None = None
        self._reader: Future[None] | None = None
        self._pending = b""
        #: The next request is for Tornado, even if it is recognised; done when Tornado has answered it.
        self._declined: Future[None] | None = None

    # What the loop calls ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(1)  # with 0, transports of TLS pause on nothing
        self.server.opened(self)
        if not self.closed:
            self._rest()

    def data_received(self, data: bytes) -> None:
        """The client has sent something. Most of the time it is a poll like the one before."""
        if self._pending or self.held or self._exchange or self.closed:
            self._wait(data)
        elif self.admission is None or not self.server.again(self, data):
            self._pending = data
            self.proceed()

    def eof_received(self) -> None:
        """The client sends nothing more. It is gone then: the transport closes."""

    def connection_lost(self, _error: Exception | None) -> None:
        """The client has left, or we have closed."""
        self._take_leave()
        self.lost = True
        self.server.lost(self)
        self.stop_reading()
        if self._exchange:
            self._exchange.connection_lost()
        self._end_declined()
        self.resume_writing()

    # What an exchange calls ------------------------------------------------------------------------------------------

    @property
    def socket(self) -> Any:
        """Where Tornado looks for the certificate of a client."""
        return self.transport.get_extra_info("ssl_object")

    async def read(self, most: int | None = None) -> bytes:
        """What has come, at most that many bytes; at least one. Raises StreamClosedError."""
        while not self._pending:
            if self.closed:
                raise StreamClosedError
            self._reader = asyncio.get_running_loop().create_future()
            self.transport.resume_reading()
            await self._reader
        data = self._pending if most is None else self._pending[:most]
        self._pending = self._pending[len(data) :]
        return data

    def stop_reading(self) -> None:
        """Let `read` raise StreamClosedError: nobody wants to know the rest of the request."""
        if self._reader and not self._reader.done():
            self._reader.set_exception(StreamClosedError())

    def unread(self, data: bytes) -> None:
        """Put `data` back: it belongs to the next request."""
        self._pending = data + self._pending

    @contextmanager
    def deadline_in(self, seconds: float | None) -> Iterator[None]:
        """Close the connection if what is done meanwhile takes longer than that (None: let it)."""
        self.deadline = inf if seconds is None else self.server.now() + seconds
        yield
        self.deadline = inf

    def refuse(self, status: bytes) -> None:
        """Tell that the request is not understood, and end the connection."""
        if not self.closed:
            self.transport.write(b"HTTP/1.1 %b\r\n\r\n" % status)
            self._linger()

    def abort(self) -> None:
        """End the connection at once, whatever is unsent."""
        self._take_leave()
        self.transport.abort()

    def close(self) -> None:
        """End the connection when all has left that is to be sent."""
        self._take_leave()
        self.transport.close()

    def detach(self) -> IOStream:
        """Let the socket go to another protocol, with what came behind the request."""
        self._take_leave()
        self.server.lost(self)
        return detached(self.transport, self._pending)

    # What the short way calls ----------------------------------------------------------------------------------------

    def reply(self, data: bytes, *, last: bool = False) -> None:
        """Answer what is held, and take what has been asked meanwhile; `last` ends the connection."""
        self.held = None
        self.deadline = self.server.idle_until
        self.transport.write(data)
        if self._unsent is not None:
            self._cut_off_if_deaf()
        if last:
            self.close()
        elif self._pending:
            asyncio.get_running_loop().call_soon(self.proceed)

    def decline(self, request: bytes) -> Future[None]:
        """Leave what is held, which came as these bytes, to Tornado. The future is done when Tornado is."""
        self.held = None
        self._pending = request + self._pending
        declined = self._declined = asyncio.get_running_loop().create_future()
        self._rest()
        self.proceed()
        return declined

    # What the server calls -------------------------------------------------------------------------------------------

    def proceed(self) -> None:
        """Take up the requests that have come, until one has to be waited for."""
        if not self.closed:
            self.transport.resume_reading()
        while self._pending and not (self.held or self._exchange or self.closed):
            self._pending = self._pending.lstrip(b"\r\n")  # RFC 9112, section 2.2
            if not self._take_next():
                return

    def expire(self, now: float) -> None:
        """End what has taken too long at `now`, seconds of the loop's clock."""
        if now <= self.write_by and now <= self.deadline:
            return
        if self.held and now <= self.write_by:
            self.held.end(self)
            return
        if self._reader and not self._reader.done():
            _log.info("Timeout reading body from %s", self.server.context(self))
        self.abort()

    # ----------------------------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Let Tornado take its time; without it, nothing is asked."""
        self.deadline = self.server.idle_until if self._exchange is None else inf

    def _hurry(self, seconds: float | None) -> None:
        """Something has begun to come, and has to be complete in that many seconds (None: whenever)."""
        if seconds is not None:
            self.deadline = min(self.deadline, self.server.now() + seconds)

    def _take_leave(self) -> None:
        """Take no more requests, and answer none that is held."""
        self.closed = True
        if self.held:
            self.held.leave(self)

    def _wait(self, data: bytes) -> None:
        if self.closed:
            return  # nobody reads it; the client may still be reading
        self._pending += data
        if self._reader and not self._reader.done():
            self._reader.set_result(None)
        elif not self.held and not self._exchange:
            self.proceed()
        elif len(self._pending) > self.server.limits.pipeline:
            self.transport.pause_reading()

    def _take_next(self) -> bool:
        """Take up the first request. False if that is not possible yet."""
        end = self._pending.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        complete = end >= len(_END_OF_HEAD)
        if (end if complete else len(self._pending)) > self.server.conn_params.max_header_size:
            self.refuse(b"431 Request Header Fields Too Large")
        elif complete:
            return self._take(end)
        elif _BARE_LINES.search(self._pending):
            self._refuse_as("lines end in LF alone")
        else:
            self._hurry(self.server.limits.header_timeout)
        return False

    def _take(self, end: int) -> bool:
        """Take up the request whose head ends there. False if that is not possible yet."""
        size = 0 if self._declined else self.server.recognise(self, self._pending[:end])
        if size > len(self._pending):
            self._hurry(self.server.conn_params.body_timeout)
            return False
        known, self._pending = self._pending[:size], self._pending[size:]
        if not known or not self.server.again(self, known):
            self._pending = known + self._pending
            if not self.server.may_begin(self):
                return False
            self._begin(end)
        return True

    def _begin(self, end: int) -> None:
        """Let Tornado answer the request whose head ends there."""
        data, self._pending = self._pending[:end], self._pending[end:]
        try:
            head = Head.parse(data)
        except HTTPInputError as error:
            self._refuse_as(error)
            return
        self._exchange = Exchange(self, data, head, self.server.context(self))
        self.deadline = inf
        self.task = asyncio.get_running_loop().create_task(self._serve(self._exchange))

    def _refuse_as(self, error: object) -> None:
        _log.info("Malformed HTTP message from %s: %s", self.server.context(self), error)
        self.refuse(b"400 Bad Request")

    async def _serve(self, exchange: Exchange) -> None:
        try:
            await exchange.serve(self.server.start_request(self, exchange))
        finally:
            self._exchange = self.task = None
            self._end_declined()
        if self.closed or self.held:
            return
        if exchange.keep_alive:
            self._rest()
            self.proceed()
        else:
            self._linger()

    def _end_declined(self) -> None:
        if self._declined and not self._declined.done():
            self._declined.set_result(None)
        self._declined = None

    def _linger(self) -> None:
        """End the connection, but let the client read what it was told: what it still sends would reset it."""
        self._take_leave()
        self.deadline = self.server.now() + LINGER
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.transport.resume_reading()
        else:
            self.transport.close()

    def _cut_off_if_deaf(self) -> None:
        if self.transport.get_write_buffer_size() > self.server.limits.max_unsent:
            self.abort()
