"""A raw HTTP client, light enough to be a thousand of them: bytes out, bytes of one whole reply back."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

LENGTH = re.compile(rb"^Content-Length: *([0-9]+)", re.IGNORECASE | re.MULTILINE)
COOKIE = re.compile(rb"^Set-Cookie: *([^;\r]+)", re.IGNORECASE | re.MULTILINE)


class WrongReply(AssertionError):
    """The server did not answer as it has to; no figure stands."""


class Reply(NamedTuple):
    """One whole reply."""

    head: bytes
    body: bytes

    def expect(self, status: int) -> bytes:
        """The body. Raises WrongReply when the status is another one."""
        if int(self.head[9:12]) != status:
            raise WrongReply(f"{self.head!r} {self.body[:500]!r}")
        return self.body

    def json(self, status: int) -> Any:
        """The decoded body. Raises WrongReply when the status is another one."""
        return json.loads(self.expect(status))

    @property
    def cookies(self) -> str:
        """What it sets as cookies, as a Cookie header sends it back."""
        return "; ".join(match.decode("latin-1") for match in COOKIE.findall(self.head))


class Peer(asyncio.Protocol):
    """One keep-alive connection, one request at a time.

    `arrived` is the `time.perf_counter` of the last byte of the last reply. Replies need a Content-Length.
    """

    def __init__(self) -> None:
        self.arrived = 0.0
        self._received: list[bytes] = []
        self._missing = 0  # bytes of the reply, as far as known
        self._awaited: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a finished request; the future is its reply. Fails with ConnectionError when it is cut off."""
        self._awaited = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._awaited

    def close(self) -> None:
        """Close the connection at once."""
        self._awaited = None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return
        whole = b"".join(self._received)
        head, end, body = whole.partition(b"\r\n\r\n")
        self._missing = _length(head) - len(body) if end else 1
        self._received = [whole] if self._missing > 0 else []
        if not self._received:
            self._answer(Reply(head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(ConnectionError(f"cut off: {exc}"))

    def _answer(self, reply: Reply) -> None:
        self.arrived = time.perf_counter()
        if self._awaited is None or self._awaited.done():
            raise WrongReply(f"a reply that nobody asked for: {reply}")
        self._awaited.set_result(reply)


async def connect(port: int, count: int) -> list[Peer]:
    """Open `count` connections, a hundred at a time so that none waits in a full backlog."""
    loop = asyncio.get_running_loop()
    peers: list[Peer] = []
    while len(peers) < count:
        some = range(min(100, count - len(peers)))
        opening = (loop.create_connection(Peer, "127.0.0.1", port) for _ in some)
        peers += [peer for _, peer in await asyncio.gather(*opening)]
    return peers


def get(target: str, *headers: str) -> bytes:
    """A finished GET."""
    return _head(f"GET {target} HTTP/1.1", "Host: localhost", *headers)


def post(target: str, form: Iterable[tuple[str, str]], *headers: str) -> bytes:
    """A finished POST of a form."""
    body = urlencode(list(form)).encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    length = f"Content-Length: {len(body)}"
    return _head(f"POST {target} HTTP/1.1", "Host: localhost", kind, length, *headers) + body


def _head(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "")).encode()


def _length(head: bytes) -> int:
    match = LENGTH.search(head)
    return int(match[1]) if match else 0
