"""One request and its reply, by way of Tornado.

To Tornado this is an `HTTPConnection` (tornado.httputil), as its own `HTTP1Connection` is one: handlers, static files,
streamed bodies and replies, WebSocket and WSGI work on it unchanged. It lives from the head of a request to the last
byte of the reply; the socket belongs to the `Connection`.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tornado.http1connection import parse_int
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPOutputError,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError

from chatroom.poll import Poll
from chatroom.server.chunks import Chunks
from chatroom.server.head import Head
from chatroom.sessions import Known

if TYPE_CHECKING:
    from chatroom.server.connection import Connection

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"

# The names under which Tornado itself would log the same things.
_application_log = logging.getLogger("tornado.application")
_log = logging.getLogger("tornado.general")


class Exchange(HTTPConnection):
    """The reply to `head`, whose bytes are `raw`, on `connection`.

    `context` says who is there, as Tornado's request expects it.
    """

    def __init__(self, connection: Connection, raw: bytes, head: Head, context: object) -> None:
        self.context = context
        self.raw = raw
        self.head = head
        self._connection = connection
        self._params = connection.server.conn_params
        self.keep_alive = head.keeps_alive and not self._params.no_keep_alive
        self._max_body = self._params.max_body_size or 0  # the server always sets it
        self._body_timeout = self._params.body_timeout
        self._finished: Future[None] = asyncio.get_running_loop().create_future()
        self._on_close: Callable[[], None] | None = None
        self._read = False  # all of the body
        self._begun = False  # the reply
        self._written = False  # all of the reply, as far as Tornado is concerned
        self._chunking = False
        self._left: int | None = None  # bytes of the reply that Content-Length has promised

    # What Tornado calls ----------------------------------------------------------------------------------------------

    @property
    def stream(self) -> Connection:
        """For `HTTPServerRequest.get_ssl_certificate`, which looks for the socket there."""
        return self._connection

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Call `callback` if the client leaves before it has its reply."""
        self._on_close = callback

    def set_max_body_size(self, max_body_size: int) -> None:
        """Bytes allowed in the body of this request."""
        self._max_body = max_body_size

    def set_body_timeout(self, timeout: float) -> None:
        """Seconds for the body of this request."""
        self._body_timeout = timeout

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> Future[None]:
        """Begin the reply. The future is done when all of it so far has left, or raises StreamClosedError."""
        assert isinstance(start_line, ResponseStartLine)  # noqa: S101 - requests are for clients
        self._begun = True
        self._frame(start_line.code, headers)
        lines = [f"HTTP/1.1 {start_line.code} {start_line.reason}"]
        lines += [f"{name}: {value}" for name, value in headers.get_all()]
        if any("\n" in line or "\r" in line for line in lines):
            raise ValueError("Illegal characters (CR or LF) in header")
        head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
        return self._connection.send(head + self._framed(chunk or b""))

    def write(self, chunk: bytes) -> Future[None]:
        """Go on with the reply. The future is as that of `write_headers`."""
        return self._connection.send(self._framed(chunk))

    def finish(self) -> None:
        """The reply is complete. A request that has not been read to its end ends its connection."""
        if self._left and not self._connection.lost:
            self._connection.abort()
            raise HTTPOutputError(f"Tried to write {self._left} bytes less than Content-Length")
        if self._chunking:
            self._connection.send(_LAST_CHUNK)
        self._written = True
        self._on_close = None
        self.keep_alive = self.keep_alive and self._read
        self._connection.call_when_sent(self._end)

    def hold(self, poll: Poll, known: Known | None) -> bool:
        """Let the connection hold `poll` of `known`, as it will do with each one whose head is the same.

        False if it cannot: then the handler has to. If it can, the handler is not needed any more.
        """
        short_way = self._connection.server.short_way
        if short_way is None or self._connection.closed:
            return False
        if not short_way.hold(self._connection, self.raw, self.head, poll, known):
            return False
        self._written, self._on_close = True, None
        self._end()
        return True

    def admit(self, known: Known) -> None:
        """Let each post of `known` that comes with the same head as this one be taken without a handler."""
        if self._connection.server.short_way is not None:
            self._connection.server.short_way.admit(self._connection, self.raw, self.head, known)

    def detach(self) -> IOStream:
        """Give up the connection for another protocol, as WebSocket."""
        self._on_close = None
        self._end()
        return self._connection.detach()

    # What the connection calls ---------------------------------------------------------------------------------------

    async def serve(self, delegate: HTTPMessageDelegate) -> None:
        """Tell `delegate` of the request and return when the reply has left. Closes the connection if either fails."""
        told_all = False
        try:
            await self._tell(delegate.headers_received(self.head.start_line, self.head.headers))
            if self.head.headers.get("Expect", "").lower() == "100-continue" and not self._written:
                self._connection.send(_CONTINUE)
            await self._read_body(delegate)
            self._read = True
            if not self._written and not self._finished.done():
                delegate.finish()
                told_all = True  # whoever has replied before the end of the body hears of no more
            await self._finished
        except HTTPInputError as error:
            _log.info("Malformed HTTP message from %s: %s", self.context, error)
            self._refuse()
        except StreamClosedError:
            pass
        except Exception:  # noqa: BLE001 - the application's: whatever it is, it is logged
            _application_log.exception("Uncaught exception")
            self._connection.abort()
        finally:
            if not told_all:
                delegate.on_connection_close()

    def connection_lost(self) -> None:
        """The client has left."""
        callback, self._on_close = self._on_close, None
        self._end()
        if callback is not None and self._read:
            callback()

    # ----------------------------------------------------------------------------------------------------------------

    @staticmethod
    async def _tell(answer: Awaitable[None] | None) -> None:
        if answer is not None:
            await answer

    def _refuse(self) -> None:
        """Tell that the request is malformed, unless something has been told already; break off within that."""
        if not self._begun:
            self._connection.refuse(b"400 Bad Request")
        elif not self._written:
            self._connection.abort()
        else:
            self.keep_alive = False

    async def _read_body(self, delegate: HTTPMessageDelegate) -> None:
        if self.head.length > self._max_body:
            raise HTTPInputError("Content-Length too long")
        if not self.head.length and not self.head.chunked:
            return
        with self._connection.deadline_in(self._body_timeout):
            if self.head.chunked:
                await self._read_chunks(delegate)
            else:
                await self._read_length(delegate)

    async def _read_length(self, delegate: HTTPMessageDelegate) -> None:
        left = self.head.length
        while left:
            data = await self._more(left)
            left -= len(data)
            await self._deliver(delegate, data)

    async def _read_chunks(self, delegate: HTTPMessageDelegate) -> None:
        chunks, size = Chunks(), 0
        while not chunks.done:
            data, rest = chunks.feed(await self._more())
            self._connection.unread(rest)
            await asyncio.sleep(0)  # many small chunks are much work
            size += len(data)
            if size > self._max_body:
                raise HTTPInputError("chunked body too large")
            await self._deliver(delegate, data)

    async def _more(self, most: int | None = None) -> bytes:
        if self._written:
            raise StreamClosedError  # nobody wants to know the rest of the request
        return await self._connection.read(most)

    async def _deliver(self, delegate: HTTPMessageDelegate, data: bytes) -> None:
        """Tell `delegate` of a part of the body, in pieces that it can digest; nobody listens behind the reply."""
        size = self._params.chunk_size
        for start in range(0, len(data), size):
            if not self._written:
                await self._tell(delegate.data_received(data[start : start + size]))

    def _frame(self, code: int, headers: HTTPHeaders) -> None:
        """Decide how the end of the reply is told (RFC 9112, section 6.3)."""
        method, _, version = self.head.start_line
        self.keep_alive = self.keep_alive and headers.get("Connection", "").lower() != "close"
        bodiless = method == "HEAD" or code in (204, 304) or 100 <= code < 200  # noqa: PLR2004 - statuses
        if version == "HTTP/1.1":
            self._chunking = not bodiless and "Content-Length" not in headers
            if not self.keep_alive:
                headers["Connection"] = "close"
        else:
            self.keep_alive = self.keep_alive and (bodiless or "Content-Length" in headers)
            if self.keep_alive:
                headers["Connection"] = "Keep-Alive"
        if self._chunking:
            headers["Transfer-Encoding"] = "chunked"
        if method == "HEAD" or code == 304:  # noqa: PLR2004 - Not Modified
            self._left = 0
        elif "Content-Length" in headers:
            self._left = parse_int(headers["Content-Length"])

    def _framed(self, chunk: bytes) -> bytes:
        if self._left is not None:
            self._left -= len(chunk)
            if self._left < 0:
                self._connection.abort()
                raise HTTPOutputError("Tried to write more data than Content-Length")
        if self._chunking and chunk:
            return b"%x\r\n%b\r\n" % (len(chunk), chunk)
        return chunk

    def _end(self) -> None:
        if not self._finished.done():
            self._finished.set_result(None)
        if not self._read:
            self._connection.stop_reading()
