"""How a room begins: what its name says of its order, before and when the first thing is said in it.

Rooms with a number are everybody's and belong to the administrators, named ones are whose who speaks there first, and
conversations are begun by their people, on purpose.
"""

from __future__ import annotations

from chatroom.deed import Access, Role
from chatroom.errors import NotFound
from chatroom.order import Order
from chatroom.people import Person

#: With this begin the names of conversations between people. They are made on purpose, never by talking.
PRIVATE_PREFIX = "private-"
#: And those of two people: nobody else ever comes in.
DIRECT_PREFIX = "private-two-"

#: How a room is run that nobody has given an order.
OPEN = Order()
#: Conversations between people before anybody is in them.
_PRIVATE = Order(access=Access.PRIVATE)
_DIRECT = Order(access=Access.PRIVATE, direct=True)


def is_conversation(room: str) -> bool:
    """Whether the room is a conversation between people: it never opens to others."""
    return room.startswith(PRIVATE_PREFIX)


def numbered(room: str) -> bool:
    """Whether the room is called by a number; it belongs to the administrators then."""
    return room.isdecimal()


def first(room: str, person: Person) -> Order:
    """The order of a room in which `person` says the first thing: a named one is theirs. Raises NotFound."""
    if is_conversation(room):
        raise NotFound("room")
    return OPEN if numbered(room) else Order(roles={person.id: Role.OWNER})


def unwritten(room: str) -> Order:
    """The order of a room in whose log nothing stands yet."""
    if room.startswith(DIRECT_PREFIX):
        return _DIRECT
    return _PRIVATE if is_conversation(room) else OPEN
