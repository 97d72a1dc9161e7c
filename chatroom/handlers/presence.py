"""POST /a/room/ROOM/typing: showing for a moment that one types."""

from __future__ import annotations

from chatroom.handlers.base import Handler
from chatroom.message import room_from


class TypingHandler(Handler):
    """Shows it with the room's next summary of who is there, to those who ask for that."""

    async def post(self, room: str) -> None:
        """204, also where nobody will see it."""
        known = await self.somebody()
        self.chat.types(room_from(room), self.visitor_of(known))
        self.set_status(204)
