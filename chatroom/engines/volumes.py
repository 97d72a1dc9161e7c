"""The index of words as it lies in the SQLite file. Everything here is done within a transaction of the writer.

The rows of the log are numbered in the order in which they were written. VOLUME numbers make a volume, a table of FTS5
without a copy of the texts. Why volumes, and not one table: whoever looks for something begins with the newest and
stops when there is enough; and what takes time (merging, making sure that deleted words are gone from the file) takes
it for one volume.

Words are made by `chatroom.words`, and separated by spaces, so the tokenizer `ascii` has nothing to decide. Rooms and
people are words, too, in columns of their own: what others say elsewhere is not even looked at.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from chatroom.words import EDITION, words

#: Numbers in a volume. A rare word is looked for in each.
VOLUME = 65_536
#: Rows taken in, or let go of, in one transaction, and seconds after which it takes no more: posts wait for that.
STEP = 256
_SECONDS = 0.02
#: Why a volume is to be merged: with the hourly trim, or as soon as there is time.
_DELETED, _COMPLETE = 1, 2
#: Pages merged in one transaction: some 10 ms.
_PAGES = 64

_CREATE = """
    CREATE VIRTUAL TABLE volume_{id} USING fts5(
        said, place, speaker, content='', columnsize=0, tokenize='ascii'
    )
"""
_INSERT = "INSERT INTO volume_{id} (rowid, said, place, speaker) VALUES (?, ?, ?, ?)"
_DELETE = """
    INSERT INTO volume_{id} (volume_{id}, rowid, said, place, speaker) VALUES ('delete', ?, ?, ?, ?)
"""
_MERGE = "INSERT INTO volume_{id} (volume_{id}, rank) VALUES ('merge', ?)"
_MARK = "UPDATE volumes SET traces = max(traces, ?) WHERE id = ?"
_DROP = "DROP TABLE volume_{id}"

_NEW = """
    SELECT number, room, author, author_name, iif(kind = 'message', body, '') FROM messages
    WHERE number > ? ORDER BY number LIMIT ?
"""
_OUTDATED = "SELECT number, room, author, author_name, body FROM outdated ORDER BY number LIMIT ?"
_UP_TO_DATE = "DELETE FROM outdated WHERE number >= ? AND number < ?"
_NOW = "SELECT body FROM messages WHERE number = ? AND kind = 'message'"
_LEFT = """
    SELECT 1 FROM messages
    WHERE number >= ? AND number < ? AND kind = 'message' AND body <> '' LIMIT 1
"""
_BEHIND = """
    SELECT max(0, (SELECT coalesce(max(number), 0) FROM messages) - upto)
        + (SELECT count(*) FROM (SELECT 1 FROM outdated LIMIT ?1)), edition,
        EXISTS (SELECT 1 FROM volumes)
    FROM indexed
"""


_log = logging.getLogger(__name__)


class _Row(NamedTuple):
    """A message as the index takes it in."""

    number: int
    room: str
    author: str
    author_name: str
    body: str

    @property
    def volume(self) -> int:
        return self.number // VOLUME

    @property
    def values(self) -> tuple[int, str, str, str]:
        """What FTS5 is given. It has to be told the same to let go of it."""
        names = " ".join(words(self.author_name))
        speaker = f"{token(self.author)} {names}"
        return self.number, " ".join(words(self.body)), token(self.room), speaker


def token(name: str) -> str:
    """The word by which the index knows a room or the id of a person."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


def behind(connection: sqlite3.Connection) -> int:
    """How many rows, about, are still to be taken in or let go of; 0: none."""
    count, edition, volumes = connection.execute(_BEHIND, (STEP,)).fetchone()
    return sys.maxsize if volumes and edition != EDITION else int(count)


def step(connection: sqlite3.Connection) -> bool:
    """Let go of some of what is outdated, then take in some of what is new. False: there is nothing left to do."""
    return _mending(connection, _step)


def let_go(connection: sqlite3.Connection) -> bool:
    """Let go of some of what is outdated. False: there is no more of it."""
    return _mending(connection, _let_go)


def tidy(connection: sqlite3.Connection) -> bool:
    """Leave no word of what is gone in one of the volumes. False: there was none."""
    return _mending(connection, _tidy)


def _mending(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], bool]) -> bool:
    """Do a step of `work`, if the index is of this edition.

    One of another, or one that is damaged, is made anew, a volume at a time: nothing is lost with it, and posts are
    written in the same transaction.
    """
    (edition,) = connection.execute("SELECT edition FROM indexed").fetchone()
    if edition != EDITION and _begin_anew(connection):
        return True
    try:
        return work(connection)
    except sqlite3.OperationalError:  # a full disk and the like
        raise
    except sqlite3.DatabaseError as error:
        _log.error("the index of words is made anew: %s", error)
        connection.execute("UPDATE indexed SET edition = ''")
        return True


