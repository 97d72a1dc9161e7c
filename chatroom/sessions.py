"""Who is asking: a token that its owner holds, kept here only as a hash.

A browser has it in a cookie, a program in `Authorization: Bearer`. Tokens are 256 random bits, so a plain SHA-256 is
enough to make a stolen file useless, and looking one up by its hash leaks nothing by its time.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable

from chatroom.engines.base import Engine, Session
from chatroom.errors import Unavailable
from chatroom.people import Person

_DAY = 86_400 * 1_000_000  # microseconds
#: Bytes in the id of a person.
_ID_BYTES = 8

_log = logging.getLogger(__name__)


class Known:
    """A session in memory. Until `until` (microseconds since 1970 UTC) it may be taken at its word.

    Then its use has to be noted, or it has ended: ask `Sessions` again. Ending it sets `until` to 0. `key` is the hash
    of its token.
    """

    __slots__ = ("key", "person", "until", "used_at")

    def __init__(self, key: bytes, person: Person, used_at: int, until: int) -> None:
        self.key = key
        self.person = person
        self.used_at = used_at
        self.until = until


class _Reads:
    """How many readings of one session are under way, and how often it has changed meanwhile."""

    __slots__ = ("changes", "under_way")

    def __init__(self) -> None:
        self.under_way = self.changes = 0


class Sessions:
    """Sessions in `engine`, the `limit` last used ones also in memory. `clock` gives microseconds since 1970 UTC.

    A session ends when it was not used for `days`; that it is in use is noted once a day, or twice in a shorter life.
    `watchers` are called with the key of a session that its owner has ended: whatever is held for it has to be decided
    anew.
    """

    def __init__(self, engine: Engine, clock: Callable[[], int], limit: int, days: int) -> None:
        self.days = days
        self._life = days * _DAY
        self._noted_every = min(_DAY, self._life // 2)
        self._engine = engine
        self.clock = clock
        self._limit = limit
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._reads: dict[bytes, _Reads] = {}
        self.watchers: set[Callable[[bytes], None]] = set()

    async def open(self, name: str) -> tuple[str, Person]:
        """A new person and the token of their session, which is not kept."""
        token = secrets.token_urlsafe(32)
        person = Person(secrets.token_hex(_ID_BYTES), name)
        await self._engine.add_session(_hash(token), person)
        return token, person

    async def person(self, token: str) -> Person | None:
        """Whose session `token` is, None when there is none (any more)."""
        known = await self.known(token)
        return None if known is None else known.person

    async def known(self, token: str) -> Known | None:
        """The session of `token`, None when there is none (any more)."""
        key = _hash(token)
        known = self._known.get(key)
        if known is not None and self.clock() < known.until:
            self._known.move_to_end(key)
            return known
        reads = self._reads.setdefault(key, _Reads())
        reads.under_way += 1
        try:
            return await self._read(key, reads)
        finally:
            reads.under_way -= 1
            if not reads.under_way:
                del self._reads[key]

    async def rename(self, token: str, name: str) -> Person | None:
        """Give the owner of `token` another name; None when there is no such session."""
        person = await self.person(token)
        if person is None:
            return None
        await self._engine.rename(Person(person.id, name))
        self._changed(_hash(token))
        return await self.person(token)

    async def end(self, token: str) -> bool:
        """End the session of `token` at once, also where a poll is held for it. False: there is no such session."""
        if await self.known(token) is None:
            return False
        key = _hash(token)
        await self._engine.end_session(key)
        self._changed(key)
        for watcher in list(self.watchers):
            watcher(key)
        return True

    async def expire(self) -> None:
        """End the sessions that were not used for `days`."""
        for key in list(self._known):
            self._forget(key)
        await self._engine.expire(self.clock() - self._life)

    async def _read(self, key: bytes, reads: _Reads) -> Known | None:
        """What the engine says, read again as long as it changes meanwhile: what is old must not be remembered."""
        while True:
            changes = reads.changes
            session = self._known.get(key) or await self._engine.session(key)
            if session is None or self.clock() - session.used_at > self._life:
                self._forget(key)
                return None
            used_at = await self._touched(key, session)
            if changes == reads.changes:
                return self._remember(key, session.person, used_at)

    def _changed(self, key: bytes) -> None:
        """A session has been renamed or ended: what is known of it is old."""
        self._forget(key)
        if key in self._reads:
            self._reads[key].changes += 1

    async def _touched(self, key: bytes, session: Session | Known) -> int:
        """When the session was used last, noted if that was a day ago. A full disk ends nobody's session."""
        now = self.clock()
        if now - session.used_at < self._noted_every:
            return session.used_at
        try:
            await self._engine.touch(key)
        except Unavailable:
            _log.warning("the use of a session could not be noted")
            return session.used_at
        return now

    def _remember(self, key: bytes, person: Person, used_at: int) -> Known:
        self._forget(key)
        known = self._known[key] = Known(key, person, used_at, used_at + self._noted_every)
        if len(self._known) > self._limit:
            self._forget(next(iter(self._known)))
        return known

    def _forget(self, key: bytes) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            known.until = 0


def guest_name() -> str:
    """A name for somebody who has not chosen one."""
    return f"guest-{secrets.randbelow(9000) + 1000}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
