"""What is somebody's own: GET /a/rooms, POST /a/room/ROOM/read and /a/person/PERSON/ignore.

All three say which version of it that is (`chatroom.marks`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chatroom.cursor import Cursor
from chatroom.engines.people import Reading
from chatroom.errors import CursorInvalid, Invalid, NotFound
from chatroom.handlers.base import Handler
from chatroom.marks import Change
from chatroom.message import room_from
from chatroom.people import Person
from chatroom.poll import last
from chatroom.wire import Wire

_SWITCH = {"1": True, "true": True, "0": False, "false": False}


class _RoomJson(Struct):
    room: str
    title: str
    access: str
    direct: bool
    members: Sequence[Person]
    cursor: str
    read: str
    unread: int
    mentions: int

    @classmethod
    def of(cls, reading: Reading, wire: Wire) -> _RoomJson:
        room, order, members, head, read, unread, mentions = reading
        at = (wire.id(head), wire.id(read))
        return cls(room, order.title, order.access, order.direct, members, *at, unread, mentions)


class _MineJson(Struct):
    me: str
    rooms: Sequence[_RoomJson]
    ignored: Sequence[Person]


class _ChangedJson(Struct):
    me: str
    was: str


class RoomsHandler(Handler):
    """The rooms of whoever asks, what is unread there, and whom they ignore."""

    async def get(self) -> None:
        """`me` is asked first: what changes meanwhile makes it an old one."""
        known = await self.somebody()
        person = known.person
        me = self.parts.marks.version(person.id)
        readings = await self.chat.readings(person, self.visitor_of(known))
        ignored = await self.chat.engine.people.ignored(person.id)
        rooms = [_RoomJson.of(it, self.chat.rooms.wire) for it in readings]
        self.write_json(msgspec.json.encode(_MineJson(me, rooms, ignored)))

    head = get


class _ChangingHandler(Handler):
    def _reply(self, change: Change) -> None:
        """The version since, and the one before: whoever knew that one knows all that there is to know."""
        next_path = self.next_path()
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.write_json(msgspec.json.encode(_ChangedJson(change.after, change.before)))


class ReadHandler(_ChangingHandler):
    """Notes up to where whoever asks has read a room."""

    async def post(self, name: str) -> None:
        """What they had read before changes nothing, nor does the beginning; there is nothing behind the head."""
        known = await self.somebody()
        room, offset = room_from(name), self._offset()
        self.next_path()
        await self.chat.order(room, self.visitor_of(known))
        person, people = known.person.id, self.chat.engine.people
        if offset and await people.read(person, room, offset):
            self._reply(self.parts.marks.changed(person))
        else:
            self._reply(self.parts.marks.unchanged(person))

    def _offset(self) -> int:
        cursor = Cursor.parse(last(self.arguments, "id") or "", "id")
        if cursor.epoch != self.chat.rooms.wire.epoch:
            raise CursorInvalid("id")
        return cursor.offset


class IgnoreHandler(_ChangingHandler):
    """Lets whoever asks hear nothing of somebody, or hear them again."""

    async def post(self, target: str) -> None:
        """Nobody can ignore themselves."""
        known = await self.somebody()
        ignored = _SWITCH.get(last(self.arguments, "on") or "")
        self.next_path()
        if ignored is None:
            raise Invalid("on")
        if target == known.person.id:
            raise NotFound("person")
        await self.chat.engine.people.ignore(known.person.id, target, ignored=ignored)
        self._reply(self.parts.marks.changed(known.person.id))
