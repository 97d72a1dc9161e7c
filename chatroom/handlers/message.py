"""POST /a/message/new and /a/message/updates: saying something, and hearing of it."""

from __future__ import annotations

import asyncio

from chatroom.buffer import Update
from chatroom.chat import end_hold
from chatroom.handlers.base import Handler
from chatroom.message import DEFAULT_ROOM, room_from
from chatroom.poll import Poll, last


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

    def prepare(self) -> None:
        """Make the waiter before anything is awaited: the client may leave at any moment."""
        super().prepare()
        self._waiter: asyncio.Future[Update | None] = asyncio.get_running_loop().create_future()

    async def get(self) -> None:
        """An update: at once if there is something to tell, else as soon as there is, or when the hold ends."""
        await self.person()
        update = await self.chat.updates(Poll.parse(self.arguments), self._waiter)
        self.write_json(update)

    post = get

    def on_connection_close(self) -> None:
        """The client has left: do not wait for it."""
        end_hold(self._waiter)
