"""/a/room/ROOM/member, leave, bar: who is what in a room, and who is kept out or silent."""

from __future__ import annotations

from chatroom.conduct import MINUTES_LIMIT, Judging, Verdict
from chatroom.deed import Membership, Role
from chatroom.fields import needed, number, switch
from chatroom.handlers.room import ActHandler
from chatroom.message import room_from
from chatroom.people import Person
from chatroom.poll import last

#: What somebody is who is not even a member.
_NO_ROLE = "none"
#: What somebody can be made.
_ROLES = (*(it.name.lower() for it in Role), _NO_ROLE)


class MemberHandler(ActHandler):
    """Gives and takes roles."""

    async def post(self, text: str) -> None:
        """`person` has that role now."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        role = needed(self.arguments, "role", _ROLES)
        person = Person(last(self.arguments, "person") or "", "")
        deed = Membership(person, None if role == _NO_ROLE else Role[role.upper()])
        self.tell(await self.parts.conduct.act(room, deed, visitor))


class LeaveHandler(ActHandler):
    """Lets go of a role."""

    async def post(self, text: str) -> None:
        """Whoever asks is no member any more."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        self.tell(await self.parts.conduct.leave(room, visitor))


class BarHandler(ActHandler):
    """Keeps people out or silent."""

    async def post(self, text: str) -> None:
        """As `act` says; `address` in the reply whether it holds for the address, too."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        verdict = Verdict(
            Person(last(self.arguments, "person") or "", ""),
            Judging(needed(self.arguments, "act", Judging)),
            number(self.arguments, "minutes", 0, MINUTES_LIMIT) or 0,
            switch(self.arguments, "address") or False,
        )
        judged = await self.parts.conduct.judge(room, verdict, visitor)
        self.reply({"id": self.entry_id(judged.acts), "address": judged.address})
