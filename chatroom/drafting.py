"""What a request says becomes a draft: one reading of it, whichever way it came."""

from __future__ import annotations

from chatroom.cursor import Cursor
from chatroom.errors import CursorInvalid, SomebodyElse
from chatroom.message import DEFAULT_ROOM, Draft, body_from, client_id_from, files_from, room_from
from chatroom.people import Person
from chatroom.poll import Arguments, last
from chatroom.text import render


def draft_from(author: Person, arguments: Arguments, address: str, epoch: str) -> Draft:
    """What `author` wants to say: `room`, `body`, `client_id`, `reply` and `file`. Raises an Invalid that names one.

    Raises SomebodyElse if `person` names another author: it was written before the session changed hands.
    Rendering is dear and comes last: nothing is refused behind it.
    """
    if last(arguments, "person") not in (None, author.id):
        raise SomebodyElse
    name = last(arguments, "room")
    room = room_from(DEFAULT_ROOM if name is None else name)
    text, files = last(arguments, "body") or "", files_from(arguments.get("file", ()))
    body = body_from(text) if text.strip() or not files else ""
    token, reply = last(arguments, "client_id"), last(arguments, "reply")
    return Draft(
        room=room,
        author=author,
        body=body,
        client_id=client_id_from(token) if token else None,
        reply=offset_from(reply, epoch, "reply") if reply else None,
        files=files,
        address=address,
        html=render(body),
    )


def offset_from(text: str, epoch: str, field: str = "id") -> int:
    """The place of the entry with that id. Raises CursorInvalid, also for an id of another log."""
    cursor = Cursor.parse(text, field)
    if cursor.epoch != epoch:
        raise CursorInvalid(field)
    return cursor.offset
