"""The files of messages, in the SQLite file: in small rows, written and deleted in small transactions.

Posts wait behind one chunk or two and never behind a file, whether it comes or goes. SQLite overwrites what it deletes
(`secure_delete`); whatever is still in the write-ahead log goes when that is emptied.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from chatroom.engines.files import CHUNK, FILE_WAITS, Allowance, Kept, Part
from chatroom.engines.store import Store
from chatroom.engines.writer import GROUP_LIMIT
from chatroom.errors import FilesFull, NotFound, QuotaReached
from chatroom.message import File

#: Chunks in one transaction with others, and chunks deleted in one.
_AT_ONCE = 8
#: Bytes of chance in an id.
_ID_BYTES = 16
#: Bytes of the disk that files leave to messages.
_SPARE = 268_435_456

_OF_PERSON = """
    SELECT (SELECT coalesce(sum(size + thumbnail), 0) FROM files WHERE person = ?1 AND created_at > 0)
    + (SELECT coalesce(sum(size), 0) FROM uploads WHERE person = ?1)
"""
_OF_ALL = """
    SELECT (SELECT coalesce(sum(size + thumbnail), 0) FROM files)
    + (SELECT coalesce(sum(size), 0) FROM uploads)
"""
_PROMISED = "SELECT coalesce(sum(size), 0) FROM uploads"
_BEGIN = "INSERT INTO uploads (id, person, size) VALUES (?, ?, ?)"
_PROMISE = "UPDATE uploads SET size = ? WHERE id = ?"
_COMING = "SELECT person, size FROM uploads WHERE id = ?"
_WRITE = "INSERT INTO chunks (file, part, number, bytes) VALUES (?, ?, ?, ?)"
_END = "DELETE FROM uploads WHERE id = ?"
_KEEP = """
    INSERT INTO files (id, person, room, name, type, size, width, height, created_at, thumbnail)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(sum(length(bytes)), 0)
    FROM chunks WHERE file = ?1 AND part = 2
"""
_FIND = """
    SELECT person, room, "offset", thumbnail, id, name, type, size, width, height
    FROM files WHERE id = ? AND created_at > 0
"""
_READ = "SELECT bytes FROM chunks WHERE file = ? AND part = ? AND number = ?"
_LAST_PART = "SELECT max(part) FROM chunks WHERE file = ? AND part <= ?"
_DELETE = """
    DELETE FROM chunks WHERE rowid IN (
        SELECT rowid FROM chunks WHERE file = ? AND part <= ? LIMIT ?
    )
"""
_COME = "SELECT id FROM uploads"
_LOOSE = 'SELECT id FROM files WHERE "offset" IS NULL AND created_at < ?'
_LET_GO = """
    UPDATE files SET created_at = 0 WHERE id = ? AND "offset" IS NULL AND created_at < ? RETURNING 1
