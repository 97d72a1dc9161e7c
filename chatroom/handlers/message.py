"""POST /a/message/new and /a/message/updates: saying something, and hearing of it."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, runtime_checkable

from tornado.http1connection import HTTP1Connection

from chatroom.buffer import Update
from chatroom.chat import end_hold
from chatroom.handlers.base import NO_STORE, Handler
from chatroom.handlers.replying import HEADERS, JSON_HEADERS
from chatroom.message import DEFAULT_ROOM, room_from
from chatroom.poll import Poll, last
from chatroom.sessions import Known

#: With every update, whoever sends it.
UPDATE_HEADERS = HEADERS | JSON_HEADERS | NO_STORE


@runtime_checkable
class Holding(Protocol):
    """A connection that can hold a poll without a handler."""

    def hold(self, poll: Poll, known: Known | None) -> bool:
        """Hold `poll` of `known` and answer it; False if that is left to the handler."""


class NewMessageHandler(Handler):
    """Posts a message."""

    async def post(self) -> None:
        """201 and the message, 200 for a repeat; to a form that names `next`, 303."""
        author = await self.somebody()
        next_path = self.next_path()
        room = last(self.arguments, "room")
        posted = await self.chat.post(
            author,
            room_from(DEFAULT_ROOM if room is None else room),
            last(self.arguments, "body") or "",
            last(self.arguments, "client_id") or None,
        )
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.write_json(posted.entry.json, 200 if posted.repeated else 201)


class UpdatesHandler(Handler):
    """Holds a request until one of its rooms speaks."""

    def initialize(self, *args: Any, **parts: Any) -> None:
        """Make the waiter before anything else happens: the client may leave at any moment."""
        super().initialize(*args, **parts)
        self._waiter: asyncio.Future[Update | None] = asyncio.get_running_loop().create_future()

    def prepare(self) -> None:
        """Hold nothing for a client that has left before anybody could be told: Tornado tells nobody then."""
        super().prepare()
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection) and connection.stream.closed():
            end_hold(self._waiter)

    async def get(self) -> None:
        """An update: at once if there is something to tell, else as soon as there is, or when the hold ends."""
        known = await self.known()
        poll = Poll.parse(self.arguments)
        await self.chat.warm(poll)
        if not self._hand_over(poll, known):
            self.write_json(await self._update(poll, known))

    post = get

    def on_connection_close(self) -> None:
        """The client has left: do not wait for it."""
        end_hold(self._waiter)

    def _hand_over(self, poll: Poll, known: Known | None) -> bool:
        """Let the connection hold the poll, if it can.

        It will hold every other one with the same head, so what was decided of this one must not rest on its body.
        """
        connection = self.request.connection
        if not isinstance(connection, Holding) or "_xsrf" in self.request.arguments:
            return False
        if not connection.hold(poll, known):
            return False
        self._auto_finish = False
        self._break_cycles()  # as `finish` would: the collector is slow to find what is left of a request
        self.inflight.end(self)
        return True

    async def _update(self, poll: Poll, known: Known | None) -> bytes:
        person = None if known is None else self.holds.person(known.person.id)
        address = self.holds.address(self.request.remote_ip or "")
        hold = self.holds.begin(person, address)
        try:
            return await self.chat.updates(poll, self._waiter, hold=hold)
        finally:
            if hold:
                self.holds.end(person, address)
