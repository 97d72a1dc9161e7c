"""Deeds done to rooms, within a transaction of the writer.

Whether somebody may do it is decided here, where nothing can come in between; the rule itself is that of
`chatroom.order`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from chatroom.deed import (
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Edit,
    Erasure,
    Membership,
    Opening,
    Role,
)
from chatroom.engines import pace, texts
from chatroom.engines.base import NO_KEYS, Door, Keys
from chatroom.engines.rows import decode_order, encode, insert_act, message_at
from chatroom.errors import NotFound, NotSignedIn
from chatroom.founding import first, unwritten
from chatroom.order import Order
from chatroom.people import Person, Visitor

#: Who looks after the rooms when nobody does.
HOUSE = Person("0", "")

_PERSON = "SELECT administrator FROM people WHERE id = ? AND NOT barred AND name <> ''"
_NAME = "SELECT name FROM people WHERE id = ? AND name <> ''"
_UNINVITE = "UPDATE rooms SET invitation = NULL WHERE name = ?"
_ROOM = 'SELECT head, "order" FROM rooms WHERE name = ?'
_ADVANCE = """
    INSERT INTO rooms (name, head) VALUES (?, 1)
    ON CONFLICT DO UPDATE SET head = head + 1 RETURNING head
"""
_AUDIT = """
    INSERT INTO audit (room, at, author, author_name, deed) VALUES (?, ?, ?, ?, ?)
"""

_DOOR = "SELECT password, invitation FROM rooms WHERE name = ?"
_SET_DOOR = """
    UPDATE rooms SET password = coalesce(?, password), invitation = coalesce(?, invitation)
    WHERE name = ?
