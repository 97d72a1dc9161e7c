"""What a room is called on its pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chatroom.founding import is_conversation
from chatroom.order import Order
from chatroom.people import Person

#: People named where a conversation has no title.
_NAMED = 5


class Heading(NamedTuple):
    """A room's `title` and `topic`, "" where it has none. Untitled it is called `name`; `numbered`: Room `name`."""

    title: str
    topic: str
    name: str
    numbered: bool


def heading_of(room: str, order: Order, members: Iterable[Person], me: Person | None) -> Heading:
    """How `me` sees it: a conversation is called after the others in it."""
    if not is_conversation(room):
        return Heading(order.title, order.topic, room, numbered=True)
    others = [it.name for it in members if me is None or it.id != me.id]
    name = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
    return Heading(order.title, order.topic, name or "…", numbered=False)
