"""What administrators do: the first one by the link that the server prints, others by an administrator.

For everybody else there is nothing to find here.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from chatroom.errors import Invalid
from chatroom.handlers.account import AccountHandler
from chatroom.handlers.base import Handler
from chatroom.handlers.session import SessionJson
from chatroom.poll import ON_OR_OFF, choice


class FirstHandler(AccountHandler):
    """Somebody becomes the first administrator."""

    kept = ("name",)

    async def post(self) -> None:
        """200 and who that is now; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        link, name, password = (self.text(it) for it in ("token", "name", "password"))
        signed = await self.parts.accounts.appoint_first(known, link, name, password, self.whence)
        person = known.person
        told = self.hand_over(signed) if signed else SessionJson(person.id, person.name)
        self.done(next_path, told)

    def _unsent(self) -> tuple[str, str | None]:
        try:
            typed = urlencode({"name": self.text("name")})
            return f"/first/{quote(self.text('token'), safe='')}?{typed}", None
        except Invalid:
            return "/", None


class AppointHandler(Handler):
    """An administrator makes somebody another one, or none any more."""

    async def post(self, person: str) -> None:
        """204; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        on = choice(self.arguments, "on", ON_OR_OFF)
        await self.parts.accounts.appoint(known, person, administrator=on)
        self.done(next_path)


class ExpelHandler(Handler):
    """An administrator keeps somebody out of the whole chat, or no longer."""

    async def post(self, person: str) -> None:
        """204; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        on = choice(self.arguments, "on", ON_OR_OFF)
        await self.parts.accounts.bar(known, person, barred=on)
        self.done(next_path)
