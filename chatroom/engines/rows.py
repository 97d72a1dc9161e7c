"""Rows of the table `messages`, and the items of a log that they stand for."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from chatroom.deed import Act, AnyDeed, Item
from chatroom.mention import mentions
from chatroom.message import Draft, Message
from chatroom.order import Order
from chatroom.people import Person

COLUMNS = 'room, "offset", author, author_name, body, html, at, client_id, kind'

_INSERT = f"INSERT INTO messages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - no value in it
_MENTION = "INSERT INTO mentions VALUES (?, ?, ?)"
_BETWEEN = f"""
    SELECT {COLUMNS} FROM messages
    WHERE room = ? AND "offset" > ? AND "offset" < ? ORDER BY "offset" DESC LIMIT ?
"""  # noqa: S608 - no value in it

encode = msgspec.json.Encoder().encode
decode_deed = msgspec.json.Decoder(AnyDeed).decode
decode_order = msgspec.json.Decoder(Order).decode


def insert_message(connection: sqlite3.Connection, draft: Draft, offset: int, at: int) -> Message:
    """Put a message into the log, and whom it speaks to into the index."""
    message = Message(
        room=draft.room,
        offset=offset,
        author=draft.author,
        body=draft.body,
        html=draft.html,
        at=at,
        client_id=draft.client_id,
    )
    texts = (draft.body, draft.html, at, draft.client_id, "message")
    connection.execute(_INSERT, (draft.room, offset, draft.author.id, draft.author.name, *texts))
    if "@" in draft.body:
        heard = [(draft.room, offset, handle) for handle in mentions(draft.body)]
        connection.executemany(_MENTION, heard)
    return message


def insert_act(connection: sqlite3.Connection, act: Act) -> None:
    """Put an act into the log."""
    kind = act.deed.__struct_config__.tag
    texts = (encode(act.deed).decode(), "", act.at, None, kind)
    connection.execute(_INSERT, (act.room, act.offset, act.author.id, act.author.name, *texts))


def between(
    connection: sqlite3.Connection, room: str, after: int, before: int, limit: int
) -> list[Item]:
    """The newest items, at most `limit`, with `after` < offset < `before`, in log order."""
    rows = connection.execute(_BETWEEN, (room, after, before, limit)).fetchall()
    return [item(row) for row in reversed(rows)]


def item(row: tuple[Any, ...]) -> Item:
    """What a row with COLUMNS stands for."""
    room, offset, author, author_name, body, html, at, client_id, kind = row
    person = Person(author, author_name)
    if kind != "message":
        return Act(room=room, offset=offset, author=person, at=at, deed=decode_deed(body))
    return Message(
        room=room,
        offset=offset,
        author=person,
        body=body,
        html=html,
        at=at,
        client_id=client_id,
    )
