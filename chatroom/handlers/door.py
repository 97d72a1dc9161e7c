"""/a/room/ROOM/invitation and join: handing out what lets people in, and coming in by it."""

from __future__ import annotations

from chatroom.handlers.base import room_path
from chatroom.handlers.room import ActHandler
from chatroom.message import room_from
from chatroom.poll import last


class InvitationHandler(ActHandler):
    """Makes an invitation, and voids the one before."""

    async def post(self, text: str) -> None:
        """201 and the path that lets people in, told this once; a page with it to a browser."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        token = await self.parts.doors.invite(room, visitor)
        path = f"/join{room_path(room).removeprefix('/room')}/{token}"
        if self.wants_page:
            self.set_status(201)
            self.render("invitation.html", path=room_path(room), url=self.site + path)
        else:
            self.reply({"path": path}, 201)


class JoinHandler(ActHandler):
    """Lets somebody in."""

    way_in = True

    async def post(self, text: str) -> None:
        """200 and the room to whoever knows the token or the password; nobody else learns whether there is one."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        token, password = (last(self.arguments, it) or "" for it in ("token", "password"))
        await self.parts.doors.join(room, token, password, visitor)
        self.reply({"room": room})
