"""Accounts in the SQLite file: claimed names, their passwords and tokens, and who may do what with them.

Whether a session may be had is decided in the transaction that makes it: in between, its owner may have been barred,
deleted, or may have changed the password. What is refused is refused before anything is written.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Sequence

from chatroom.engines import acting
from chatroom.engines.people import Account, Renewal
from chatroom.engines.store import Store
from chatroom.errors import (
    AccountExists,
    NameTaken,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PasswordWrong,
    SignInFailed,
    TooManyTokens,
)
from chatroom.people import Person

#: Forget somebody who leaves nothing behind.
FORGET = """
    DELETE FROM people WHERE id = ? AND password IS NULL AND NOT barred
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE person = people.id)
    AND NOT EXISTS (SELECT 1 FROM messages WHERE author = people.id)
    AND NOT EXISTS (SELECT 1 FROM members WHERE person = people.id)
"""
END = "DELETE FROM sessions WHERE token = ? RETURNING person"
ADD_SESSION = """
    INSERT INTO sessions (token, person, used_at, id, name, created_at) VALUES (?, ?, ?, ?, ?, ?)
"""
_TAKEN = 'SELECT 1 FROM people WHERE "key" = ? AND id <> ?'
_END_ALL = "DELETE FROM sessions WHERE person = ? AND token IS NOT ? RETURNING token"
_RENEW = "UPDATE sessions SET token = ?, used_at = ? WHERE token = ? RETURNING 1"
_OWNER = "SELECT person FROM sessions WHERE token = ?"
_TOKENS = "SELECT count(*) FROM sessions WHERE person = ? AND name IS NOT NULL"
_PERSON = "SELECT password FROM people WHERE id = ?"
_CURRENT = "SELECT 1 FROM people WHERE id = ? AND password = ? AND NOT barred"
_CLAIM = 'UPDATE people SET name = ?, "key" = ?, password = ? WHERE id = ?'
_ACCOUNT = """
    SELECT id, name, password, administrator, barred FROM people
    WHERE "key" = ? AND password IS NOT NULL
"""
_REPLACE = "UPDATE people SET password = ? WHERE id = ? AND password = ?"
_APPOINT = """
    UPDATE people SET administrator = ?
    WHERE id = ? AND password IS NOT NULL AND NOT barred RETURNING 1
"""
_OFFICE = "SELECT administrator FROM people WHERE id = ? AND id <> ?"

#: Bytes in the id by which its owner names a session.
_ID_BYTES = 8


class SqliteAccounts:
    """The accounts in `store`; `clock` gives microseconds since 1970 UTC."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def sign_in(self, token: bytes, account: Account, instead: bytes | None = None) -> None:
        """Remember that whoever has `token` is the owner of `account`, and forget the session `instead`."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            id_ = account.person.id
            if not connection.execute(_CURRENT, (id_, account.password)).fetchone():
                raise SignInFailed
            if instead is not None:
                connection.executemany(FORGET, connection.execute(END, (instead,)).fetchall())
            connection.execute(ADD_SESSION, (token, id_, now, new_id(), None, now))

        await self._store.write(work)

    async def add_token(self, token: bytes, session: bytes, name: str, limit: int) -> str:
        """Remember a program's token of the owner of `session`; returns the id by which they name it."""
        now, id_ = self._clock(), new_id()

        def work(connection: sqlite3.Connection) -> None:
            owner = connection.execute(_OWNER, (session,)).fetchone()
            if owner is None:
                raise NotSignedIn
            if connection.execute(_TOKENS, owner).fetchone()[0] >= limit:
                raise TooManyTokens(limit=limit)
            connection.execute(ADD_SESSION, (token, *owner, now, id_, name, now))

        await self._store.write(work)
        return id_

    async def claim(
        self, person: Person, key: str, password: str, renewal: Renewal | None = None
    ) -> None:
        """Make a guest's name theirs for good: nobody else may bear it or one with that key."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute(_PERSON, (person.id,)).fetchone()
            if row is None:
                raise NotSignedIn
            if row[0] is not None:
                raise AccountExists
            let_have(connection, person, key)
            if renewal is not None:
                _renew(connection, renewal, now)
            connection.execute(_CLAIM, (person.name, key, password, person.id))

        await self._store.write(work)

    async def account(self, key: str) -> Account | None:
        """The account whose name has that key."""
        row = await self._store.read(lambda it: it.execute(_ACCOUNT, (key,)).fetchone())
        if row is None:
            return None
        id_, name, password, administrator, barred = row
        return Account(Person(id_, name), password, bool(administrator), bool(barred))

    async def rehash(self, account: Account, password: str) -> None:
        """Keep another hash of the same password, unless it has been changed meanwhile."""
        await self._store.execute(_REPLACE, password, account.person.id, account.password)

    async def set_password(
        self, account: Account, password: str, renewal: Renewal
    ) -> Sequence[bytes]:
        """Keep the hash of another password, and of all their sessions only the one that is renewed."""
        id_, now = account.person.id, self._clock()

        def work(connection: sqlite3.Connection) -> Sequence[bytes]:
            if not connection.execute(_CURRENT, (id_, account.password)).fetchone():
                raise PasswordWrong("old")
            _renew(connection, renewal, now)
            connection.execute(_REPLACE, (password, id_, account.password))
            return [renewal.old, *end_all(connection, id_, renewal.new)]

        return await self._store.write(work)

    async def has_administrator(self) -> bool:
        """Whether there is one."""
        query = "SELECT EXISTS (SELECT 1 FROM people WHERE administrator)"
        return bool(await self._store.read(lambda it: it.execute(query).fetchone()[0]))

    async def appoint(self, person: str, *, administrator: bool) -> None:
        """Make an account an administrator, or none any more."""

        def work(connection: sqlite3.Connection) -> None:
            if not connection.execute(_APPOINT, (administrator, person)).fetchall():
                raise NotFound("person")

        await self._store.write(work)

    async def bar(self, person: str, *, barred: bool) -> Sequence[bytes]:
        """Keep somebody out of the whole chat, or no longer; returns the tokens of the sessions that this has ended."""

        def work(connection: sqlite3.Connection) -> Sequence[bytes]:
            row = connection.execute(_OFFICE, (person, acting.HOUSE.id)).fetchone()
            if row is None:
                raise NotFound("person")
            if row[0]:
                raise NotAllowed("person")
            connection.execute("UPDATE people SET barred = ? WHERE id = ?", (barred, person))
            return end_all(connection, person, None) if barred else ()

        return await self._store.write(work)


def let_have(connection: sqlite3.Connection, person: Person, key: str) -> None:
    """Return if `person` may bear a name with that key. Raises NameTaken."""
    if connection.execute(_TAKEN, (key, person.id)).fetchone():
        raise NameTaken("name")


def end_all(connection: sqlite3.Connection, person: str, but: bytes | None) -> Sequence[bytes]:
    """Forget all sessions of somebody but one; returns their tokens."""
    return [token for (token,) in connection.execute(_END_ALL, (person, but)).fetchall()]


def new_id() -> str:
    """By which its owner will name a session."""
    return secrets.token_hex(_ID_BYTES)


def _renew(connection: sqlite3.Connection, renewal: Renewal, now: int) -> None:
    """Let the session have its new token. Raises NotSignedIn if it is no more."""
    if not connection.execute(_RENEW, (renewal.new, now, renewal.old)).fetchall():
        raise NotSignedIn
