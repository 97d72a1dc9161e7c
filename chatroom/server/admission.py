"""Heads that Tornado's handlers have let through, to be recognised when they come again.

Between two polls or two posts of one client nothing of the head changes but what asks: the query of a GET, and of a
POST the digits of Content-Length, now and then. So a request is cut into the bytes `before` that part, the part, and
the bytes `after` it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chatroom.holds import Holder
from chatroom.people import Visitor
from chatroom.server.head import Head
from chatroom.sessions import Known

if TYPE_CHECKING:
    from chatroom.server.connection import Connection

#: Bytes of arguments: a hundred rooms with cursors, or a long message. Who has more to ask goes the long way.
ARGUMENTS_LIMIT = 4096
#: Bytes of a head that is worth remembering; a browser's has 1,000.
HEAD_LIMIT = 4096
#: Bytes of memory for heads besides those of open connections: 20,000 of browsers, who poll with one and post with
#: another. Those that were not used for longest leave first.
HEADS_BYTES = 33_554_432
#: Bytes that a head takes besides its own.
_OVERHEAD = 300

_FORM = "application/x-www-form-urlencoded"
#: Headers that make a request unusual.
_UNUSUAL = ("Transfer-Encoding", "Content-Encoding", "Expect", "Upgrade", "Range")
#: No value holds a line's end, so this is the header and nothing else.
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ([1-9][0-9]{0,3})\r\n")

#: Under which an admission is kept: what stands before its changing part, if that belongs to it, and what behind.
Key = tuple[bytes, bytes]


class Way(Protocol):
    """Takes requests of one kind without Tornado."""

    def take(self, connection: Connection, admission: Admission, told: bytes) -> bool:
        """Answer or hold the request with the arguments `told`. False: it has to go the long way."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Requests that begin with `before` and go on with `after`, for whom they were let through, and who takes them.

    `in_body` says where their arguments are: behind the head, or between the two. `person` is who holds or says them,
    and `client` is for whom the `proxy` has sent them, if it was one.
    """

    before: bytes
    after: bytes
    in_body: bool
    way: Way
    known: Known | None
    person: Holder | None
    client: Holder | None
    proxy: str | None

    def visitor(self, address: Holder) -> Visitor:
        """Whoever asks over a connection from there."""
        key = (self.client or address).key
        return self.known.at(key) if self.known else Visitor(None, key)

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - what is remembered
        cls,
        raw: bytes,
        head: Head,
        way: Way,
        known: Known | None,
        person: Holder | None = None,
        client: Holder | None = None,
        proxy: str | None = None,
    ) -> Admission | None:
        """The admission of all requests that are like the one with these bytes; None for an unusual one."""
        method, target, version = head.start_line
        usual = version == "HTTP/1.1" and head.keeps_alive and len(raw) <= HEAD_LIMIT
        if not usual or any(it in head.headers for it in _UNUSUAL):
            return None
        if method == "GET" and not head.length:
            before = f"GET {target.partition('?')[0]}?".encode("latin-1")
            return cls(before, _behind_target(raw), False, way, known, person, client, proxy)  # noqa: FBT003 - not in the body
        kind = head.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        length = _LENGTH.search(raw)
        if method != "POST" or kind != _FORM or "?" in target or length is None:
            return None
        before, after = raw[: length.start(1)], raw[length.end(1) :]
        return cls(before, after, True, way, known, person, client, proxy)  # noqa: FBT003 - in the body

    @property
    def key(self) -> Key:
        """What `key_and_length` says of the heads that it is for."""
        return (self.before if self.in_body else b"", self.after)

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self.before) + len(self.after) + _OVERHEAD

    def arguments(self, data: bytes) -> bytes | None:
        """The arguments of `data` if that is one such request and nothing else."""
        before, after = self.before, self.after
        if not data.startswith(before):
            return None
        if not self.in_body:
            return data[len(before) : -len(after)] if data.endswith(after) else None
        end = data.find(b"\r", len(before))
        if not data.startswith(after, end):
            return None
        told = data[end + len(after) :]
        return told if data[len(before) : end] == b"%d" % len(told) else None

    def request(self, told: bytes) -> bytes:
        """The bytes of the request with those arguments."""
        asking = b"%d" % len(told) if self.in_body else told
        return self.before + asking + self.after + (told if self.in_body else b"")


class Admissions:
    """Heads that are known. `clock` is that of the sessions: microseconds since 1970 UTC.

    It is looked at once a tick, so a session may live a second too long. One that is ended or renamed
    is unknown from that moment.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._now = clock()
        self._by_key: OrderedDict[Key, Admission] = OrderedDict()
        self._bytes = 0

    def tick(self) -> None:
        """Called once a second: look at the clock."""
        self._now = self._clock()

    def add(self, connection: Connection, admission: Admission) -> None:
        """Let requests of `admission` through, on every connection; on `connection` it is not even looked for."""
        connection.admission = admission
        self._forget(admission.key)
        self._by_key[admission.key] = admission
        self._bytes += admission.size
        while self._bytes > HEADS_BYTES:
            self._forget(next(iter(self._by_key)))

    def recognise(self, connection: Connection, head: bytes) -> int:
        """Bytes of the request that begins with `head` if such a one was let through before, else 0.

        If so, `again` may be asked for it.
        """
        key, length = key_and_length(head)
        admission = self._by_key.get(key)
        if admission is None or not head.startswith(admission.before):
            return 0
        if connection.proxy != admission.proxy:
            return 0
        if admission.client is not None:
            connection.address = admission.client
        self._by_key.move_to_end(key)
        connection.admission = admission
        return len(head) + length

    def again(self, connection: Connection, data: bytes) -> bool:
        """Take `data` if it is one whole request like the one before. False: it has to go the long way."""
        admission = connection.admission
        if admission is None:
            return False
        told = admission.arguments(data)
        known = admission.known
        if told is None or (known is not None and self._now >= known.until):
            return False
        return admission.way.take(connection, admission, told)

    def _forget(self, key: Key) -> None:
        old = self._by_key.pop(key, None)
        if old is not None:
            self._bytes -= old.size


def key_and_length(head: bytes) -> tuple[Key, int]:
    """Where the admission of `head` is to be found, and how many bytes of body follow it."""
    length = _LENGTH.search(head)
    if length is None:
        return (b"", _behind_target(head)), 0
    return (head[: length.start(1)], head[length.end(1) :]), int(length[1])


def _behind_target(head: bytes) -> bytes:
    return b" HTTP/1.1" + head[head.find(b"\r\n") :]
