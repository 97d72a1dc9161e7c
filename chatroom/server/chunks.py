"""The body of a request in chunks (RFC 9112, section 7.1).

Read by hand, because llhttp does not tell where a body ends that is followed by another request. Stricter than the RFC
where only smugglers would notice: there are no chunk extensions and no trailers.
"""

from __future__ import annotations

import re

from tornado.httputil import HTTPInputError

#: The line before a chunk. The first one has no line's end before it, the others have that of the chunk before.
_FIRST = re.compile(rb"([0-9A-Fa-f]{1,15})\r\n")
_NEXT = re.compile(rb"\r\n([0-9A-Fa-f]{1,15})\r\n")
#: What one may begin with, and may still become one.
_BEGUN = re.compile(rb"(\r(\n([0-9A-Fa-f]{1,15}\r?)?)?)?")
_FIRST_BEGUN = re.compile(rb"([0-9A-Fa-f]{1,15}\r?)?")


class Chunks:
    """Takes bytes as they come and gives the body's; `done` behind the last chunk."""

    def __init__(self) -> None:
        self.done = False
        self._left = 0  # bytes of the chunk that have not come
        self._line = b""  # what has come of a line
        self._first = True

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What `data` brings of the body, and what stands behind the body. Raises HTTPInputError."""
        data, self._line = self._line + data, b""
        body: list[bytes] = []
        at = 0
        while at < len(data) and not self.done:
            if self._left:
                body.append(data[at : at + self._left])
                at += len(body[-1])
                self._left -= len(body[-1])
            else:
                at = self._read_line(data, at)
        return b"".join(body), data[at:]

    def _read_line(self, data: bytes, at: int) -> int:
        """Read the line at `at`, or keep what has come of it. Returns where it ends."""
        match = (_FIRST if self._first else _NEXT).match(data, at)
        if match is None:
            begun = _FIRST_BEGUN if self._first else _BEGUN
            if not begun.fullmatch(data, at):
                raise HTTPInputError("improperly terminated chunk or invalid chunk size")
            return self._keep(data, at)
        size, end = int(match[1], 16), match.end()
        if not size:
            return self._finish(data, at, end)
        self._first, self._left = False, size
        return end

    def _finish(self, data: bytes, at: int, end: int) -> int:
        """The last chunk is read; an empty line follows it."""
        if not b"\r\n".startswith(data[end : end + 2]):
            raise HTTPInputError("improperly terminated chunked request")
        if len(data) < end + 2:
            return self._keep(data, at)
        self.done = True
        return end + 2

    def _keep(self, data: bytes, at: int) -> int:
        self._line = data[at:]
        return len(data)
