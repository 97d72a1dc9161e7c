"""Our server in front of small applications, and clients that send exactly the bytes they are told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ssl import SSLContext
from typing import Any, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.testing import bind_unused_port
from tornado.web import RequestHandler

from chatroom.server.connection import Connection

#: Seconds between two looks at deadlines, in tests that wait for one.
SWEEP = 0.01


class Answer(NamedTuple):
    """A reply as it travelled; `body` is out of its chunks."""

    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def timeless(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """What is to be the same at any time."""
        headers = sorted(it for it in self.headers.get_all() if it[0] != "Date")
        return self.status, headers, self.body


class Client:
    """One connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        """Send bytes, in one packet if they are few."""
        self.writer.write(data)

    async def ask(self, data: bytes, *, head_only: bool = False) -> Answer:
        """Send a request and return its reply."""
        self.send(data)
        return await self.answer(head_only=head_only)

    async def ask_until_end(self, data: bytes) -> bytes:
        """Send a request and return all that comes until the server closes."""
        self.send(data)
        return await self.end()

    async def answer(self, *, head_only: bool = False) -> Answer:
        """The next reply."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, _, fields = head.partition("\r\n")
        status, headers = int(line.split()[1]), HTTPHeaders.parse(fields)
        if head_only or status in (100, 101, 204, 304):
            return Answer(status, headers, b"")
        if "Content-Length" in headers:
            body = await self.reader.readexactly(int(headers["Content-Length"]))
        elif "Transfer-Encoding" in headers:
            body = await self._chunks()
        else:
            body = await self.reader.read()
        return Answer(status, headers, body)

    async def end(self) -> bytes:
        """What comes until the server closes; a connection that is reset has ended, too."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    def reset(self) -> None:
        """Cut the connection at once, as a crashing client does."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.writer.transport.abort()

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        assert await self.reader.readexactly(2) == b"\r\n"
        return body


class Host:
    """A server on a port of its own."""

    def __init__(self, server: HTTPServer) -> None:
        self.server: Any = server
        sock, self.port = bind_unused_port()
        server.add_socket(sock)
        self._clients: list[Client] = []

    async def connect(self, *, ssl: SSLContext | None = None, read_buffer: int = 0) -> Client:
        """A new client; `read_buffer`: bytes that its kernel takes before it reads."""
        sock = socket.socket()
        sock.settimeout(0)
        if read_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, read_buffer)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        name = "localhost" if ssl else None
        streams = await asyncio.open_connection(sock=sock, ssl=ssl, server_hostname=name)
        self._clients.append(Client(*streams))
        return self._clients[-1]

    def later(self, seconds: float) -> None:
        """Let the server believe that so much time has passed, and look at its deadlines often."""
        now = self.server.now
        self.server.now = lambda: now() + seconds
        self.server.sweep = SWEEP
        self.server._sweeping.cancel()
        self.server._sweep()

    @property
    def connections(self) -> list[Connection]:
        """The server's side of those who are there."""
        return list(self.server._connections)

    async def close(self) -> None:
        """End everybody."""
        self.server.stop()
        await self.server.close_all_connections()
        for client in self._clients:
            client.writer.transport.abort()


#: Serves one handler at every path.
Serve = Callable[..., Host]


def get(path: str = "/", *fields: str, version: str = "HTTP/1.1", method: str = "GET") -> bytes:
    """A request without a body."""
    return "\r\n".join([f"{method} {path} {version}", "Host: localhost", *fields, "", ""]).encode()


def post(path: str, body: bytes, *fields: str) -> bytes:
    """A form."""
    kind = "Content-Type: application/x-www-form-urlencoded"
    return get(path, kind, f"Content-Length: {len(body)}", *fields, method="POST") + body


class Echo(RequestHandler):
    """Says what was asked."""

    def get(self) -> None:
        body = self.request.body.decode("latin-1")
        self.finish(f"{self.request.method} {self.request.uri} {body}")

    post = put = get

    def compute_etag(self) -> None:
        pass
