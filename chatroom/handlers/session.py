"""The session of whoever asks, and their others: GET and POST /a/session, and below it end, revoke and token."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from chatroom.errors import NotSignedIn
from chatroom.handlers.base import SESSION_COOKIE, Handler
from chatroom.people import Person, name_from
from chatroom.poll import last
from chatroom.sessions import Known
from chatroom.wire import timestamp


class SessionJson(Struct, omit_defaults=True):
    """Who somebody is now, and the token for a program."""

    id: str
    name: str
    token: str | None = None


class ListedJson(Struct):
    """A session as its owner sees it; `name` is that of a program's token, None for a browser."""

    id: str
    name: str | None
    created_at: str
    used_at: str
    current: bool


class _MeJson(Struct):
    id: str
    name: str
    account: bool
    administrator: bool
    sessions: list[ListedJson]
    ignored: list[Person]


class _TokenJson(Struct):
    id: str
    name: str
    token: str


class SessionHandler(Handler):
    """Tells who asks, renames them; gives a new session to a program that asks for a token."""

    async def get(self) -> None:
        """Who that is, where they are signed in, and whom they do not want to hear."""
        known = await self.somebody()
        me = known.person
        sessions = listed(known, await self.sessions.listed(me.id))
        ignored = list(await self.chat.engine.people.ignored(me.id))
        told = _MeJson(me.id, me.name, known.account, known.administrator, sessions, ignored)
        self.write_json(msgspec.json.encode(told))

    head = get

    async def post(self) -> None:
        """201 and who that is now; to a form that names `next`, 303."""
        name = name_from(last(self.arguments, "name") or "")
        next_path = self.next_path()
        session = await self._session(name)
        self.done(next_path, session, 201)

    async def _session(self, name: str) -> SessionJson:
        if self.token is not None:
            person = await self.sessions.rename(self.token, name)
            if person is not None:
                return SessionJson(person.id, person.name)
        elif (
            last(self.arguments, "token") in ("1", "true") and "Cookie" not in self.request.headers
        ):
            self.parts.rates.count_session(self.client)
            token, person = await self.sessions.open(name)
            return SessionJson(person.id, person.name, token)
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
        self.done(next_path)


class RevokeHandler(Handler):
    """Ends any session of whoever asks."""

    async def post(self) -> None:
        """204; to a form that names `next`, 303."""
        known, next_path = await self.somebody(), self.next_path()
        await self.sessions.revoke(known.person.id, last(self.arguments, "id") or "")
        self.done(next_path)


class TokenHandler(Handler):
    """Gives a program of whoever asks a token of its own."""

    async def post(self) -> None:
        """201 and the token, this once: a page for a person, JSON for a program."""
        known = await self.somebody()
        token = await self.parts.accounts.add_token(known, last(self.arguments, "name") or "")
        if self.wants_page:
            self.set_status(201)
            self.render("token.html", token=token)
        else:
            self.write_json(msgspec.json.encode(_TokenJson(*token)), 201)

    def _unsent(self) -> tuple[str, str | None]:
        return "/me", None


def listed(
    known: Known, sessions: Iterable[tuple[str, str | None, int, int, bytes]]
) -> list[ListedJson]:
    """What whoever asks with `known` is told of their sessions."""
    return [
        ListedJson(id_, name, timestamp(created_at), timestamp(used_at), key == known.key)
        for id_, name, created_at, used_at, key in sessions
    ]