"""


class Acted(NamedTuple):
    """What was done, in log order."""

    acts: Sequence[Act]


class Standing(NamedTuple):
    """A room as the log has it: `head` None if nothing was ever said there."""

    head: int | None
    order: Order


def standing(connection: sqlite3.Connection, room: str) -> Standing:
    """How the room stands."""
    head, order = connection.execute(_ROOM, (room,)).fetchone() or (None, None)
    return Standing(head, decode_order(order) if order else unwritten(room))


def visitor(connection: sqlite3.Connection, person: Person, address: str) -> Visitor:
    """`person` as the file knows them now. Raises NotSignedIn if they are no more."""
    row = connection.execute(_PERSON, (person.id,)).fetchone()
    if row is None:
        raise NotSignedIn
    return Visitor(person, address, bool(row[0]))


def current(connection: sqlite3.Connection, known: Visitor) -> Visitor:
    """A visitor as the file knows them now. Raises NotSignedIn if they are no more."""
    return visitor(connection, known.person, known.address) if known.person else known


def advance(connection: sqlite3.Connection, room: str) -> int:
    """The offset of the next entry of the room."""
    offset: int = connection.execute(_ADVANCE, (room,)).fetchone()[0]
    return offset


def keep(connection: sqlite3.Connection, room: str, order: Order) -> None:
    """Note the order of the room."""
    connection.execute(
        'UPDATE rooms SET "order" = ? WHERE name = ?', (encode(order).decode(), room)
    )


def own(connection: sqlite3.Connection, room: str, person: Person) -> None:
    """Let `person`, who has said the first thing there, own a named room."""
    order = first(room, person)
    if order.roles:
        keep(connection, room, order)
        _enlist(connection, room, Membership(person, Role.OWNER))


def act(  # noqa: PLR0913, PLR0917 - who does what, where, when, and at the door
    connection: sqlite3.Connection,
    room: str,
    deed: AnyDeed,
    who: Visitor,
    at: int,
    keys: Keys = NO_KEYS,
) -> Acted | None:
    """Do it, if `who` may. Nothing was done where it changes nothing; None: the first part was, ask for the others.

    What is refused is refused before anything is written.
    """
    _, order = standing(connection, room)
    if keys.shown is not None:
        _let_in(connection, room, order, who, at, keys.shown)
    else:
        order.let_act(who, deed, at, texts.author_of(connection, room, deed))
        if isinstance(deed, Edit):
            pace.let_edit(connection, room, order, deed, who, at)
    deed = order.without_repeats(_named(connection, deed))
    acts: list[Act] = []
    if isinstance(deed, Erasure) and texts.erase_first(connection, room, deed.person):
        return None
    if who.person and _makes_a_difference(order, deed, who.person, keys):
        if not texts.change(connection, room, deed, who.person, at):
            return Acted(())
        if isinstance(deed, Edit):
            pace.note(connection, room, order, who, at)
        if _puts_out(deed, who.person):  # nor do they come back with an invitation that they know
            connection.execute(_UNINVITE, (room,))
        acts.append(write(connection, room, order, deed, who.person, at))
    if keys.new is not None:
        set_door(connection, room, keys.new, who, at)
    return Acted(acts)


def door(connection: sqlite3.Connection, room: str) -> Door:
    """What lets people into the room."""
    row = connection.execute(_DOOR, (room,)).fetchone()
    return Door(*row) if row else Door(None, None)


def set_door(connection: sqlite3.Connection, room: str, new: Door, who: Visitor, at: int) -> None:
    """Let other words in from now on, and note in the audit who has done it. Raises NotFound, NotSignedIn."""
    if who.person is None:
        raise NotSignedIn
    if standing(connection, room).head is None:
        raise NotFound("room")
    connection.execute(_SET_DOOR, (*new, room))
    done = Opening(password=new.password is not None, invitation=new.invitation is not None)
    _audit(connection, room, at, who.person, done)


def let_set(connection: sqlite3.Connection, room: str, door: Door, who: Visitor, at: int) -> None:
    """Return if `who` may have other words let people in. Raises what `Order.let_act` does."""
    _, order = standing(connection, room)
    if door.password is not None:
        order.let_act(who, Change(access=Access.PASSWORD), at)
    if door.invitation is not None:
        order.let_invite(who, at)


def begin(
    connection: sqlite3.Connection, room: str, founder: Person, others: Sequence[str], at: int
) -> Acted:
    """Begin a conversation, if there is none of that name.

    Raises NotSignedIn if the founder is no more, NotFound if somebody else is.
    """
    visitor(connection, founder, "")
    head, order = standing(connection, room)
    if head is not None:
        return Acted(())
    role = Role.MEMBER if order.direct else Role.OWNER
    roles = {founder.id: role} | {it: Role.MEMBER for it in others if it != founder.id}
    deeds = [_named(connection, Membership(Person(id_, ""), it)) for id_, it in roles.items()]
    acts: list[Act] = []
    for deed in deeds:
        acts.append(_record(connection, room, deed, founder, at))
        order = order.after(acts[-1])
    keep(connection, room, order)
    return Acted(acts)


def write(  # noqa: PLR0913, PLR0917 - an entry has that many parts
    connection: sqlite3.Connection,
    room: str,
    order: Order,
    deed: AnyDeed,
    author: Person,
    at: int,
) -> Act:
    """Put an act into the log and the audit, and the room into the order that follows."""
    done = _record(connection, room, deed, author, at)
    if (after := order.after(done)) is not order:
        keep(connection, room, after)
    return done


def _record(
    connection: sqlite3.Connection, room: str, deed: AnyDeed, author: Person, at: int
) -> Act:
    """Put an act into the log, the audit, and the list of who has a role where."""
    offset = advance(connection, room)
    done = Act(room=room, offset=offset, author=author, at=at, deed=deed)
    if done.about:
        return _alteration(connection, done)
    insert_act(connection, done)
    told = replace(deed, address="") if isinstance(deed, Bar) else deed
    _audit(connection, room, at, author, told)
    if isinstance(deed, Membership):
        _enlist(connection, room, deed)
    return done


def _alteration(connection: sqlite3.Connection, done: Act) -> Act:
    """Put an act about a message into the log. It is no affair of who keeps order there, and keeps no text."""
    deed = Edit(done.deed.target) if isinstance(done.deed, Edit) else done.deed
    message = message_at(connection, done.room, done.about)
    done = replace(done, deed=deed, message=message)
    insert_act(connection, done)
    return done


def _audit(
    connection: sqlite3.Connection, room: str, at: int, author: Person, deed: AnyDeed
) -> None:
    connection.execute(_AUDIT, (room, at, author.id, author.name, encode(deed).decode()))


def _let_in(  # noqa: PLR0913, PLR0917 - who, where, when, by what
    connection: sqlite3.Connection, room: str, order: Order, who: Visitor, at: int, shown: Door
) -> None:
    """Return if what was shown still lets `who` in: it may have been changed meanwhile. Raises what `let_join` does."""
    now = door(connection, room)
    by_password = order.access == Access.PASSWORD and shown.password is not None
    right = by_password and now.password == shown.password
    invited = shown.invitation is not None and now.invitation == shown.invitation
    if not (right or invited):
        raise NotFound("room")
    order.let_join(who, at, invited=invited)


def _makes_a_difference(order: Order, deed: AnyDeed, author: Person, keys: Keys) -> bool:
    """Whoever comes in by what they have shown, and is more already, stays that."""
    return order.changed_by(deed) and not (keys.shown and author.id in order.roles)


def _named(connection: sqlite3.Connection, deed: AnyDeed) -> AnyDeed:
    """The deed with the name that its person has now. Raises NotFound if they are no more, unless it ends something."""
    if not isinstance(deed, Membership | Bar):
        return deed
    row = connection.execute(_NAME, (deed.person.id,)).fetchone()
    if row is None and not _ends(deed):
        raise NotFound("person")
    return replace(deed, person=Person(deed.person.id, row[0] if row else ""))


def _ends(deed: Membership | Bar) -> bool:
    """Whether it only takes back what was done before; that goes on without the person."""
    return not (deed.role if isinstance(deed, Membership) else deed.until)


def _puts_out(deed: AnyDeed, author: Person) -> bool:
    """Whether `author` keeps somebody else from being in the room."""
    match deed:
        case Membership(person, None):
            return person.id != author.id
        case Bar() as bar:
            return bool(bar.until) and not bar.mute
        case _:
            return False


def _enlist(connection: sqlite3.Connection, room: str, deed: Membership) -> None:
    statement = (
        "INSERT OR IGNORE INTO members VALUES (?, ?)"
        if deed.role
        else "DELETE FROM members WHERE person = ? AND room = ?"
    )
    connection.execute(statement, (deed.person.id, room))
