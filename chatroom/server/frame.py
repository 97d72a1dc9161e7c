"""Replies that are sent without Tornado: bytes, made once for all who are told the same."""

from __future__ import annotations

from collections.abc import Mapping
from time import time

from tornado.httputil import format_timestamp

OK = b"200 OK"
CREATED = b"201 Created"


class Frame:
    """Makes replies of bodies; `headers` go with every one."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._last: tuple[bytes | None, bytes] = (None, b"")
        self.tick()

    def tick(self) -> None:
        """Called once a second: set the date."""
        head = f"{self._headers}Date: {format_timestamp(time())}\r\n"
        self._fields = head.encode("latin-1")
        self._last = (None, b"")

    def reply(self, body: bytes, status: bytes = OK, *, last: bool = False) -> bytes:
        """A whole reply; `last` says that the connection ends with it."""
        close = b"Connection: close\r\n" if last else b""
        head = b"HTTP/1.1 %b\r\n%b%bContent-Length: %d" % (status, self._fields, close, len(body))
        return head + b"\r\n\r\n" + body

    def shared(self, body: bytes) -> bytes:
        """A reply that many are sent: the same object, as long as they are told the same one after the other."""
        if self._last[0] is not body:
            self._last = body, self.reply(body)
        return self._last[1]
