"""Letting go of what rooms do not keep: by age, or beyond a number of messages.

First the log says up to where it is gone, then the rows go, some at a time, so that posts never wait for long. Whoever
dies in between takes it up again. SQLite overwrites what it deletes (`secure_delete`), and whoever calls empties the
write-ahead log afterwards.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import NamedTuple

from chatroom.deed import Trim
from chatroom.engines import acting, texts
from chatroom.engines.acting import HOUSE, Acted, Standing
from chatroom.engines.rows import decode_order
from chatroom.engines.store import Store

#: Rows deleted in one transaction.
_STEP = 500
_DAY = 86_400 * 1_000_000  # microseconds

_ROOMS = """
    SELECT name, head, "order" FROM rooms WHERE "order" LIKE '%"keep_%' OR "order" LIKE '%"trimmed"%'
"""
_NEXT = """SELECT at FROM messages WHERE room = ? AND "offset" >= ? ORDER BY "offset" LIMIT 1"""
_LAST = """
    SELECT "offset" FROM messages
    WHERE room = ? AND "offset" <= ? AND kind = 'message' ORDER BY "offset" DESC LIMIT 1
"""
_ACTS = """
    SELECT count(*) FROM messages INDEXED BY messages_acts
    WHERE room = ? AND "offset" > ? AND "offset" <= ? AND kind <> 'message'
"""
_ANY = """
    SELECT 1 FROM messages
    WHERE room = ? AND "offset" > ? AND "offset" <= ? AND kind = 'message' LIMIT 1
"""
_LEFT = 'SELECT 1 FROM messages WHERE room = ? AND "offset" <= ? LIMIT 1'
_DELETE = """
    DELETE FROM messages WHERE rowid IN (
        SELECT rowid FROM messages WHERE room = ? AND "offset" <= ? LIMIT ?
    ) RETURNING room, "offset"
"""


class _Trimmed(NamedTuple):
    """A room that has rows which it does not keep, all those up to the offset `upto`."""

    room: str
    upto: int


async def trim(store: Store, now: int) -> None:
    """Trim every room to what it keeps at the time `now` (microseconds since 1970 UTC). Raises Unavailable."""
    for room in await store.read(lambda it: _due(it, now)):
        await store.write(partial(_trim, room=room, now=now))
    for trimmed in await store.read(_trimmed):
        while await store.write(partial(_delete, trimmed=trimmed)) == _STEP:
            pass


def _due(connection: sqlite3.Connection, now: int) -> list[str]:
    """The rooms that hold more than they keep."""
    return [
        room
        for room, head, text in connection.execute(_ROOMS).fetchall()
        if _upto(connection, room, Standing(head, decode_order(text)), now)
    ]


def _upto(connection: sqlite3.Connection, room: str, standing: Standing, now: int) -> int:
    """Up to where the room should let it go; 0 where that would be nothing but what is gone, or acts alone."""
    head, order = standing
    days, many = order.keep_days, order.keep_messages
    old = _older(connection, room, head or 0, now - days * _DAY) if days else 0
    upto = max(old, _beyond(connection, room, head or 0, many) if many else 0)
    return upto if connection.execute(_ANY, (room, order.trimmed, upto)).fetchone() else 0


def _older(connection: sqlite3.Connection, room: str, head: int, time: int) -> int:
    """The last offset before `time`, by bisection: an entry is hardly ever older than those before it."""
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(_NEXT, (room, middle)).fetchone()
        if row is not None and row[0] < time:
            low = middle
        else:
            high = middle - 1
    return low


def _beyond(connection: sqlite3.Connection, room: str, head: int, count: int) -> int:
    """The offset of the newest message that is one too many, 0 if there is none.

    Offsets are dense, so messages need not be counted: it is as many entries back, and one more for each act there.
    """
    top, upto = head, head - count
    while upto > 0 and (acts := connection.execute(_ACTS, (room, upto, top)).fetchone()[0]):
        top, upto = upto, upto - acts
    row = connection.execute(_LAST, (room, upto)).fetchone()
    return row[0] if row else 0


def _trim(connection: sqlite3.Connection, room: str, now: int) -> Acted:
    """Say it in the log, if it is still to be done: whoever runs the room may have thought better of it."""
    standing = acting.standing(connection, room)
    upto = _upto(connection, room, standing, now)
    if not upto:
        return Acted(())
    return Acted([acting.write(connection, room, standing.order, Trim(upto), HOUSE, now)])


def _trimmed(connection: sqlite3.Connection) -> list[_Trimmed]:
    rooms = connection.execute(_ROOMS).fetchall()
    found = [_Trimmed(room, decode_order(text).trimmed) for room, _, text in rooms]
    return [it for it in found if connection.execute(_LEFT, it).fetchone()]


def _delete(connection: sqlite3.Connection, trimmed: _Trimmed) -> int:
    """Delete some of what is trimmed; returns how many rows."""
    deleted = connection.execute(_DELETE, (*trimmed, _STEP)).fetchall()
    texts.forget(connection, deleted)
    return len(deleted)
