"""POST /a/session: a name for a guest, a token for a program; POST /a/session/end: the end of either."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from chatroom.errors import NotSignedIn
from chatroom.handlers.base import SESSION_COOKIE, Handler
from chatroom.people import name_from
from chatroom.poll import last


class _SessionJson(Struct, omit_defaults=True):
    id: str
    name: str
    token: str | None = None


class SessionHandler(Handler):
    """Renames whoever asks; gives a new session to a program that asks for a token."""

    async def post(self) -> None:
        """201 and who that is now; to a form that names `next`, 303."""
        name = name_from(last(self.arguments, "name") or "")
        next_path = self.next_path()
        session = await self._session(name)
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.write_json(msgspec.json.encode(session), 201)

    async def _session(self, name: str) -> _SessionJson:
        if self.token is not None:
            person = await self.sessions.rename(self.token, name)
            if person is not None:
                return _SessionJson(person.id, person.name)
        elif (
            last(self.arguments, "token") in ("1", "true") and "Cookie" not in self.request.headers
        ):
            self.parts.rates.count_session(self.client)
            token, person = await self.sessions.open(name)
            return _SessionJson(person.id, person.name, token)
        raise NotSignedIn


class SessionEndHandler(Handler):
    """Ends the session of whoever asks."""

    async def post(self) -> None:
        """204, and the browser forgets it; to a form that names `next`, 303."""
        next_path = self.next_path()
        if self.token is None or not await self.sessions.end(self.token):
            raise NotSignedIn
        if self.bearer is None:
            self.clear_cookie(SESSION_COOKIE)
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.set_status(204)
