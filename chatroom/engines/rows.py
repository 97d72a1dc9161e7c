"""Rows of the table `messages`, and the items of a log that they stand for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from chatroom.deed import Act, AnyDeed, Item
from chatroom.mention import mentions
from chatroom.message import File, Message, Quoted
from chatroom.order import Order
from chatroom.people import Person

COLUMNS = (
    'room, "offset", author, author_name, body, html, at, client_id, kind,'
    " reply, files, reactions, edited_at"
)

_INSERT = """
    INSERT INTO messages
    (room, "offset", author, author_name, body, html, at, client_id, kind, reply, files)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_MENTION = "INSERT INTO mentions VALUES (?, ?, ?)"
_BETWEEN = f"""
    SELECT {COLUMNS} FROM messages
    WHERE room = ? AND "offset" > ? AND "offset" < ? ORDER BY "offset" DESC LIMIT ?
"""  # noqa: S608 - no value in it
_ORDER = 'SELECT "order" FROM rooms WHERE name = ?'

encode = msgspec.json.Encoder().encode
decode_deed = msgspec.json.Decoder(AnyDeed).decode
decode_order = msgspec.json.Decoder(Order).decode
decode_quoted = msgspec.json.Decoder(Quoted).decode
decode_files = msgspec.json.Decoder(tuple[File, ...]).decode
decode_reactions = msgspec.json.Decoder(dict[str, list[Person]]).decode


def insert_message(connection: sqlite3.Connection, message: Message) -> None:
    """Put a message into the log, and whom it speaks to into the index."""
    texts = (message.body, message.html, message.at, message.client_id, "message")
    reply = encode(message.reply).decode() if message.reply else None
    files = encode(message.files).decode() if message.files else None
    _insert(connection, message, *texts, reply, files)
    mention(connection, message.room, message.offset, message.body)


def mention(connection: sqlite3.Connection, room: str, offset: int, body: str) -> None:
    """Note whom a message speaks to."""
    if "@" in body:
        heard = [(room, offset, handle) for handle in mentions(body)]
        connection.executemany(_MENTION, heard)


def insert_act(connection: sqlite3.Connection, act: Act) -> None:
    """Put an act into the log."""
    kind = act.deed.__struct_config__.tag
    texts = (encode(act.deed).decode(), "", act.at, None, kind)
    _insert(connection, act, *texts, None, None)


def between(
    connection: sqlite3.Connection, room: str, after: int, before: int, limit: int
) -> list[Item]:
    """The newest items, at most `limit`, with `after` < offset < `before`, in log order."""
    rows = connection.execute(_BETWEEN, (room, after, before, limit)).fetchall()
    found = [item(row) for row in reversed(rows)]
    about = {it.about for it in found if isinstance(it, Act) and it.about}
    messages = {offset: message_at(connection, room, offset) for offset in about}
    return [_whole(it, messages) for it in found]


def trimmed(connection: sqlite3.Connection, room: str) -> int:
    """The offset up to which all is gone; its rows may still be there for a while."""
    (order,) = connection.execute(_ORDER, (room,)).fetchone() or (None,)
    return decode_order(order).trimmed if order else 0


def message_at(connection: sqlite3.Connection, room: str, offset: int) -> Message | None:
    """The message there, None if it is gone."""
    if offset <= trimmed(connection, room):
        return None
    row = connection.execute(_BETWEEN, (room, offset - 1, offset + 1, 1)).fetchone()
    found = item(row) if row else None
    return found if isinstance(found, Message) else None


def item(row: tuple[Any, ...]) -> Item:
    """What a row with COLUMNS stands for; an act without the message that it is about."""
    room, offset, author, author_name, body, html, at, client_id, kind, *more = row
    person = Person(author, author_name)
    if kind != "message":
        return Act(room=room, offset=offset, author=person, at=at, deed=decode_deed(body))
    reply, files, reactions, edited_at = more
    return Message(
        room=room,
        offset=offset,
        author=person,
        body=body,
        html=html,
        at=at,
        client_id=client_id,
        reply=decode_quoted(reply) if reply else None,
        files=decode_files(files) if files else (),
        reactions=decode_reactions(reactions) if reactions else {},
        edited_at=edited_at,
    )


def _insert(connection: sqlite3.Connection, it: Item, *rest: object) -> None:
    connection.execute(_INSERT, (it.room, it.offset, it.author.id, it.author.name, *rest))


def _whole(found: Item, messages: Mapping[int, Message | None]) -> Item:
    """An item with the message that it is about, as that is now."""
    if isinstance(found, Message) or not found.about:
        return found
    return replace(found, message=messages[found.about])
