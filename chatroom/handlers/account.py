"""POST /a/account and below: a name that is kept with a password; signing in, another password, and the end of it."""

from __future__ import annotations

from urllib.parse import urlencode

from chatroom.accounts import Signed
from chatroom.errors import Invalid
from chatroom.handlers.base import SESSION_COOKIE, Handler
from chatroom.handlers.session import SessionJson
from chatroom.poll import choice, last


class AccountHandler(Handler):
    """A call of somebody who becomes, or proves to be, the owner of an account.

    Its form stands on `page`, whither an error leads back with what was typed: the arguments `kept`, no password.
    """

    page = "/me"
    kept: tuple[str, ...] = ()

    @property
    def whence(self) -> str:
        """Where the client is, as limits count it."""
        return self.holds.address(self.address).key

    def text(self, name: str) -> str:
        """An argument, "" if it is left out."""
        return last(self.arguments, name) or ""

    def hand_over(self, signed: Signed) -> SessionJson:
        """Who that is, with the token for a program; a browser keeps it in its cookie."""
        token = None
        if self.bearer is not None or self._asks_for_token():
            token = signed.token
        else:
            self.keep(signed.token)
        return SessionJson(signed.person.id, signed.person.name, token)

    def _asks_for_token(self) -> bool:
        return self.text("token") in ("1", "true") and "Cookie" not in self.request.headers

    def _unsent(self) -> tuple[str, str | None]:
        try:
            self.next_path()
            typed = {name: self.text(name) for name in self.kept if self.text(name)}
        except Invalid:
            typed = {}
        return self.page + (f"?{urlencode(typed)}" if typed else ""), None


class ClaimHandler(AccountHandler):
    """A guest claims a name."""

    kept = ("name",)

    async def post(self) -> None:
        """201 and who that is now; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        name, password = self.text("name"), self.text("password")
        signed = await self.parts.accounts.claim(known, name, password, self.whence)
        self.done(next_path, self.hand_over(signed), 201)


class SignInHandler(AccountHandler):
    """Somebody comes back."""

    page = "/sign-in"
    kept = ("name", "next")

    async def post(self) -> None:
        """200 and who that is; the session that was brought along ends. To a form that names `next`, 303."""
        next_path = self.next_path()
        name, password = self.text("name"), self.text("password")
        signed = await self.parts.accounts.sign_in(name, password, self.whence, self.token)
        self.done(next_path, self.hand_over(signed))


class PasswordHandler(AccountHandler):
    """Another password."""

    async def post(self) -> None:
        """204, or 200 and the new token for a program; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        old, new = self.text("old"), self.text("password")
        signed = await self.parts.accounts.change_password(known, old, new, self.whence)
        told = self.hand_over(signed)
        self.done(next_path, told if told.token else None)


class ForgetHandler(AccountHandler):
    """The end of an account."""

    async def post(self) -> None:
        """204, and the browser forgets it; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        erase = choice(self.arguments, "messages", {"keep": False, "delete": True})
        await self.parts.accounts.delete(known, self.text("password"), self.whence, erase=erase)
        if self.bearer is None:
            self.clear_cookie(SESSION_COOKIE)
        self.done(next_path)
