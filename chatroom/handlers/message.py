"""POST /a/message/new and /a/message/updates: saying something, and hearing of it."""

from __future__ import annotations

import asyncio

from tornado.http1connection import HTTP1Connection

from chatroom.drafting import draft_from
from chatroom.handlers.base import NO_STORE, Handler
from chatroom.handlers.replying import HEADERS, JSON_HEADERS
from chatroom.handlers.shortcut import shortcut
from chatroom.held import HeldPoll, end_hold
from chatroom.parts import Parts
from chatroom.poll import Poll
from chatroom.sessions import Known

#: With every update and every message that was taken, whoever sends it.
SHORT_HEADERS = HEADERS | JSON_HEADERS | NO_STORE


class NewMessageHandler(Handler):
    """Posts a message."""

    async def post(self) -> None:
        """201 and the message, 200 for a repeat; to a form that names `next`, 303."""
        known = await self.somebody()
        self.parts.rates.count_post(self.holds.person(known.person.id), self.client)
        next_path = self.next_path()
        address = self.visitor_of(known).address
        epoch = self.chat.rooms.wire.epoch
        posted = await self.chat.post(draft_from(known.person, self.arguments, address, epoch))
        if way := shortcut(self.request):
            way.admit(known)
        if next_path is not None:
            self.redirect(next_path, status=303)
        else:
            self.write_json(posted.entry.json, 200 if posted.repeated else 201)


class UpdatesHandler(Handler):
    """Holds a request until one of its rooms speaks."""

    def initialize(self, parts: Parts) -> None:
        """Make the waiter before anything else happens: the client may leave at any moment."""
        super().initialize(parts)
        self._waiter = HeldPoll(loop=asyncio.get_running_loop())

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
        while known is not None and not known.until:  # it may have ended meanwhile
            known = await self.known()
        self._waiter.known, self._waiter.address = known, self.visitor_of(known).address
        if not self._hand_over(poll, known):
            self.write_json(await self._update(poll, known))

    post = get

    def on_connection_close(self) -> None:
        """The client has left: do not wait for it."""
        end_hold(self._waiter)

    def _hand_over(self, poll: Poll, known: Known | None) -> bool:
        """Let the connection hold the poll, if it can."""
        way = shortcut(self.request)
        if way is None or not way.hold(poll, known):
            return False
        self._auto_finish = False
        self._break_cycles()  # as `finish` would: the collector is slow to find what is left of a request
        self.inflight.end(self)
        return True

    async def _update(self, poll: Poll, known: Known | None) -> bytes:
        if known is not None and poll.me is not None:
            return await self._marked_update(poll, poll.me, known)
        return await self._held_update(poll, known)

    async def _marked_update(self, poll: Poll, me: str, known: Known) -> bytes:
        """An update, at once if something has changed that is theirs, and as soon as it does."""
        owner = known.person.id
        self.parts.marks.hold(owner, self._waiter, end_hold)
        try:
            if self.parts.marks.version(owner) != me:
                end_hold(self._waiter)
            update = await self._held_update(poll, known)
        finally:
            self.parts.marks.leave(owner, self._waiter)
        newest = self.parts.marks.version(owner)
        return update if newest == me else self.chat.rooms.wire.marked(update, newest)

    async def _held_update(self, poll: Poll, known: Known | None) -> bytes:
        person = None if known is None else self.holds.person(known.person.id)
        hold = self.holds.begin(person, self.client)
        self.sessions.watchers.add(self._sessions_ended)
        try:
            update = await self.chat.updates(poll, self._waiter, hold=hold)
        finally:
            self.sessions.watchers.discard(self._sessions_ended)
            if hold:
                self.holds.end(person, self.client)
        if self._waiter.done() and self._waiter.result():
            self.parts.rates.forgive_request(
                self.client
            )  # the room made it return, not its own haste
        return update

    def _sessions_ended(self, keys: frozenset[bytes]) -> None:
        """End the hold if it is for one of these sessions: the next poll is decided anew."""
        known = self._waiter.known
        if known is not None and known.key in keys:
            end_hold(self._waiter)
