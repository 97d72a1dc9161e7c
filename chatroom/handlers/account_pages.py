"""The pages of an account: mine, signing in, and the first administrator's. They work without JavaScript."""

from __future__ import annotations

from chatroom.errors import NotFound, NotSignedIn
from chatroom.handlers.pages import PageHandler
from chatroom.handlers.session import listed
from chatroom.passwords import PASSWORD_MINIMUM
from chatroom.people import NAME_LIMIT
from chatroom.poll import last


class MeHandler(PageHandler):
    """What somebody is called, their password, and where they are signed in."""

    async def get(self) -> None:
        """The page. Raises NotSignedIn where no session can be kept."""
        known = await self.guest()
        if known is None:
            raise NotSignedIn
        sessions = await self.sessions.listed(known.person.id)
        self.render(
            "me.html",
            known=known,
            sessions=listed(known, sessions),
            changed="changed" in self.arguments,
            typed=last(self.arguments, "name"),
            name_limit=NAME_LIMIT,
            minimum=PASSWORD_MINIMUM,
        )

    head = get


class SignInPageHandler(PageHandler):
    """Name and password."""

    async def get(self) -> None:
        """The page; `next` is where the form leads."""
        next_path = self.next_path() or "/"
        known = await self.known()
        typed = last(self.arguments, "name") or ""
        self.render("sign_in.html", known=known, next_path=next_path, typed=typed)

    head = get


class FirstPageHandler(PageHandler):
    """Where the link leads that the server prints while there is no administrator."""

    secret_path = True

    async def get(self, token: str) -> None:
        """The page. Raises NotFound for a link that is void."""
        if not self.parts.accounts.offers(token):
            raise NotFound
        known = await self.guest()
        if known is None:
            raise NotSignedIn
        self.render(
            "first.html",
            known=known,
            token=token,
            typed=last(self.arguments, "name"),
            name_limit=NAME_LIMIT,
            minimum=PASSWORD_MINIMUM,
        )

    head = get
