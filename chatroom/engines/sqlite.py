"""The embedded engine: one SQLite file, one writer thread with group commit, one reader thread.

Write-ahead logging lets the reader read while the writer writes. A post is on the disk before it is acknowledged
(`synchronous=FULL`: the log is flushed at each commit), so it survives a killed process and a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from chatroom.engines import database
from chatroom.engines.base import Appended, Deliver, Page, Session
from chatroom.engines.writer import Writer
from chatroom.errors import ClientIdReused, NotSignedIn, StorageRefused, Unavailable
from chatroom.message import Draft, Message
from chatroom.people import Person

T = TypeVar("T")

#: Microseconds since 1970 UTC.
Clock = Callable[[], int]

_PERSON = "SELECT 1 FROM people WHERE id = ?"
_FIND = """
    SELECT room, "offset", author, author_name, body, html, at, client_id FROM messages
    WHERE author = ? AND room = ? AND client_id = ?
"""
_BETWEEN = """
    SELECT room, "offset", author, author_name, body, html, at, client_id FROM messages
    WHERE room = ? AND "offset" > ? AND "offset" < ? ORDER BY "offset" DESC LIMIT ?
"""
_ADVANCE = """
    INSERT INTO rooms (name, head) VALUES (?, 1)
    ON CONFLICT DO UPDATE SET head = head + 1 RETURNING head