"""
_FORGET = "DELETE FROM files WHERE id = ?"


class SqliteFiles:
    """What belongs to messages, in `store`; `clock` gives microseconds since 1970 UTC."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        #: On their way in just now: others that are not whole were left behind by a process that has ended.
        self._coming: set[str] = set()

    async def begin(self, person: str, size: int, allowance: Allowance) -> str:
        """Let a file of somebody's come in that has at most `size` bytes; returns its id, which nobody can guess."""
        id_ = secrets.token_hex(_ID_BYTES)

        def work(connection: sqlite3.Connection) -> None:
            _let_have(connection, person, size, allowance)
            connection.execute(_BEGIN, (id_, person, size))

        self._coming.add(id_)
        try:
            await self._store.write(work)
        except BaseException:
            self._coming.discard(id_)
            raise
        return id_

    async def promise(self, id_: str, size: int, allowance: Allowance) -> None:
        """What will be kept of a file on its way in has at most `size` bytes, whatever `begin` was told."""

        def work(connection: sqlite3.Connection) -> None:
            person, promised = _let_come(connection, id_)
            if size > promised:
                _let_have(connection, person, size - promised, allowance)
            connection.execute(_PROMISE, (size, id_))

        await self._store.write(work)

    async def write(self, id_: str, part: Part, number: int, chunk: bytes) -> None:
        """Add a chunk, of which there are `number` before."""

        def work(connection: sqlite3.Connection) -> None:
            _let_come(connection, id_)
            connection.execute(_WRITE, (id_, part, number, chunk))

        await self._store.write(work, entries=GROUP_LIMIT // _AT_ONCE)

    async def keep(self, file: File, person: str, room: str) -> None:
        """The file is whole; of a picture nothing stays as it was sent."""
        told = (file.id, person, room, file.name, file.type, file.size, file.width, file.height)

        def work(connection: sqlite3.Connection) -> None:
            _let_come(connection, file.id)
            connection.execute(_END, (file.id,))
            connection.execute(_KEEP, (*told, self._clock()))

        if file.width:
            await self._delete(file.id, Part.SENT)
        await self._store.write(work)
        self._coming.discard(file.id)

    async def drop(self, id_: str) -> None:
        """What was on its way in is not wanted any more. What is whole stays."""
        self._coming.discard(id_)
        work = partial(_drop_some, id_=id_)
        while await self._store.write(work, entries=GROUP_LIMIT):
            pass

    async def find(self, id_: str) -> Kept | None:
        """The file with that id; None if there is none (any more) or not all of it."""
        row = await self._store.read(lambda it: it.execute(_FIND, (id_,)).fetchone())
        if row is None:
            return None
        person, room, offset, thumbnail, *told = row
        return Kept(File(*told), person, room, offset, thumbnail)

    async def read(
        self, id_: str, *, thumbnail: bool = False, start: int = 0
    ) -> AsyncIterator[bytes]:
        """The bytes of a file from `start` on, as they are served, in chunks; they end early if it goes meanwhile."""
        most = Part.THUMBNAIL if thumbnail else Part.PICTURE
        part = await self._store.read(lambda it: it.execute(_LAST_PART, (id_, most)).fetchone()[0])
        number, skipped = divmod(start, CHUNK)
        while row := await self._store.read(partial(_chunk, place=(id_, part, number))):
            yield row[0][skipped:]
            number, skipped = number + 1, 0

    async def sweep(self) -> bool:
        """Let go of the bytes of files that are gone, or were never whole. False if there were none."""
        before = self._clock() - FILE_WAITS
        left = [it for it in await self._ids(_COME) if it not in self._coming]
        loose = await self._ids(_LOOSE, before)
        for id_ in left:
            await self.drop(id_)
        for id_ in loose:
            if await self._store.write(partial(_let_go, place=(id_, before))):
                await self._delete(id_, Part.THUMBNAIL)
                await self._store.execute(_FORGET, id_)
        if left or loose:
            await self._store.flush()
        return bool(left or loose)

    async def _ids(self, statement: str, *values: object) -> list[str]:
        rows = await self._store.read(lambda it: it.execute(statement, values).fetchall())
        return [id_ for (id_,) in rows]

    async def _delete(self, id_: str, upto: Part) -> None:
        """Delete the parts up to that one, some chunks at a time."""
        work = partial(_delete_some, place=(id_, upto))
        while await self._store.write(work, entries=GROUP_LIMIT) == _AT_ONCE:
            pass


def _sum(connection: sqlite3.Connection, statement: str, *values: object) -> int:
    total: int = connection.execute(statement, values).fetchone()[0]
    return total


def _free(connection: sqlite3.Connection) -> int:
    """Bytes that the disk of the file still has."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    return shutil.disk_usage(Path(path).parent).free


def _let_have(connection: sqlite3.Connection, person: str, more: int, allowance: Allowance) -> None:
    """Return if files of somebody may take so many bytes more. Raises QuotaReached, FilesFull."""
    if _sum(connection, _OF_PERSON, person) + more > allowance.person:
        raise QuotaReached(limit=allowance.person // 1_048_576)
    full = _sum(connection, _OF_ALL) + more > allowance.total
    promised = _sum(connection, _PROMISED) + more
    if full or _free(connection) < promised + _SPARE:
        raise FilesFull


def _let_come(connection: sqlite3.Connection, id_: str) -> tuple[str, int]:
    """Whose the file is that is on its way in, and what was promised to it. Raises NotFound."""
    row: tuple[str, int] | None = connection.execute(_COMING, (id_,)).fetchone()
    if row is None:
        raise NotFound("file")
    return row


def _chunk(connection: sqlite3.Connection, place: tuple[str, Part, int]) -> tuple[bytes] | None:
    row: tuple[bytes] | None = connection.execute(_READ, place).fetchone()
    return row


def _let_go(connection: sqlite3.Connection, place: tuple[str, int]) -> bool:
    """Let no message have it any more, unless one has it by now."""
    return connection.execute(_LET_GO, place).fetchone() is not None


def _drop_some(connection: sqlite3.Connection, id_: str) -> bool:
    """Delete some of what is on its way in, and with the last of it the promise. True: there is more."""
    if not connection.execute(_COMING, (id_,)).fetchone():
        return False
    if _delete_some(connection, (id_, Part.THUMBNAIL)) == _AT_ONCE:
        return True
    connection.execute(_END, (id_,))
    return False


def _delete_some(connection: sqlite3.Connection, place: tuple[str, Part]) -> int:
    return connection.execute(_DELETE, (*place, _AT_ONCE)).rowcount