def _tidy(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT id FROM volumes WHERE traces LIMIT 1").fetchone()
    if row is None:
        return False
    (id_,) = row
    (newest,) = connection.execute("SELECT max(id) FROM volumes").fetchone()
    span = (id_ * VOLUME, (id_ + 1) * VOLUME)
    if id_ < newest and not connection.execute(_LEFT, span).fetchone():
        _drop(connection, id_)
    else:
        _merge(connection, id_)
    return True


def _merge(connection: sqlite3.Connection, id_: int) -> None:
    """Bring some more of a volume into one piece, which holds nothing that was deleted.

    Below 0: what is not being merged yet is, too. Less than two changes: there is nothing left to do (SQLite, FTS5
    extension, 6.8).
    """
    before = connection.total_changes
    connection.execute(_MERGE.format(id=id_), (-_PAGES,))
    if connection.total_changes - before < 2:  # noqa: PLR2004 - as SQLite says
        connection.execute("UPDATE volumes SET traces = 0 WHERE id = ?", (id_,))


def _put_in_order(connection: sqlite3.Connection) -> bool:
    """Merge some of a volume that has become complete: what is in one piece is found faster. False: there is none."""
    row = connection.execute("SELECT id FROM volumes WHERE traces = ?", (_COMPLETE,)).fetchone()
    if row is not None:
        _merge(connection, *row)
    return row is not None


def _begin_anew(connection: sqlite3.Connection) -> bool:
    """Drop one of the volumes, whose words are others; False: there is none. Behind the last it all begins again."""
    (id_,) = connection.execute("SELECT min(id) FROM volumes").fetchone()
    if id_ is not None:
        _drop(connection, id_)
    if connection.execute("SELECT 1 FROM volumes").fetchone() is None:
        connection.execute("DELETE FROM outdated")
        connection.execute("UPDATE indexed SET edition = ?, upto = 0", (EDITION,))
    return id_ is not None


def _drop(connection: sqlite3.Connection, id_: int) -> None:
    """Let go of a volume as a whole, and so of all of it that is outdated: there is nothing to take that out of."""
    connection.execute(_DROP.format(id=id_))
    connection.execute(_UP_TO_DATE, (id_ * VOLUME, (id_ + 1) * VOLUME))
    connection.execute("DELETE FROM volumes WHERE id = ?", (id_,))


def _step(connection: sqlite3.Connection) -> bool:
    outdated = _let_go(connection)
    return _take_in(connection) or outdated or _put_in_order(connection)


def _let_go(connection: sqlite3.Connection) -> bool:
    """Also take in what stands in the place of what is outdated."""
    rows = [_Row(*row) for row in connection.execute(_OUTDATED, (STEP,)).fetchall()]
    enough = time.monotonic() + _SECONDS
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the count is what is asked for
        _renew(connection, row)
        if time.monotonic() > enough:
            break
    return count < len(rows) or len(rows) == STEP


def _renew(connection: sqlite3.Connection, row: _Row) -> None:
    connection.execute(_DELETE.format(id=row.volume), row.values)
    connection.execute("DELETE FROM outdated WHERE number = ?", (row.number,))
    connection.execute(_MARK, (_DELETED, row.volume))
    (body,) = connection.execute(_NOW, (row.number,)).fetchone() or ("",)
    _insert(connection, row._replace(body=body))


def _take_in(connection: sqlite3.Connection) -> bool:
    """Take in some of what is new. True: there is more."""
    (upto,) = connection.execute("SELECT upto FROM indexed").fetchone()
    rows = [_Row(*row) for row in connection.execute(_NEW, (upto, STEP)).fetchall()]
    volumes = {id_ for (id_,) in connection.execute("SELECT id FROM volumes").fetchall()}
    enough = time.monotonic() + _SECONDS
    last = upto
    for row in rows:
        if row.body and row.volume not in volumes:
            _open(connection, row.volume, volumes)
        _insert(connection, row)
        last = row.number
        if time.monotonic() > enough:
            break
    if rows:
        connection.execute("UPDATE indexed SET upto = ?", (last,))
    return bool(rows) and (len(rows) == STEP or last < rows[-1].number)


def _open(connection: sqlite3.Connection, id_: int, volumes: set[int]) -> None:
    """Begin a volume. The one before is complete, and put in order when there is time."""
    if volumes:
        connection.execute(_MARK, (_COMPLETE, max(volumes)))
    connection.execute(_CREATE.format(id=id_))
    connection.execute("INSERT INTO volumes (id) VALUES (?)", (id_,))
    volumes.add(id_)


def _insert(connection: sqlite3.Connection, row: _Row) -> None:
    if row.body:
        connection.execute(_INSERT.format(id=row.volume), row.values)
