"""/a/room/ROOM: how a room is run, and changing that; what was said in it, taken back; what was done to it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chatroom.cursor import REPLY_LIMIT
from chatroom.deed import (
    KEEP_DAYS_LIMIT,
    KEEP_MESSAGES_LIMIT,
    SLOW_LIMIT,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Access,
    Act,
    Change,
    line_from,
)
from chatroom.fields import choice, number, switch
from chatroom.handlers.base import Handler
from chatroom.message import room_from
from chatroom.poll import RANGE_DEFAULT, Arguments, last
from chatroom.wire import timestamp


class MemberJson(Struct):
    """Somebody with a role."""

    id: str
    name: str
    role: str


class RoomJson(Struct):
    """A room as somebody sees it."""

    room: str
    title: str
    topic: str
    access: Access
    direct: bool
    slow: int
    read_only: bool
    closed: bool
    keep_days: int
    keep_messages: int
    power: str
    muted: bool
    members: list[MemberJson]
    cursor: str


class ActHandler(Handler):
    """Something that is done to a room."""

    def tell(self, acts: Sequence[Act]) -> None:
        """200 and the id of the entry, null where it made no difference; to a form that names `next`, 303."""
        self.reply({"id": self.entry_id(acts)})

    def reply(self, told: dict[str, object], status: int = 200) -> None:
        """That, or on to `next`."""
        next_path = self.next_path()
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.write_json(msgspec.json.encode(told), status)

    def entry_id(self, acts: Sequence[Act]) -> str | None:
        """The id of the last of them."""
        return self.chat.rooms.wire.id(acts[-1].offset) if acts else None


class RunHandler(ActHandler):
    """How a room is run."""

    async def get(self, text: str) -> None:
        """A room that may be entered, with the cursor of who knows this much."""
        room, visitor = room_from(text), await self.visitor()
        order, power, head = await self.chat.outlook(room, visitor)
        members = await self.chat.engine.members(room)
        told = RoomJson(
            room=room,
            **{it: getattr(order, it) for it in Change.__struct_fields__},
            direct=order.direct,
            power=power.name.lower(),
            muted=order.muted(visitor, self.chat.clock()),
            members=[MemberJson(it.id, it.name, role.name.lower()) for it, role in members],
            cursor=self.chat.rooms.wire.id(head),
        )
        self.write_json(msgspec.json.encode(told))

    head = get

    async def post(self, text: str) -> None:
        """Changes what is given."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        change = change_from(self.arguments)
        password = last(self.arguments, "password") or ""
        self.tell(await self.parts.doors.change(room, change, password, visitor))


class AuditHandler(Handler):
    """What was done to a room, for moderators."""

    async def get(self, text: str) -> None:
        """The newest first; `more` when there is older."""
        room, visitor = room_from(text), await self.visitor()
        before = number(self.arguments, "before", 1, sys.maxsize)
        limit = number(self.arguments, "limit", 1, REPLY_LIMIT)
        found = await self.parts.conduct.audit(
            room, before or sys.maxsize, limit or RANGE_DEFAULT, visitor
        )
        told = [
            {
                "number": it.id,
                "at": timestamp(it.at),
                "author": it.author,
                "kind": it.deed.__struct_config__.tag,
                **self.chat.rooms.wire.told(it.deed),
            }
            for it in found.acts
        ]
        self.write_json(msgspec.json.encode({"acts": told, "more": found.more}))

    head = get


def change_from(arguments: Arguments) -> Change:
    """What somebody wants to change. Raises an Invalid that names the argument."""
    title, topic = last(arguments, "title"), last(arguments, "topic")
    access = choice(arguments, "access", Access)
    return Change(
        title=None if title is None else line_from(title, TITLE_LIMIT, "title"),
        topic=None if topic is None else line_from(topic, TOPIC_LIMIT, "topic"),
        slow=number(arguments, "slow", 0, SLOW_LIMIT),
        read_only=switch(arguments, "read_only"),
        closed=switch(arguments, "closed"),
        access=None if access is None else Access(access),
        keep_days=number(arguments, "keep_days", 0, KEEP_DAYS_LIMIT),
        keep_messages=number(arguments, "keep_messages", 0, KEEP_MESSAGES_LIMIT),
    )
