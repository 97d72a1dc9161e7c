"""What was said, changed afterwards: taken back, said better, reacted to."""

from __future__ import annotations

from chatroom.deed import AnyDeed, Deletion, Edit, Reaction
from chatroom.drafting import offset_from
from chatroom.errors import ChoiceInvalid
from chatroom.fields import switch
from chatroom.handlers.room import ActHandler
from chatroom.message import body_from, emoji_from, room_from
from chatroom.poll import last
from chatroom.text import render


class AlterHandler(ActHandler):
    """Does something to the message `id`."""

    async def post(self, text: str) -> None:
        """The id of the entry by which everybody hears of it."""
        room, visitor = room_from(text), await self.actor()
        self.next_path()
        target = offset_from(last(self.arguments, "id") or "", self.chat.rooms.wire.epoch)
        self.tell(await self.parts.conduct.act(room, self.deed(target), visitor))

    def deed(self, target: int) -> AnyDeed:
        """What is done to the message at that offset. Raises an Invalid that names the argument."""
        raise NotImplementedError


class DeletionHandler(AlterHandler):
    """Takes back what was said."""

    def deed(self, target: int) -> Deletion:
        """The message is gone, for everybody and from the disk."""
        return Deletion(target)


class EditHandler(AlterHandler):
    """Says it better."""

    def deed(self, target: int) -> Edit:
        """The message says `body` now."""
        body = body_from(last(self.arguments, "body") or "")
        return Edit(target, body, render(body))


class ReactionHandler(AlterHandler):
    """Answers with an emoji."""

    def deed(self, target: int) -> Reaction:
        """`emoji` stands under the message, or (`on` 0) does no more."""
        on = switch(self.arguments, "on")
        if on is None:
            raise ChoiceInvalid("on", choices="1, 0")
        return Reaction(target, emoji_from(last(self.arguments, "emoji") or ""), on)