"""
_INSERT = """
    INSERT INTO messages (room, "offset", author, author_name, body, html, at, client_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_EXPIRE = """
    DELETE FROM sessions
    WHERE token IN (SELECT token FROM sessions WHERE used_at < ? LIMIT ?) RETURNING person
"""
_END = "DELETE FROM sessions WHERE token = ? RETURNING person"
_FORGET = """
    DELETE FROM people WHERE id = ?
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE person = people.id)
    AND NOT EXISTS (SELECT 1 FROM messages WHERE author = people.id)
"""
#: Sessions ended in one transaction: posts wait for no more than that.
_EXPIRE_LIMIT = 500


class SqliteEngine:
    """Log and people in the file `path`. Raises StorageRefused if it cannot be served; the file is then as it was.

    `write_queue` bounds the requests that wait for the disk. `clock` gives the time of messages and sessions.
    """

    def __init__(self, path: Path, clock: Clock, write_queue: int = 1000) -> None:
        self._clock = clock
        self._deliver: Deliver = _nobody
        self._lock = database.lock(path)
        try:
            self._reader, writing = database.open_pair(path)
        except StorageRefused:
            self._lock.close()
            raise
        (self._epoch,) = self._reader.execute("SELECT epoch FROM life").fetchone()
        self._reading = ThreadPoolExecutor(1, "reader")
        self._writer = Writer(writing, write_queue, self._committed)

    @property
    def epoch(self) -> str:
        """Born with the file."""
        return str(self._epoch)

    @property
    def failing(self) -> bool:
        """True from a write that failed until one that succeeds."""
        return self._writer.failing

    def subscribe(self, deliver: Deliver) -> None:
        """Call `deliver` on the event loop with what is appended from now on."""
        self._deliver = deliver

    async def append(self, draft: Draft) -> Appended:
        """Put a draft into its room's log; on the disk and delivered when this returns."""
        return await self._writer.write(lambda connection: self._append(connection, draft))

    async def tail(self, room: str, limit: int) -> Sequence[Message]:
        """The newest messages of a room, at most `limit`, in log order."""
        return await self._read(lambda it: _between(it, room, 0, sys.maxsize, limit))

    async def between(self, room: str, after: int, before: int, limit: int) -> Page:
        """The newest messages, at most `limit`, with `after` < offset < `before`, in log order."""
        found = await self._read(
            lambda connection: _between(connection, room, after, before, limit + 1)
        )
        return Page(found[-limit:], more=len(found) > limit)

    async def add_session(self, token: bytes, person: Person) -> None:
        """Remember a new person, and that whoever has `token` is that person."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO people VALUES (?, ?)", (person.id, person.name))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (token, person.id, now))

        await self._writer.write(work)

    async def session(self, token: bytes) -> Session | None:
        """The session of `token`, None when there is no such session (any more)."""
        query = "SELECT id, name, used_at FROM people JOIN sessions ON person = id WHERE token = ?"
        row = await self._read(lambda connection: connection.execute(query, (token,)).fetchone())
        return Session(Person(row[0], row[1]), row[2]) if row else None

    async def end_session(self, token: bytes) -> None:
        """Forget the session of `token`, if there is one, and its owner if that leaves nothing behind."""

        def work(connection: sqlite3.Connection) -> None:
            ended = connection.execute(_END, (token,)).fetchall()
            connection.executemany(_FORGET, ended)

        await self._writer.write(work)

    async def touch(self, token: bytes) -> None:
        """Note that the session is in use."""
        await self._execute("UPDATE sessions SET used_at = ? WHERE token = ?", self._clock(), token)

    async def rename(self, person: Person) -> None:
        """Give the person with that id that name, and note that their sessions are in use."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE people SET name = ? WHERE id = ?", (person.name, person.id))
            connection.execute("UPDATE sessions SET used_at = ? WHERE person = ?", (now, person.id))

        await self._writer.write(work)

    async def expire(self, before: int) -> None:
        """Forget the sessions that were last in use before that time, and people who leave nothing behind."""

        def work(connection: sqlite3.Connection) -> int:
            ended = connection.execute(_EXPIRE, (before, _EXPIRE_LIMIT)).fetchall()
            connection.executemany(_FORGET, ended)
            return len(ended)

        while await self._writer.write(work) == _EXPIRE_LIMIT:
            pass

    async def close(self) -> None:
        """Write what is waiting, then close the file and give up its lock."""
        await self._writer.close()
        self._reading.shutdown()
        self._reader.close()
        self._lock.close()

    def _append(self, connection: sqlite3.Connection, draft: Draft) -> Appended:
        if earlier := _find(connection, draft):
            if earlier.body != draft.body:
                raise ClientIdReused("client_id")
            return Appended(earlier, repeated=True)
        if not connection.execute(_PERSON, (draft.author.id,)).fetchone():
            raise NotSignedIn  # before anything is written: this must not fail others
        return Appended(_insert(connection, draft, self._clock()), repeated=False)

    def _committed(self, results: Iterable[object]) -> None:
        new = [it.message for it in results if isinstance(it, Appended) and not it.repeated]
        if new:
            self._deliver(new)

    async def _execute(self, statement: str, *values: object) -> None:
        await self._writer.write(lambda connection: connection.execute(statement, values))

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._reading, query, self._reader
            )
        except sqlite3.Error as error:
            raise Unavailable from error


def _nobody(messages: Iterable[Message]) -> None:
    """Nobody has subscribed yet."""


def _find(connection: sqlite3.Connection, draft: Draft) -> Message | None:
    if draft.client_id is None:
        return None
    row = connection.execute(_FIND, (draft.author.id, draft.room, draft.client_id)).fetchone()
    return _message(row) if row else None


def _insert(connection: sqlite3.Connection, draft: Draft, at: int) -> Message:
    (offset,) = connection.execute(_ADVANCE, (draft.room,)).fetchone()
    author = draft.author
    row = (
        draft.room,
        offset,
        author.id,
        author.name,
        draft.body,
        draft.html,
        at,
        draft.client_id,
    )
    connection.execute(_INSERT, row)
    return _message(row)


def _between(
    connection: sqlite3.Connection, room: str, after: int, before: int, limit: int
) -> list[Message]:
    rows = connection.execute(_BETWEEN, (room, after, before, limit)).fetchall()
    return [_message(row) for row in reversed(rows)]


def _message(row: tuple[str, int, str, str, str, str, int, str | None]) -> Message:
    room, offset, author, author_name, body, html, at, client_id = row
    return Message(
        room=room,
        offset=offset,
        author=Person(author, author_name),
        body=body,
        html=html,
        at=at,
        client_id=client_id,
    )
