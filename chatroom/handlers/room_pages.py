"""Pages around a room: how it is run, one message of it, an invitation. All work without JavaScript."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chatroom.conduct import Audit
from chatroom.deed import FOR_EVER, KEEP_DAYS_LIMIT, KEEP_MESSAGES_LIMIT, TITLE_LIMIT, TOPIC_LIMIT
from chatroom.drafting import offset_from
from chatroom.errors import NotFound
from chatroom.fields import number
from chatroom.founding import is_conversation
from chatroom.handlers.base import room_path
from chatroom.handlers.heading import heading_of
from chatroom.handlers.offer import May
from chatroom.handlers.pages import RoomPage
from chatroom.message import Message, Reactions, room_from
from chatroom.order import Order
from chatroom.people import Person
from chatroom.poll import RANGE_DEFAULT
from chatroom.wire import timestamp

#: People kept out or silent that one page names.
_BARS_LISTED = 100


class Barred(NamedTuple):
    """Somebody who is kept out or, if `mute`, silent `until` then, "" for ever; `address`: others with them."""

    person: Person
    until: str
    mute: bool
    address: bool


class OrderPage(RoomPage):
    """Who runs a room, and how."""

    async def get(self, text: str) -> None:
        """Each sees what they may do. `before`: older ones of what was done."""
        room, me = room_from(text), await self.me()
        visitor = await self.visitor()
        before = number(self.arguments, "before", 1, sys.maxsize) or sys.maxsize
        order, _ = await self.chat.order(room, visitor)
        members = await self.chat.engine.members(room)
        may = May(order, visitor, self.chat.clock())
        self.render(
            "order.html",
            **self._limits(),
            **self.about(room, order, [it.person for it in members], me),
            members=[may.offer(it.person) for it in members],
            muted=order.muted(visitor, may.at),
            may=may,
            barred=await self._barred(order, may.at) if may.oversee else (),
            audit=await self._audit(room, before) if may.oversee else None,
            conversation=is_conversation(room),
        )

    head = get

    async def _audit(self, room: str, before: int) -> Audit:
        return await self.parts.conduct.audit(room, before, RANGE_DEFAULT, await self.visitor())

    async def _barred(self, order: Order, at: int) -> Sequence[Barred]:
        """Who is kept out or silent just now."""
        with_address = {it for people in order.addresses.values() for it in people}
        found: list[Barred] = []
        for mute, bars in ((False, order.bars), (True, order.mutes)):
            for id_, until in bars.items():
                if until > at and len(found) < _BARS_LISTED:
                    person = await self.chat.engine.people.person(id_) or Person(id_, "")
                    told = timestamp(until) if until < FOR_EVER else ""
                    found.append(Barred(person, told, mute, not mute and id_ in with_address))
        return found

    @staticmethod
    def _limits() -> Mapping[str, Any]:
        return {
            "title_limit": TITLE_LIMIT,
            "topic_limit": TOPIC_LIMIT,
            "days_limit": KEEP_DAYS_LIMIT,
            "messages_limit": KEEP_MESSAGES_LIMIT,
            "for_ever": FOR_EVER,
            "timestamp": timestamp,
        }


class MessagePage(RoomPage):
    """One message, and what can be done about it and its author."""

    async def get(self, text: str, id_: str) -> None:
        """The message, if it is still there."""
        room, me = room_from(text), await self.me()
        visitor, wire = await self.visitor(), self.chat.rooms.wire
        offset = offset_from(id_, wire.epoch)
        order, _ = await self.chat.order(room, visitor)
        said = await self._said(order, room, offset)
        author = await self.chat.engine.people.person(said.author.id)
        members = await self.chat.engine.members(room) if is_conversation(room) else ()
        may = May(order, visitor, self.chat.clock())
        self.render(
            "message_page.html",
            **self.about(room, order, [it.person for it in members], me),
            id=id_,
            line=wire.shown(wire.message(said)),
            author=author,
            mine=me is not None and me.id == said.author.id,
            ignored=await self._ignored(me, author),
            said=said,
            reacted=_put(said.reactions, me),
            edit=may.edit(offset, said.author.id),
            react=may.react(offset),
            delete=may.delete(offset, said.author.id),
            offer=may.offer(author) if author else None,
        )

    head = get

    async def _said(self, order: Order, room: str, offset: int) -> Message:
        """The message with all who have reacted: the log of the room names some of them. Raises NotFound."""
        after = max(offset - 1, order.trimmed)
        for item in (await self.chat.engine.between(room, after, offset + 1, 1)).items:
            if isinstance(item, Message) and item.body:
                return item
        raise NotFound("id")

    async def _ignored(self, me: Person | None, author: Person | None) -> bool:
        """Whether the visitor does not want to hear the author."""
        if me is None or author is None:
            return False
        return author.id in [it.id for it in await self.chat.engine.people.ignored(me.id)]


class JoinPage(RoomPage):
    """Where an invitation leads: one is asked before one comes in."""

    secret_path = True

    async def get(self, text: str, token: str) -> None:
        """A button to come in by; not found for a token that lets nobody in."""
        room, me = room_from(text), await self.me()
        order = await self.parts.doors.invited(room, token, await self.visitor())
        members = await self.chat.engine.members(room) if is_conversation(room) else ()
        heading = heading_of(room, order, [it.person for it in members], me)
        self.render(
            "join.html", room=room, path=room_path(room), token=token, heading=heading, me=me
        )

    head = get


def _put(reactions: Reactions, me: Person | None) -> Sequence[str]:
    """Those emoji that are of that person, whatever they were called."""
    id_ = me.id if me else None
    return [emoji for emoji, people in reactions.items() if id_ in [it.id for it in people]]
