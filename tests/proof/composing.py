"""Finished requests that are right but for one thing, and what the server may make of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

#: Where whatever is taken after all is posted.
ROOM = "hostile"

POST = b"POST /a/message/new HTTP/1.1"
HOST = (b"Host: localhost",)
FORM = b"Content-Type: application/x-www-form-urlencoded"


class Request(NamedTuple):
    """What is sent. `refused`: 4xx or nothing is the only answer; else anything that is no fault of the server's."""

    name: str
    data: bytes
    refused: bool = True


class Composer:
    """Composes posts of the owner of `token`, each with a text that no other one has.

    `form` is a pattern into which the true length of the body is put, as often as it asks for it.
    """

    def __init__(self, token: str) -> None:
        self.identity = f"Authorization: Bearer {token}".encode()
        self._count = 0

    def post(  # noqa: PLR0913 - each part of a request may be the wrong one
        self,
        name: str,
        lines: Sequence[bytes],
        body: bytes,
        *,
        line: bytes = POST,
        host: Sequence[bytes] = HOST,
        kind: bytes = FORM,
        refused: bool = True,
    ) -> Request:
        """A request of these lines and this body."""
        head = b"\r\n".join([line, *host, self.identity, kind, *lines, b"", b""])
        return Request(name, head + body, refused)

    def whole(
        self,
        name: str,
        lines: Sequence[bytes] = (),
        *,
        line: bytes = POST,
        host: Sequence[bytes] = HOST,
        refused: bool = True,
    ) -> Request:
        """A post with a right length, some more header lines, and another request line or host."""
        body = self.body()
        length = b"Content-Length: %d" % len(body)
        return self.post(name, [length, *lines], body, line=line, host=host, refused=refused)

    def sized(self, form: bytes, name: str = "", *, refused: bool = True) -> Request:
        """A post whose Content-Length is `form`."""
        body = self.body()
        value = form % ((len(body),) * form.count(b"%"))
        name = name or f"Content-Length: {value!r}"
        return self.post(name, [b"Content-Length: " + value], body, refused=refused)

    def chunked(
        self, lines: Sequence[bytes], name: str, *, line: bytes = POST, refused: bool = True
    ) -> Request:
        """A post with a right chunked body and these lines about it."""
        body = self.body()
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        return self.post(name, lines, framed, line=line, refused=refused)

    def chunk(self, form: bytes, name: str = "", *, refused: bool = True) -> Request:
        """A chunked post whose first chunk has the size `form`, its line end included."""
        asks = form.replace(b"%%", b"").count(b"%")

        def frame(body: bytes) -> bytes:
            return form % ((len(body),) * asks) + body + b"\r\n0\r\n\r\n"

        return self.framed(frame, name or f"chunk size {form[:20]!r}", refused=refused)

    def framed(
        self, frame: Callable[[bytes], bytes], name: str, *, refused: bool = True
    ) -> Request:
        """A post with `Transfer-Encoding: chunked` whose body is framed by `frame`."""
        lines = [b"Transfer-Encoding: chunked"]
        return self.post(name, lines, frame(self.body()), refused=refused)

    def body(self) -> bytes:
        """A form that says what has not been said before."""
        self._count += 1
        return b"room=%s&body=no.%d" % (ROOM.encode(), self._count)


def get(path: bytes, *lines: bytes) -> bytes:
    """A GET with some header lines."""
    return b"\r\n".join([b"GET %s HTTP/1.1" % path, *HOST, *lines, b"", b""])
