"""One whole HTTP reply, cut out of the bytes that came."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from msgspec import json

LENGTH = re.compile(rb"^Content-Length: *([0-9]+)", re.IGNORECASE | re.MULTILINE)
COOKIE = re.compile(rb"^Set-Cookie: *([^;\r]+)", re.IGNORECASE | re.MULTILINE)


class WrongReply(AssertionError):
    """The server did not answer as it has to; no figure stands."""


class Reply(NamedTuple):
    """One whole reply."""

    head: bytes
    body: bytes

    @classmethod
    def complete(cls, received: bytes) -> Reply | None:
        """The reply that `received` is, None while some of it is missing.

        Raises WrongReply for more than one reply: nobody here asks twice before being answered.
        """
        head, end, body = received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        missing = (int(length[1]) if length else 0) - len(body)
        if missing < 0:
            raise WrongReply(f"more than was asked for: {received!r}")
        return cls(head, body) if end and not missing else None

    def expect(self, *statuses: int) -> bytes:
        """The body. Raises WrongReply when the status is another one."""
        if int(self.head[9:12]) not in statuses:
            raise WrongReply(f"{self.head!r} {self.body[:500]!r}")
        return self.body

    def json(self, *statuses: int) -> Any:
        """The decoded body. Raises WrongReply when the status is another one."""
        return json.decode(self.expect(*statuses))

    def header(self, name: str) -> str:
        """The value of a header. Raises WrongReply when it is missing."""
        found = re.search(rb"(?im)^" + name.encode() + rb": *([^\r]*)", self.head)
        if found is None:
            raise WrongReply(f"no {name} in {self.head!r}")
        return found[1].decode("latin-1")

    @property
    def cookies(self) -> dict[str, str]:
        """What it sets as cookies."""
        pairs = (match.decode("latin-1").partition("=") for match in COOKIE.findall(self.head))
        return {name: value for name, _, value in pairs}
