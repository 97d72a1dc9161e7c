"""POST /a/private: conversations between people."""

from __future__ import annotations

import msgspec

from chatroom.handlers.base import Handler, room_path
from chatroom.poll import last

#: So many people of a conversation count as one post of who begins it.
_PEOPLE_PER_POST = 10


class PrivateHandler(Handler):
    """Begins a conversation."""

    async def post(self) -> None:
        """201 and its room, 200 where these two have one; a browser goes there, or to `next`."""
        next_path, people = self.next_path(), self.arguments.get("person", ())
        visitor = await self.actor(-(-len(people) // _PEOPLE_PER_POST))
        title = last(self.arguments, "title") or ""
        talk = await self.parts.conduct.talk(people, title, visitor)
        if next_path is not None or self.wants_page:
            self.redirect(next_path or room_path(talk.room), status=303)
        else:
            self.write_json(msgspec.json.encode({"room": talk.room}), 201 if talk.new else 200)
