"""A request to the chat: its arguments, who is asking, and how long its reply may take."""

from __future__ import annotations

import asyncio
import re
from asyncio import Future
from functools import cached_property
from typing import Any
from urllib.parse import quote

import msgspec
from tornado.http1connection import HTTP1Connection

from chatroom import arguments
from chatroom.errors import Invalid, NextInvalid, NotSignedIn, TooLarge
from chatroom.handlers.replying import Replying
from chatroom.holds import Holder
from chatroom.parts import Parts
from chatroom.people import Person, Visitor
from chatroom.poll import Arguments, last
from chatroom.sessions import Known

SESSION_COOKIE = "session"

#: With every reply but static files.
NO_STORE = {"Cache-Control": "no-store"}

#: A path of this site that no browser can read as another one's: no `//`, no backslash, no control character.
_LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_\-.~%?&=#]*", re.ASCII)


class Handler(Replying):
    """A request to the chat: its arguments, and who is asking. `counted` if one address may not ask it too often."""

    counted = True

    def initialize(self, parts: Parts) -> None:
        """Take what `make_app` has put together."""
        self.parts = parts
        self.chat, self.sessions = parts.chat, parts.sessions
        self.inflight, self.holds = parts.inflight, parts.holds

    def prepare(self) -> None:
        """Called by Tornado before the method. Raises TooMany and TooLarge."""
        self.inflight.begin(self)
        for name, value in NO_STORE.items():
            self.set_header(name, value)
        if self.counted:
            self.parts.rates.count_request(self.client)
        limit = self.chat.settings.max_body
        if len(self.request.body) > limit:
            raise TooLarge(limit=limit)

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> Future[None]:
        """End the reply, and the connection with it if the server closes; in flight until its last byte has left."""
        if self.chat.closing:
            self.set_header("Connection", "close")
        flushed = super().finish(chunk)
        flushed.add_done_callback(lambda _: self.inflight.end(self))
        if not flushed.done() and isinstance(self.request.connection, HTTP1Connection):
            self._await_reader(flushed, self.request.connection)
        return flushed

    def compute_etag(self) -> None:
        """No reply of the chat is ever asked for twice, so none is hashed."""

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **kwargs: Any) -> None:
        """Over https a cookie never travels in the clear."""
        kwargs.setdefault("secure", self.secure)
        super().set_cookie(name, value, *args, **kwargs)

    @cached_property
    def arguments(self) -> Arguments:
        """From the body of a POST, else from the query string. Raises Invalid."""
        if self.request.method == "POST":
            kind = self.request.headers.get("Content-Type", "")
            return arguments.from_body(kind, self.request.body)
        return arguments.from_query(self.request.query)

    @property
    def address(self) -> str:
        """The address of the client, also behind proxies."""
        return self.parts.proxies.client(self.request.remote_ip or "", self.request.headers)

    @cached_property
    def client(self) -> Holder:
        """Whoever is at `address`, for whom requests are counted."""
        return self.holds.address(self.address)

    @property
    def secure(self) -> bool:
        """Whether the client speaks https, with us or with a proxy in front."""
        peer = self.request.remote_ip or ""
        return self.request.protocol == "https" or self.parts.proxies.secure(
            peer, self.request.headers
        )

    @property
    def site(self) -> str:
        """What stands before a path in an address of this site, as the client has written it."""
        return f"{'https' if self.secure else 'http'}://{self.request.host}"

    @property
    def token(self) -> str | None:
        """The token of the session that the request claims."""
        return self.get_cookie(SESSION_COOKIE) if self.bearer is None else self.bearer

    async def known(self) -> Known | None:
        """The session of who is asking; None is nobody.

        Raises NotSignedIn for a program whose token is not (any more) valid.
        """
        known = await self.sessions.known(self.token) if self.token is not None else None
        if known is None and self.bearer is not None:
            raise NotSignedIn
        return known

    async def person(self) -> Person | None:
        """Who is asking; None is nobody. Raises NotSignedIn as `known` does."""
        known = await self.known()
        return None if known is None else known.person

    async def visitor(self) -> Visitor:
        """Who is asking, and from where. Raises NotSignedIn as `known` does."""
        return self.visitor_of(await self.known())

    def visitor_of(self, known: Known | None) -> Visitor:
        """Whoever has that session, here."""
        address = self.client.key
        return known.at(address) if known else Visitor(None, address)

    async def actor(self, entries: int = 1) -> Visitor:
        """Who is asking, counted as for so many posts: what they are about to do goes into a log. Raises TooMany."""
        known = await self.known()
        if known is not None:
            for _ in range(entries):
                self.parts.rates.count_post(self.holds.person(known.person.id), self.client)
        return self.visitor_of(known)

    async def somebody(self) -> Known:
        """The session of who is asking. Raises NotSignedIn for nobody."""
        known = await self.known()
        if known is None:
            raise NotSignedIn
        return known

    def keep(self, token: str) -> None:
        """Let the browser keep the token for as long as the session lives without being used."""
        days = self.sessions.days
        self.set_cookie(SESSION_COOKIE, token, expires_days=days, httponly=True, samesite="Lax")

    def done(self, next_path: str | None, told: object = None, status: int = 200) -> None:
        """End a call: 303 to where its form goes on, else what is `told`, as JSON, or 204."""
        if next_path is not None:
            self.redirect(next_path, status=303)
        elif told is None:
            self.set_status(204)
        else:
            self.write_json(msgspec.json.encode(told), status)

    def next_path(self) -> str | None:
        """Where a form wants to go on. Raises NextInvalid for what could leave the site."""
        path = last(self.arguments, "next")
        if path is not None and not _LOCAL_PATH.fullmatch(path):
            raise NextInvalid("next")
        return path

    def _await_reader(self, flushed: Future[None], connection: HTTP1Connection) -> None:
        """Close the connection of a reader that does not read: what it was sent would stay in memory for ever.

        It has lost nothing, it comes back with its cursor. Our own connection looks after that itself.
        """
        seconds = self.chat.settings.write_timeout
        deadline = asyncio.get_running_loop().call_later(seconds, connection.stream.close)
        flushed.add_done_callback(lambda _: deadline.cancel())

    def _unsent(self) -> tuple[str, str | None]:
        try:
            draft = last(self.arguments, "body")
            return self.next_path() or "/", draft
        except NextInvalid:
            return "/", draft
        except Invalid:
            return "/", None


def room_path(room: str) -> str:
    """The path of a room's page."""
    return f"/room/{quote(room, safe='')}"
