"""POST /a/private: conversations between people."""

from __future__ import annotations

import msgspec

from chatroom.handlers.base import Handler, room_path
from chatroom.poll import last


class PrivateHandler(Handler):
    """Begins a conversation."""

    async def post(self) -> None:
        """201 and its room, 200 where these two have one; a browser goes there, or to `next`."""
        visitor, next_path = await self.visitor(), self.next_path()
        title = last(self.arguments, "title") or ""
        talk = await self.parts.conduct.talk(self.arguments.get("person", ()), title, visitor)
        if next_path is not None or self.wants_page:
            self.redirect(next_path or room_path(talk.room), status=303)
        else:
            self.write_json(msgspec.json.encode({"room": talk.room}), 201 if talk.new else 200)
