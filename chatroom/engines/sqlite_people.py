"""Who there is, in the SQLite file: people, their sessions, and where they stand in rooms."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from chatroom.deed import Access, Act, Erasure, Membership
from chatroom.engines import acting, texts
from chatroom.engines.acting import Acted
from chatroom.engines.people import (
    IGNORED_LIMIT,
    LISTED_LIMIT,
    READINGS_LIMIT,
    UNREAD_LIMIT,
    UNREAD_SCAN,
    Listed,
    Reading,
    Session,
)
from chatroom.engines.rows import decode_order, encode
from chatroom.engines.sqlite_accounts import (
    ADD_SESSION,
    END,
    FORGET,
    SqliteAccounts,
    end_all,
    let_have,
    new_id,
)
from chatroom.engines.store import Store
from chatroom.engines.turns import Turns
from chatroom.errors import NotFound, TooManyIgnored
from chatroom.founding import unwritten
from chatroom.mention import heard_as
from chatroom.order import Order
from chatroom.people import Person

_EXPIRE = """
    DELETE FROM sessions
    WHERE token IN (SELECT token FROM sessions WHERE used_at < ? LIMIT ?) RETURNING person
"""
_SESSION = """
    INSERT INTO sessions (token, person, used_at, id, name, created_at) VALUES (?, ?, ?, ?, ?, ?)
"""
_SESSION = """
    SELECT people.id, people.name, used_at, administrator, password IS NOT NULL
    FROM people JOIN sessions ON person = people.id WHERE token = ?
"""
_SESSIONS = """
    SELECT * FROM (
        SELECT id, name, created_at, used_at, token FROM sessions
        WHERE person = ?1 AND name IS NULL ORDER BY used_at DESC LIMIT ?2
    )
    UNION ALL
    SELECT id, name, created_at, used_at, token FROM sessions WHERE person = ?1 AND name IS NOT NULL
    ORDER BY used_at DESC
"""
_CALLED = "SELECT token FROM sessions WHERE person = ? AND id = ?"
_RENAME = """
    UPDATE people SET name = ?, "key" = CASE WHEN password IS NULL THEN NULL ELSE ? END WHERE id = ?
"""
_EMPTY = """
    UPDATE people SET name = '', "key" = NULL, password = NULL, administrator = 0 WHERE id = ?
"""
_UNREAD_ALL = "DELETE FROM positions WHERE person = ?"
_UNIGNORE = "DELETE FROM ignored WHERE person = ?1 OR target = ?1"
_READ = """
    INSERT INTO positions (person, room, "read")
    SELECT id, rooms.name, min(?, head) FROM people, rooms WHERE id = ? AND rooms.name = ?
    ON CONFLICT DO UPDATE SET "read" = excluded."read" WHERE "read" < excluded."read" RETURNING 1
"""
ROOMS = """
    SELECT name, "read", newest.head, "order" FROM (
        SELECT mine.room, max("read") AS "read", head, at FROM (
            SELECT room, 0 AS "read" FROM members WHERE person = ?1
            UNION ALL SELECT room, "read" FROM positions WHERE person = ?1
        ) AS mine
        JOIN rooms ON rooms.name = mine.room
        LEFT JOIN messages ON messages.room = mine.room AND "offset" = head
        GROUP BY mine.room ORDER BY at DESC LIMIT ?2
    ) AS newest
    JOIN rooms ON rooms.name = newest.room ORDER BY at DESC
"""
_HEARD = "author <> ?1 AND author NOT IN (SELECT target FROM ignored WHERE person = ?1)"
_UNREAD = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM messages
        WHERE room = ?2 AND "offset" > ?3 AND kind = 'message' AND body <> '' AND {_HEARD} LIMIT ?4
    )
"""  # noqa: S608 - no value in it
_MENTIONED = f"""
    SELECT count(*) FROM mentions INDEXED BY mentions_handle JOIN messages USING (room, "offset")
    WHERE room = ?2 AND "offset" > ?3 AND handle = ?4 AND {_HEARD}
"""  # noqa: S608 - no value in it
_MENTIONED_BEFORE_MORE = f"""
    SELECT count(DISTINCT "offset") FROM (
        SELECT room, "offset", handle FROM mentions
        WHERE room = ?2 AND "offset" > ?3 ORDER BY "offset" DESC LIMIT ?6
    ) JOIN messages USING (room, "offset") WHERE handle BETWEEN ?4 AND ?5 AND {_HEARD}
"""  # noqa: S608 - no value in it
_NAMES = "SELECT id, name FROM people WHERE id IN (SELECT value FROM json_each(?))"
_IGNORE = "INSERT OR IGNORE INTO ignored SELECT id, ? FROM people WHERE id = ?"

