"""The files that belong to messages, within a transaction of the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from chatroom.errors import NotFound
from chatroom.message import Draft, File, Message

_WAITING = """
    SELECT id, name, type, size, width, height FROM files
    WHERE id = ? AND person = ? AND room = ? AND "offset" IS NULL AND created_at > 0
"""
_ATTACH = 'UPDATE files SET "offset" = ? WHERE id = ?'
_LET_GO = 'UPDATE files SET "offset" = NULL, created_at = 0 WHERE room = ? AND "offset" = ?'


def of(connection: sqlite3.Connection, draft: Draft) -> tuple[File, ...]:
    """The files of a draft, which its author has sent before. Raises NotFound if one of them waits for no message."""
    place = (draft.author.id, draft.room)
    rows = [connection.execute(_WAITING, (id_, *place)).fetchone() for id_ in draft.files]
    if not all(rows) or len(set(draft.files)) != len(rows):
        raise NotFound("file")
    return tuple(File(*row) for row in rows)


def attach(connection: sqlite3.Connection, message: Message) -> None:
    """Let the files of a message stay as long as it does."""
    connection.executemany(_ATTACH, [(message.offset, file.id) for file in message.files])


def let_go(connection: sqlite3.Connection, places: Iterable[tuple[str, int]]) -> None:
    """Nobody can fetch the files of those messages, given by room and offset, any more; they can go."""
    connection.executemany(_LET_GO, places)
