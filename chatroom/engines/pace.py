"""How often somebody speaks in a slow room. Within a transaction of the writer.

To say something else in the place of what was said is to speak again: everybody hears of it. What somebody has said
last they may put right, though, once and without a pause; then that was the last that they have said.
"""

from __future__ import annotations

import sqlite3

from chatroom.deed import Edit
from chatroom.order import Order
from chatroom.people import Visitor

_SPOKE_AT = "SELECT spoke_at FROM positions WHERE person = ? AND room = ?"
_SPOKEN = """
    INSERT INTO positions (person, room, spoke_at) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET spoke_at = excluded.spoke_at
"""
_SAID = """SELECT at, body FROM messages WHERE room = ? AND "offset" = ?"""


def let_speak(
    connection: sqlite3.Connection, room: str, order: Order, who: Visitor, at: int
) -> None:
    """Return if `who` may say something. Raises what `Order.let_speak` does."""
    order.let_speak(who, at, _spoke_at(connection, room, who) if order.slow else 0)


def let_edit(  # noqa: PLR0913, PLR0917 - who says what, where, when
    connection: sqlite3.Connection, room: str, order: Order, edit: Edit, who: Visitor, at: int
) -> None:
    """Return if it is not too early for that edit of a message of theirs. Raises what `Order.let_speak` does."""
    if not order.slow:
        return
    spoke_at = _spoke_at(connection, room, who)
    said_at, body = connection.execute(_SAID, (room, edit.target)).fetchone() or (0, "")
    if said_at != spoke_at and body != edit.body:  # a repeat is not speaking
        order.let_speak(who, at, spoke_at)


def note(connection: sqlite3.Connection, room: str, order: Order, who: Visitor, at: int) -> None:
    """Note that `who` has spoken."""
    if order.slow and who.person:
        connection.execute(_SPOKEN, (who.person.id, room, at))


def _spoke_at(connection: sqlite3.Connection, room: str, who: Visitor) -> int:
    """When they have spoken last, 0 if never while the room was slow."""
    row = who.person and connection.execute(_SPOKE_AT, (who.person.id, room)).fetchone()
    return row[0] if row else 0
