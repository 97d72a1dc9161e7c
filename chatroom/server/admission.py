"""A head that Tornado's handlers have let through, to be recognised when it comes again.

Between two polls of one client nothing of the head changes but what asks: the query of a GET, and of a POST the
digits of Content-Length, now and then. So a request is cut into the bytes `before` that part, the part, and the bytes
`after` it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chatroom.holds import Holder
from chatroom.server.head import Head
from chatroom.sessions import Known

#: Bytes of arguments: a hundred rooms with cursors. Who has more to ask goes the long way.
ARGUMENTS_LIMIT = 4096
#: Bytes of a head that is worth remembering; a browser's has 1,000.
HEAD_LIMIT = 4096

_FORM = "application/x-www-form-urlencoded"
#: Headers that make a request unusual.
_UNUSUAL = ("Transfer-Encoding", "Content-Encoding", "Expect", "Upgrade", "Range")
#: No value holds a line's end, so this is the header and nothing else.
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ([1-9][0-9]{0,3})\r\n")

#: Under which an admission is kept: what stands before its changing part, if that belongs to it, and what behind.
Key = tuple[bytes, bytes]


class Admission(NamedTuple):
    """Requests that begin with `before` and go on with `after`, and for whom they were let through.

    `in_body` says where their arguments are: behind the head, or between the two.
    """

    before: bytes
    after: bytes
    in_body: bool
    known: Known | None
    person: Holder | None

    @classmethod
    def of(
        cls, raw: bytes, head: Head, known: Known | None, person: Holder | None
    ) -> Admission | None:
        """The admission of all requests that are like the one with these bytes; None for an unusual one."""
        method, target, version = head.start_line
        usual = version == "HTTP/1.1" and head.keeps_alive and len(raw) <= HEAD_LIMIT
        if not usual or any(it in head.headers for it in _UNUSUAL):
            return None
        if method == "GET" and not head.length:
            before = f"GET {target.partition('?')[0]}?".encode("latin-1")
            return cls(before, _behind_target(raw), in_body=False, known=known, person=person)
        kind = head.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        length = _LENGTH.search(raw)
        if method != "POST" or kind != _FORM or "?" in target or length is None:
            return None
        before, after = raw[: length.start(1)], raw[length.end(1) :]
        return cls(before, after, in_body=True, known=known, person=person)

    @property
    def key(self) -> Key:
        """What `key_and_length` says of the heads that it is for."""
        return (self.before if self.in_body else b"", self.after)

    @property
    def size(self) -> int:
        """Bytes of the head."""
        return len(self.before) + len(self.after)

    def arguments(self, data: bytes) -> bytes | None:
        """The arguments of `data` if that is one such request and nothing else."""
        before, after, in_body, _, _ = self
        if not data.startswith(before):
            return None
        if not in_body:
            return data[len(before) : -len(after)] if data.endswith(after) else None
        end = data.find(b"\r", len(before))
        if not data.startswith(after, end):
            return None
        told = data[end + len(after) :]
        return told if data[len(before) : end] == b"%d" % len(told) else None


def key_and_length(head: bytes) -> tuple[Key, int]:
    """Where the admission of `head` is to be found, and how many bytes of body follow it."""
    length = _LENGTH.search(head)
    if length is None:
        return (b"", _behind_target(head)), 0
    return (head[: length.start(1)], head[length.end(1) :]), int(length[1])


def _behind_target(head: bytes) -> bytes:
    return b" HTTP/1.1" + head[head.find(b"\r\n") :]
