"""As much HTTP/1.1 as the proofs need: messages framed by Content-Length, one request at a time.

The server sends Content-Length, so a whole request or reply is its head up to the empty line and that many bytes; or,
where it begins a reply before it knows its end, everything up to the last chunk, which stays as it is. `100 Continue`
and bodiless statuses are not supported.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

Fields = Iterable[tuple[str, str]]

HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = b"content-length:"
CHUNKED = b"\r\ntransfer-encoding: chunked\r\n"
LAST_CHUNK = b"\r\n0\r\n\r\n"

# Above every head and body that the server sends: 200 entries of 4,000 characters, twice (body and html).
READ_LIMIT = 2**24


class Reply(NamedTuple):
    """A whole reply: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body. Raises ValueError where it is not JSON."""
        return json.loads(self.body)


class ConnectionLost(Exception):
    """No whole reply came: refused, reset, cut in the middle or too late. The request may have been done."""


class Connection:
    """One keep-alive connection to a server on this machine; it opens itself when it is not open.

    One request at a time. After ConnectionLost it is closed, and the next request opens it again.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, *, token: str = "", timeout: float = 30.0) -> Reply:
        """Send GET and return the whole reply. Raises ConnectionLost, also after `timeout` seconds."""
        return await self.send(request_bytes("GET", path, token=token), timeout)

    async def post(
        self, path: str, form: Fields, *, token: str = "", timeout: float = 30.0
    ) -> Reply:
        """Send POST with a form and return the whole reply. Raises ConnectionLost like `get`."""
        body = urlencode(list(form)).encode()
        return await self.send(request_bytes("POST", path, body, token), timeout)

    async def send(self, request: bytes, timeout: float) -> Reply:
        """Send these finished bytes and return the whole reply. Raises ConnectionLost like `get`."""
        return parse_reply(await self.exchange(request, timeout))

    async def exchange(self, request: bytes, timeout: float) -> bytes:
        """Send these finished bytes and return those of the whole reply. Raises ConnectionLost."""
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(request)
        except (OSError, EOFError, TimeoutError) as lost:
            self.close()
            raise ConnectionLost(repr(lost)) from lost
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        """Close it at once. Harmless when it is not open."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _exchange(self, request: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=READ_LIMIT)
        reader, writer = self._streams
        writer.write(request)
        return await read_whole(reader)


async def read_whole(reader: asyncio.StreamReader) -> bytes:
    """The bytes of one whole request or reply. Raises EOFError (IncompleteReadError) when it ends before."""
    head = await reader.readuntil(HEAD_END)
    if CHUNKED in head.lower():
        return head + await reader.readuntil(LAST_CHUNK)
    return head + await reader.readexactly(content_length(head))


def content_length(head: bytes) -> int:
    """The length that a head announces, 0 when it announces none."""
    at = head.lower().find(CONTENT_LENGTH)
    return 0 if at < 0 else int(head[at + len(CONTENT_LENGTH) :].split(b"\r\n", 1)[0])


def request_bytes(method: str, path: str, body: bytes = b"", token: str = "") -> bytes:
    """A finished request; with `token` as a bearer of it, with `body` as a form."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method == "POST":
        lines += [
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    return "\r\n".join(lines).encode() + HEAD_END + body


def parse_reply(whole: bytes) -> Reply:
    """Split the bytes of one whole reply."""
    head, _, body = whole.partition(HEAD_END)
    status_line, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Reply(int(status_line.split(" ", 2)[1]), headers, body)
