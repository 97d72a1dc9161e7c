"""The SQLite file: opened only when it is sound, ours, and nobody else's.

One process owns the file, by a lock that ends with the process however it ends. A file that is damaged or of a newer
release is refused before anything is opened for writing, so it stays as it is. A new file is made whole under another
name and then put in its place: an empty file is therefore a damaged one, never a new one.

The schema is a row of numbered SQL files; `PRAGMA user_version` says how many of them a file has seen. Each is applied
in one transaction together with that number. Before the first of them is applied to a file that is there already, a
copy of it is kept beside it: who has to go back to the release before has something to go back to.
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import secrets
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from chatroom.errors import StorageRefused
from chatroom.founding import numbered

#: `PRAGMA application_id`: "chat" in ASCII.
APPLICATION_ID = 0x63686174
#: Milliseconds to wait for another connection's lock. Only the writer writes, so this is for a stray shell.
_BUSY_TIMEOUT = 1000

#: The module of SQLite in which words are found.
_INDEX = "fts5"

_STEPS = sorted((Path(__file__).parent / "schema").glob("*.sql"))
VERSION = len(_STEPS)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what the file system and SQLite say of `path` into one line. Raises StorageRefused."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageRefused(f"{path} cannot be used: {error}") from error


def lock(path: Path) -> IO[bytes]:
    """Become the only process that serves `path`, until the returned file is closed. Raises StorageRefused."""
    with refusing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise StorageRefused(f"{path} is in use by another process") from error
    return held


def prepare(path: Path) -> None:
    """Make `path` if it is missing, check it if it is not, and bring its schema up to date. Raises StorageRefused."""
    with refusing(path):
        _let_words_be_found()
        if path.exists():
            if not os.access(path, os.W_OK):
                raise StorageRefused(f"{path} cannot be used: it may not be written to")
            _check(path)
        else:
            _create(path)
    with closing(_opened(path)) as connection:
        if (seen := _pragma(connection, "user_version")) < VERSION:
            _keep_copy(connection, path, seen)
            with refusing(path):
                migrate(connection)


def open_pair(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """A connection to read on and one to write on, to a file that is sound and up to date. Raises StorageRefused."""
    prepare(path)
    with refusing(path):
        return connect(path, read_only=True), connect(path)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode that may be handed to another thread; a commit on it is on the disk."""
    uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(
            "PRAGMA secure_delete = ON"
        )  # a deleted text is not to be found any more
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps of the schema that the file has not seen. One that fails leaves the file as it was before it."""
    connection.create_function("numbered", 1, numbered, deterministic=True)
    seen = _pragma(connection, "user_version")
    for version, step in enumerate(_STEPS[seen:], seen + 1):
        sql = step.read_text(encoding="utf-8")
        try:
            connection.executescript(f"BEGIN; {sql}; PRAGMA user_version = {version}; COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _let_words_be_found() -> None:
    """Raises StorageRefused where SQLite was built without what finds words."""
    with closing(sqlite3.connect(":memory:")) as connection:
        query = "SELECT 1 FROM pragma_module_list WHERE name = ?"
        if connection.execute(query, (_INDEX,)).fetchone() is None:
            raise StorageRefused("this Python's SQLite was built without FTS5, which is needed")


def _create(path: Path) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with closing(connect(draft)) as connection:
        migrate(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("INSERT INTO life VALUES (?)", (_new_epoch(),))
        connection.execute("PRAGMA journal_mode = WAL")
    _put_in_place(draft, path)


def _opened(path: Path) -> sqlite3.Connection:
    with refusing(path):
        return connect(path)


def _keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Keep the file as a release before this one can read it, under a name that nothing has. Raises StorageRefused.

    Where a copy of just this file is there already, as after a start that came no further, that is the one.
    """
    draft = path.with_suffix(".copy")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with closing(sqlite3.connect(draft)) as copy:
            connection.backup(copy)
        for place in _places(path, version):
            if not place.exists():
                _put_in_place(draft, place)
                return
            if filecmp.cmp(draft, place, shallow=False):
                return
    except (sqlite3.Error, OSError) as error:
        raise StorageRefused(
            f"{path} has to be brought up to date, but cannot be copied before: {error}"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _places(path: Path, version: int) -> Iterator[Path]:
    """Where the copy may lie: chatroom.schema-1.db, chatroom.schema-1.2.db and so on."""
    yield path.with_suffix(f".schema-{version}.db")
    yield from (path.with_suffix(f".schema-{version}.{number}.db") for number in count(2))


def _put_in_place(draft: Path, path: Path) -> None:
    """Let `draft` be `path` from now on, also after a power cut."""
    _flush(draft)
    draft.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    """Bring a file, or the names in a folder, onto the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _check(path: Path) -> None:
    with closing(connect(path, read_only=True)) as connection:
        if _pragma(connection, "application_id") != APPLICATION_ID:
            raise StorageRefused(f"{path} is not a chatroom's file, or it is damaged")
        found = _pragma(connection, "user_version")
        if found > VERSION:
            raise StorageRefused(
                f"{path} was written by a newer release (schema {found}, this one knows {VERSION})"
            )
        flaw = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if flaw != "ok":
            raise StorageRefused(f"{path} is damaged: {' '.join(flaw.split())}")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _new_epoch() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
