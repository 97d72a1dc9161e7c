"""What was said, changed afterwards: deleted, edited, reacted to. Within a transaction of the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from chatroom.deed import AnyDeed, Deletion, Edit, Erasure, Reaction
from chatroom.engines import attached
from chatroom.engines.rows import decode_reactions, encode, mention, trimmed
from chatroom.errors import NotFound, TooManyEmoji
from chatroom.message import EMOJI_LIMIT, Reactions
from chatroom.people import Person

#: Texts erased in one transaction: posts wait for no more than that.
ERASED_AT_ONCE = 500

_AUTHOR = """SELECT author FROM messages WHERE room = ? AND "offset" = ? AND kind = 'message'"""
_TARGET = """
    SELECT body, reactions FROM messages WHERE room = ? AND "offset" = ? AND kind = 'message'
"""
_NOTHING = "body = '', html = '', reply = NULL, files = NULL, reactions = NULL, edited_at = NULL"
_DELETE = f'UPDATE messages SET {_NOTHING} WHERE room = ? AND "offset" = ?'  # noqa: S608 - no value in it
_UNMENTION = 'DELETE FROM mentions WHERE room = ? AND "offset" = ?'
_EDIT = 'UPDATE messages SET body = ?, html = ?, edited_at = ? WHERE room = ? AND "offset" = ?'
_REACT = 'UPDATE messages SET reactions = ? WHERE room = ? AND "offset" = ?'
_TEXTS = """
    SELECT rowid FROM messages INDEXED BY messages_texts
    WHERE author = ? AND room = ? AND kind = 'message' AND body <> '' LIMIT ?
"""
_ERASE = f"""
    UPDATE messages SET {_NOTHING} WHERE rowid IN ({_TEXTS}) RETURNING room, "offset"
"""  # noqa: S608 - no value in it


def author_of(connection: sqlite3.Connection, room: str, deed: AnyDeed) -> str | None:
    """Whose message the deed is about."""
    if not isinstance(deed, Deletion | Edit | Reaction):
        return None
    row = connection.execute(_AUTHOR, (room, deed.target)).fetchone()
    return row[0] if row else None


def change(
    connection: sqlite3.Connection, room: str, deed: AnyDeed, author: Person, at: int
) -> bool:
    """Do to the messages of the room what the deed says. False if that makes no difference.

    Raises NotFound if the message is not there, TooManyEmoji.
    """
    match deed:
        case Deletion(target):
            return _delete(connection, room, target)
        case Edit():
            return _edit(connection, room, deed, at)
        case Reaction():
            return _react(connection, room, deed, author)
        case Erasure(person):
            return erase(connection, room, person)
        case _:
            return True


def erase(connection: sqlite3.Connection, room: str, person: str) -> bool:
    """Blank what somebody has said in the room, at most ERASED_AT_ONCE texts. False if there were none."""
    erased = connection.execute(_ERASE, (person, room, ERASED_AT_ONCE)).fetchall()
    forget(connection, erased)
    return bool(erased)


def erase_first(connection: sqlite3.Connection, room: str, person: str) -> bool:
    """Blank some of what somebody has said in the room, if it is too much for one transaction; False if it is not.

    The log says that it is gone when all of it is: whoever is interrupted before that does it again.
    """
    texts = connection.execute(_TEXTS, (person, room, ERASED_AT_ONCE + 1)).fetchall()
    return len(texts) > ERASED_AT_ONCE and erase(connection, room, person)


def forget(connection: sqlite3.Connection, places: Iterable[tuple[str, int]]) -> None:
    """Let go of all that belongs to messages, given by room and offset, whose texts are gone."""
    gone = list(places)
    connection.executemany(_UNMENTION, gone)
    attached.let_go(connection, gone)


def _target(connection: sqlite3.Connection, room: str, target: int) -> tuple[str, str | None]:
    """Its body, and the reactions to it as they are kept."""
    row = connection.execute(_TARGET, (room, target)).fetchone()
    if row is None or target <= trimmed(connection, room):
        raise NotFound("id")
    body, reactions = row
    return body, reactions


def _delete(connection: sqlite3.Connection, room: str, target: int) -> bool:
    body, _ = _target(connection, room, target)
    connection.execute(_DELETE, (room, target))
    forget(connection, [(room, target)])
    return bool(body)


def _edit(connection: sqlite3.Connection, room: str, edit: Edit, at: int) -> bool:
    body, _ = _target(connection, room, edit.target)
    if not body:
        raise NotFound("id")
    if body == edit.body:
        return False
    connection.execute(_EDIT, (edit.body, edit.html, at, room, edit.target))
    connection.execute(_UNMENTION, (room, edit.target))
    mention(connection, room, edit.target, edit.body)
    return True


def _react(connection: sqlite3.Connection, room: str, reaction: Reaction, who: Person) -> bool:
    body, kept = _target(connection, room, reaction.target)
    if not body:
        raise NotFound("id")
    before = decode_reactions(kept) if kept else {}
    if (who.id in [it.id for it in before.get(reaction.emoji, ())]) == reaction.on:
        return False
    after = _reacted(before, reaction, who)
    if len(after) > EMOJI_LIMIT:
        raise TooManyEmoji(limit=EMOJI_LIMIT)
    text = encode(after).decode() if after else None
    connection.execute(_REACT, (text, room, reaction.target))
    return True


def _reacted(before: Reactions, reaction: Reaction, who: Person) -> Reactions:
    """With one more or one less; the emoji that was used first stays the first."""
    others = [it for it in before.get(reaction.emoji, ()) if it.id != who.id]
    after = {**before, reaction.emoji: [*others, who] if reaction.on else others}
    return {emoji: people for emoji, people in after.items() if people}
