"""POST /a/room/ROOM/typing: showing for a moment that one types."""

from __future__ import annotations

from chatroom.handlers.base import Handler
from chatroom.message import room_from


class TypingHandler(Handler):
    """Shows it with the room's next summary of who is there, to those who ask for that."""

    async def post(self, room: str) -> None:
        """204, also where nobody will see it; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        self.chat.types(room_from(room), self.visitor_of(known))
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.set_status(204)