#: Sessions ended in one transaction: posts wait for no more than that.
_EXPIRE_LIMIT = 500
#: Mentions in one room that are looked at for a name behind which the sentence may go on: no index finds it.
_MENTIONS_SCAN = 2000
#: Members of a private room that are named where somebody's rooms are listed.
_MEMBERS_NAMED = 5


class SqlitePeople(SqliteAccounts):
    """Who there is, in `store`; `clock` gives microseconds since 1970 UTC."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        super().__init__(store, clock)
        self._turns: Turns[tuple[str, str], Sequence[Reading]] = Turns()

    async def add_session(
        self, token: bytes, person: Person, key: str, name: str | None = None
    ) -> None:
        """Remember that whoever has `token` is `person`, who may be new; `name` is that of a program's token."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            let_have(connection, person, key)
            new = "INSERT OR IGNORE INTO people (id, name) VALUES (?, ?)"
            connection.execute(new, (person.id, person.name))
            connection.execute(ADD_SESSION, (token, person.id, now, new_id(), name, now))

        await self._store.write(work)

    async def session(self, token: bytes) -> Session | None:
        """The session of `token`, None when there is no such session (any more)."""
        row = await self._store.read(lambda it: it.execute(_SESSION, (token,)).fetchone())
        if row is None:
            return None
        id_, name, used_at, administrator, account = row
        return Session(Person(id_, name), used_at, bool(administrator), bool(account))

    async def sessions(self, person: str) -> Sequence[Listed]:
        """The sessions of somebody, those used last first: all for programs, and LISTED_LIMIT others."""
        asked = (person, LISTED_LIMIT)
        rows = await self._store.read(lambda it: it.execute(_SESSIONS, asked).fetchall())
        return [Listed(*row) for row in rows]

    async def session_called(self, person: str, id_: str) -> bytes | None:
        """The token of that session of somebody, None if none of theirs has that id."""
        row = await self._store.read(lambda it: it.execute(_CALLED, (person, id_)).fetchone())
        return row[0] if row else None

    async def end_session(self, token: bytes) -> None:
        """Forget the session of `token`, if there is one, and its owner if that leaves nothing behind."""

        def work(connection: sqlite3.Connection) -> None:
            ended = connection.execute(END, (token,)).fetchall()
            connection.executemany(FORGET, ended)

        await self._store.write(work)

    async def end_sessions(self, person: str, but: bytes | None = None) -> Sequence[bytes]:
        """Forget all sessions of somebody but one; returns their tokens."""
        return await self._store.write(lambda it: end_all(it, person, but))

    async def touch(self, token: bytes) -> None:
        """Note that the session is in use."""
        statement = "UPDATE sessions SET used_at = ? WHERE token = ?"
        await self._store.execute(statement, self._clock(), token)

    async def expire(self, before: int) -> None:
        """Forget the sessions that were last in use before that time, and people who leave nothing behind."""

        def work(connection: sqlite3.Connection) -> int:
            ended = connection.execute(_EXPIRE, (before, _EXPIRE_LIMIT)).fetchall()
            connection.executemany(FORGET, ended)
            return len(ended)

        while await self._store.write(work) == _EXPIRE_LIMIT:
            pass

    async def person(self, id_: str) -> Person | None:
        """Who that is, None if they are no more."""
        query = "SELECT id, name FROM people WHERE id = ? AND name <> ''"
        row = await self._store.read(lambda it: it.execute(query, (id_,)).fetchone())
        return Person(*row) if row else None

    async def rename(self, person: Person, key: str) -> None:
        """Give the person with that id that name, and note that their sessions are in use."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            let_have(connection, person, key)
            connection.execute(_RENAME, (person.name, key, person.id))
            connection.execute("UPDATE sessions SET used_at = ? WHERE person = ?", (now, person.id))

        await self._store.write(work)

    async def forget(self, person: Person, *, erase: bool) -> Sequence[bytes]:
        """Delete somebody and their roles; `erase`: also the texts of all their messages."""

        def work(connection: sqlite3.Connection) -> Sequence[bytes] | None:
            if _rooms_of(connection, person, spoken=erase):
                return None  # they have come in or said something in the last moment
            ended = end_all(connection, person.id, None)
            for statement in (_EMPTY, _UNREAD_ALL, _UNIGNORE, FORGET):
                connection.execute(statement, (person.id,))
            return ended

        while True:
            for room in await self._store.read(lambda it: _rooms_of(it, person, spoken=erase)):
                leave = partial(self._leave, room=room, person=person, erase=erase)
                while await self._store.write(leave) is None:
                    pass
            if (ended := await self._store.write(work)) is not None:
                return ended

    async def ignore(self, person: str, target: str, *, ignored: bool) -> None:
        """Note that somebody does not want to hear somebody else, or does again. Raises NotFound."""

        def work(connection: sqlite3.Connection) -> None:
            if not connection.execute("SELECT 1 FROM people WHERE id = ?", (target,)).fetchone():
                raise NotFound("person")
            many = "SELECT count(*) FROM ignored WHERE person = ? AND target <> ?"
            (others,) = connection.execute(many, (person, target)).fetchone()
            if ignored and others >= IGNORED_LIMIT:
                raise TooManyIgnored(limit=IGNORED_LIMIT)
            remove = "DELETE FROM ignored WHERE target = ? AND person = ?"
            connection.execute(_IGNORE if ignored else remove, (target, person))

        await self._store.write(work)

    async def ignored(self, person: str) -> Sequence[Person]:
        """Whom somebody does not want to hear."""
        query = "SELECT id, name FROM people JOIN ignored ON target = id WHERE person = ?"
        rows = await self._store.read(lambda it: it.execute(query, (person,)).fetchall())
        return [Person(*row) for row in rows]

    async def read(self, person: str, room: str, offset: int) -> bool:
        """Note up to where somebody has read a room. False if they had read further already."""
        row = await self._store.write(
            lambda it: it.execute(_READ, (offset, person, room)).fetchall()
        )
        return bool(row)

    async def readings(self, person: Person, handle: str) -> Sequence[Reading]:
        """The rooms that somebody has read in or is a member of."""

        def query(connection: sqlite3.Connection) -> Sequence[Reading]:
            rooms = connection.execute(ROOMS, (person.id, READINGS_LIMIT)).fetchall()
            return [_reading(connection, person, handle, row) for row in rooms]

        return await self._turns.ask((person.id, handle), lambda: self._store.read(query))

    def _leave(
        self, connection: sqlite3.Connection, *, room: str, person: Person, erase: bool
    ) -> Acted | None:
        """Let `person` have neither role nor, if they are to be erased, text in the room; None as in `acting.act`."""
        if erase and texts.erase_first(connection, room, person.id):
            return None
        acts: list[Act] = []
        order = acting.standing(connection, room).order
        if person.id in order.roles:
            deed = Membership(person, None)
            acts.append(acting.write(connection, room, order, deed, acting.HOUSE, self._clock()))
            order = order.after(acts[-1])
        if erase and texts.erase(connection, room, person.id):
            gone = Erasure(person.id)
            acts.append(acting.write(connection, room, order, gone, acting.HOUSE, self._clock()))
        return Acted(acts)


def _rooms_of(connection: sqlite3.Connection, person: Person, *, spoken: bool) -> Sequence[str]:
    """Where somebody has a role, and, if asked for, where a text of theirs is."""
    query = "SELECT room FROM members WHERE person = ?1"
    if spoken:
        query += (
            " UNION SELECT room FROM messages WHERE author = ?1 AND kind = 'message' AND body <> ''"
        )
    return [room for (room,) in connection.execute(query, (person.id,)).fetchall()]


def _reading(
    connection: sqlite3.Connection, person: Person, handle: str, row: tuple[str, int, int, str]
) -> Reading:
    """Where `person` stands in the room of that row."""
    room, read, head, text = row
    order = decode_order(text) if text else unwritten(room)
    named = _named(connection, order)
    if read >= head:
        return Reading(room, order, named, head, read, 0, 0)
    behind = (person.id, room, max(read, head - UNREAD_SCAN))
    (unread,) = connection.execute(_UNREAD, (*behind, UNREAD_LIMIT)).fetchone()
    mentioned = 0
    if unread and handle:
        mentioned = _mentioned(connection, behind, handle)
    return Reading(room, order, named, head, read, unread, min(mentioned, UNREAD_LIMIT))


def _mentioned(connection: sqlite3.Connection, behind: tuple[str, str, int], handle: str) -> int:
    """How many messages speak to who has that handle; `behind`: who it is, in which room, behind which offset."""
    first, last = heard_as(handle)
    alone = first == last
    statement = _MENTIONED if alone else _MENTIONED_BEFORE_MORE
    values = (first,) if alone else (first, last, _MENTIONS_SCAN)
    (count,) = connection.execute(statement, (*behind, *values)).fetchone()
    return int(count)


def _named(connection: sqlite3.Connection, order: Order) -> Sequence[Person]:
    """The first members of a private room."""
    if order.access != Access.PRIVATE:
        return ()
    ids = list(islice(order.roles, _MEMBERS_NAMED))
    names = dict(connection.execute(_NAMES, (encode(ids).decode(),)).fetchall())
    return [Person(id_, names[id_]) for id_ in ids if id_ in names]
