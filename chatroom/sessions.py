"""Who is asking: a token that its owner holds, kept here only as a hash.

A browser has it in a cookie, a program in `Authorization: Bearer`. Tokens are 256 random bits, so a plain SHA-256 is
enough to make a stolen file useless, and looking one up by its hash leaks nothing by its time.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from chatroom.engines.people import Listed, People, Session
from chatroom.errors import NameTaken, NotFound, Unavailable
from chatroom.lookalikes import name_key
from chatroom.people import Person, Visitor

_DAY = 86_400 * 1_000_000  # microseconds
#: Bytes in the id of a person.
_ID_BYTES = 8

_log = logging.getLogger(__name__)


class Known:
    """A session in memory. Until `until` (microseconds since 1970 UTC) it may be taken at its word.

    Then its use has to be noted, or it has ended: ask `Sessions` again. Ending it sets `until` to 0. `key` is the hash
    of its token, `look` the key of its owner's name; from `address` it was used last, "" if that is not known, which is
    kept nowhere else and told to nobody.
    """

    __slots__ = ("account", "address", "administrator", "key", "look", "person", "until", "used_at")

    def __init__(self, key: bytes, session: Session, until: int) -> None:
        self.key = key
        self.person, self.used_at, self.administrator, self.account = session
        self.look = name_key(self.person.name)
        self.until = until
        self.address = ""

    def at(self, address: str) -> Visitor:
        """Its owner, who comes from there now."""
        self.address = address
        return Visitor(self.person, address, self.administrator)


class _Reads:
    """How many readings of one session are under way, and how often it has changed meanwhile."""

    __slots__ = ("changes", "under_way")

    def __init__(self) -> None:
        self.under_way = self.changes = 0


class Sessions:
    """Sessions of `people`, the `limit` last used ones also in memory. `clock` gives microseconds since 1970 UTC.

    A session ends when it was not used for `days`; that it is in use is noted once a day, or twice in a shorter life.
    `watchers` are called with the keys of sessions that have ended, or whose owners may do other things now: what is
    held for them has to be decided anew.
    """

    def __init__(self, people: People, clock: Callable[[], int], limit: int, days: int) -> None:
        self.days = days
        self._life = days * _DAY
        self._noted_every = min(_DAY, self._life // 2)
        self._people = people
        self.clock = clock
        self._limit = limit
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._reads: dict[bytes, _Reads] = {}
        #: While sessions are being read: the last change of a person, by id, and of a name, by its look.
        self._last_changes: dict[str, int] = {}
        self._changes = 0
        self.watchers: set[Callable[[frozenset[bytes]], None]] = set()

    async def open(self, name: str) -> tuple[str, Person]:
        """A new person and the token of their session, which is not kept. Raises NameTaken."""
        person = Person(secrets.token_hex(_ID_BYTES), name)
        return await self.open_for(person), person

    async def open_guest(self) -> tuple[str, Person]:
        """A new person with a name that nobody has chosen, and the token of their session."""
        while True:
            try:
                return await self.open(guest_name())
            except NameTaken:
                continue

    async def open_for(self, person: Person, name: str | None = None) -> str:
        """The token of one more session of `person`, which is not kept; `name` is that of a program's token."""
        token, key = new_token()
        await self._people.add_session(key, person, name_key(person.name), name)
        return token

    async def person(self, token: str) -> Person | None:
        """Whose session `token` is, None when there is none (any more)."""
        known = await self.known(token)
        return None if known is None else known.person

    async def known(self, token: str) -> Known | None:
        """The session of `token`, None when there is none (any more)."""
        key = key_of(token)
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
            if not self._reads:
                self._last_changes.clear()

    async def rename(self, token: str, name: str) -> Person | None:
        """Give the owner of `token` another name; None when there is no such session. Raises NameTaken."""
        known = await self.known(token)
        if known is None:
            return None
        person, look = Person(known.person.id, name), name_key(name)
        await self._people.rename(person, look)
        if known.account:
            self.claimed(look)
        for key in self._changed_of(person.id):
            self._known[key].person = person  # a poll that is held for it says who that is
            self._changed(key)
        self._changed(key_of(token))
        return await self.person(token)

    async def end(self, token: str) -> bool:
        """End the session of `token` at once, also where a poll is held for it. False: there is no such session."""
        if await self.known(token) is None:
            return False
        key = key_of(token)
        await self._people.end_session(key)
        self.ended([key])
        return True

    async def revoke(self, person: str, id_: str) -> None:
        """End the session that its owner `person` knows by `id_`. Raises NotFound."""
        found = await self._people.session_called(person, id_)
        if found is None:
            raise NotFound("id")
        await self._people.end_session(found)
        self.ended([found])

    async def listed(self, person: str) -> Sequence[Listed]:
        """The sessions of `person`, as `People.sessions` lists them."""
        return await self._people.sessions(person)

    def address_of(self, person: str) -> str:
        """From where `person` came last, "" if that is not known."""
        for known in reversed(self._known.values()):
            if known.person.id == person and known.address:
                return known.address
        return ""

    def ended(self, keys: Iterable[bytes]) -> None:
        """Those sessions are no more: end what is held for them."""
        told = frozenset(keys)
        for key in told:
            self._changed(key)
        for watcher in list(self.watchers) if told else ():
            watcher(told)

    def claimed(self, look: str) -> None:
        """A name with that key has an owner: guests who bear one are given another when they are seen next."""
        self._note_change(look)
        for key in [key for key, it in self._known.items() if it.look == look and not it.account]:
            self._changed(key)

    def refresh(self, person: str) -> None:
        """`person` may do other things now: decide anew what is held for them."""
        self.ended(self._changed_of(person))

    async def expire(self) -> None:
        """End the sessions that were not used for `days`."""
        for key in list(self._known):
            self._forget(key)
        await self._people.expire(self.clock() - self._life)

    async def _read(self, key: bytes, reads: _Reads) -> Known | None:
        """What the engine says, read again as long as it changes meanwhile: what is old must not be remembered."""
        while True:
            changes, start = reads.changes, self._changes
            session = await self._people.session(key)
            if session is None or self.clock() - session.used_at > self._life:
                self._forget(key)
                return None
            if not session.account and await self._lost(session.person):
                continue
            used_at = await self._touched(key, session.used_at)
            known = Known(key, session._replace(used_at=used_at), used_at + self._noted_every)
            last = max(self._last_changes.get(it, 0) for it in (known.person.id, known.look))
            if changes == reads.changes and last <= start:
                return self._remember(known)

    async def _lost(self, guest: Person) -> bool:
        """Whether somebody has claimed the name of `guest`, who then has another. A full disk leaves them theirs."""
        if await self._people.account(name_key(guest.name)) is None:
            return False
        name = guest_name()
        try:
            await self._people.rename(Person(guest.id, name), name_key(name))
        except NameTaken:
            return True  # to be tried again
        except Unavailable:
            _log.warning("a guest bears a claimed name: another one could not be noted")
            return False
        return True

    def _changed_of(self, person: str) -> list[bytes]:
        """The sessions of `person` that are in memory. What is being read of theirs is old."""
        self._note_change(person)
        return [key for key, known in self._known.items() if known.person.id == person]

    def _note_change(self, whose: str) -> None:
        """What is being read of that person, or of guests whose names look like that, is old."""
        if self._reads:
            self._changes += 1
            self._last_changes[whose] = self._changes

    def _changed(self, key: bytes) -> None:
        """A session has been renamed or ended: what is known of it is old."""
        self._forget(key)
        if key in self._reads:
            self._reads[key].changes += 1

    async def _touched(self, key: bytes, used_at: int) -> int:
        """When the session was used last, noted if that was a day ago. A full disk ends nobody's session."""
        now = self.clock()
        if now - used_at < self._noted_every:
            return used_at
        try:
            await self._people.touch(key)
        except Unavailable:
            _log.warning("the use of a session could not be noted")
            return used_at
        return now

    def _remember(self, known: Known) -> Known:
        before = self._known.get(known.key)
        known.address = before.address if before else ""
        self._forget(known.key)
        self._known[known.key] = known
        if len(self._known) > self._limit:
            self._forget(next(iter(self._known)))
        return known

    def _forget(self, key: bytes) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            known.until = 0


def new_token() -> tuple[str, bytes]:
    """256 random bits for their owner, and the key under which the session is kept."""
    token = secrets.token_urlsafe(32)
    return token, key_of(token)


def guest_name() -> str:
    """A name for somebody who has not chosen one."""
    return f"guest-{secrets.randbelow(9000) + 1000}"


def key_of(token: str) -> bytes:
    """The key of the session of `token`: its hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
