"""GET /a/room/ROOM/messages: a range of a room's log, to scroll back and to fill gaps."""

from __future__ import annotations

from chatroom.handlers.base import Handler
from chatroom.message import room_from
from chatroom.poll import Range


class HistoryHandler(Handler):
    """The newest entries strictly between two ids."""

    async def get(self, room: str) -> None:
        """`messages` in log order; `more` when the range holds older ones."""
        visitor = await self.visitor()
        wire = self.chat.rooms.wire
        wanted = Range.parse(self.arguments, wire.epoch)
        history = await self.chat.history(room_from(room), wanted, visitor)
        self.write_json(wire.history(history.entries, more=history.more))

    head = get
