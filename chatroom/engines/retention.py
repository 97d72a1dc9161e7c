"""Letting go of what rooms do not keep: by age, or beyond a number of messages.

First the log says up to where it is gone, then the rows go, some at a time, so that posts never wait for long. Whoever
dies in between takes it up again. SQLite overwrites what it deletes (`secure_delete`), and a checkpoint afterwards
takes the texts out of the write-ahead log.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import NamedTuple

from chatroom.deed import Trim
from chatroom.engines import acting
from chatroom.engines.acting import HOUSE, Acted
from chatroom.engines.rows import decode_order
from chatroom.engines.store import Store

#: Rows deleted in one transaction.
_STEP = 500
_DAY = 86_400 * 1_000_000  # microseconds

_ROOMS = """
    SELECT name, head, "order" FROM rooms WHERE "order" LIKE '%"keep_%' OR "order" LIKE '%"trimmed"%'
"""
_NEXT = """SELECT at FROM messages WHERE room = ? AND "offset" >= ? ORDER BY "offset" LIMIT 1"""
_NEWEST = """
    SELECT "offset" FROM messages
    WHERE room = ? AND kind = 'message' ORDER BY "offset" DESC LIMIT 1 OFFSET ?
"""
_ANY = """
    SELECT 1 FROM messages
    WHERE room = ? AND "offset" > ? AND "offset" <= ? AND kind = 'message' LIMIT 1
"""
_DELETE = """
    DELETE FROM messages WHERE rowid IN (
        SELECT rowid FROM messages WHERE room = ? AND "offset" <= ? LIMIT ?
    ) RETURNING 1
"""
_UNMENTION = 'DELETE FROM mentions WHERE room = ? AND "offset" <= ?'


class _Room(NamedTuple):
    name: str
    upto: int


async def trim(store: Store, now: int) -> None:
    """Trim every room to what it keeps at the time `now` (microseconds since 1970 UTC). Raises Unavailable."""
    for room in await store.read(lambda it: _due(it, now)):
        await store.write(partial(_trim, room=room, at=now))
    for room in await store.read(_trimmed):
        while await store.write(partial(_delete, room=room)) == _STEP:
            pass


def _due(connection: sqlite3.Connection, now: int) -> list[_Room]:
    """The rooms that hold more than they keep, and up to where they should let it go."""
    found: list[_Room] = []
    for name, head, text in connection.execute(_ROOMS).fetchall():
        order = decode_order(text)
        old = _older(connection, name, head, now - order.keep_days * _DAY) if order.keep_days else 0
        many = _beyond(connection, name, order.keep_messages) if order.keep_messages else 0
        upto = max(old, many)
        if connection.execute(_ANY, (name, order.trimmed, upto)).fetchone():
            found.append(_Room(name, upto))
    return found


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


def _beyond(connection: sqlite3.Connection, room: str, count: int) -> int:
    """The offset of the newest message that is one too many, 0 if there is none."""
    row = connection.execute(_NEWEST, (room, count)).fetchone()
    return row[0] if row else 0


def _trim(connection: sqlite3.Connection, room: _Room, at: int) -> Acted:
    _, order = acting.standing(connection, room.name)
    return Acted([acting.write(connection, room.name, order, Trim(room.upto), HOUSE, at)])


def _trimmed(connection: sqlite3.Connection) -> list[_Room]:
    rooms = connection.execute(_ROOMS).fetchall()
    return [_Room(name, upto) for name, _, text in rooms if (upto := decode_order(text).trimmed)]


def _delete(connection: sqlite3.Connection, room: _Room) -> int:
    """Delete some of what is trimmed; returns how many rows."""
    connection.execute(_UNMENTION, (room.name, room.upto))
    return len(connection.execute(_DELETE, (room.name, room.upto, _STEP)).fetchall())
