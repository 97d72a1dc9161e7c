"""Files sent to a room, where they wait for a message."""

from __future__ import annotations

import asyncio
import sys
from asyncio import Task, TimerHandle
from contextlib import suppress
from typing import Any

import msgspec
from tornado.web import stream_request_body

from chatroom import arguments
from chatroom.errors import ChatroomError, EncodingUnknown, MethodNotAllowed, Unavailable
from chatroom.handlers.base import Handler
from chatroom.message import file_name_from, room_from
from chatroom.parts import Parts
from chatroom.poll import Arguments, last
from chatroom.uploads import Sender, Upload

#: Seconds in which whoever is refused may go on sending, and read why; a connection cut at once would hide it.
_LINGER = 2.0
#: Seconds in which so many bytes of a file, or all of it, have to come: a fifth of what the slowest telephones manage.
#: Whoever dawdles has a place that others wait for.
_PACE_SECONDS, _PACE_BYTES = 30.0, 65_536
#: A file without a length is read up to this many times the limit, to be refused politely.
_POLITE = 2
#: Digits of a length that could be meant.
_DIGITS = 15


@stream_request_body
class NewFileHandler(Handler):
    """Takes a file, straight from the connection to the disk."""

    def initialize(self, parts: Parts) -> None:
        """Nothing has come yet."""
        super().initialize(parts)
        self._upload: Upload | None = None
        self._left = False
        self._pace: TimerHandle | None = None
        self._leaving: Task[None] | None = None

    @property
    def arguments(self) -> Arguments:
        """From the query string: the body is the file. Raises Invalid."""
        return arguments.from_query(self.request.query)

    async def prepare(self) -> None:  # type: ignore[override]  # Tornado waits for it
        """Called by Tornado between the head and the body. Raises what refuses the file."""
        connection: Any = self.request.connection
        connection.set_max_body_size(_POLITE * self.chat.settings.max_file)
        connection.set_body_timeout(self.chat.settings.upload_timeout)
        try:
            super().prepare()
            upload = await self._begin(*self.path_args)
        except ChatroomError:
            connection.set_max_body_size(sys.maxsize)
            connection.set_body_timeout(_LINGER)
            self.set_header("Connection", "close")
            raise
        if self._left:
            await self._let_go(upload)
        else:
            self._upload = upload
            self._keep_pace(-_PACE_BYTES)

    async def data_received(self, chunk: bytes) -> None:
        """Called by Tornado with what has come; the next comes when this is done."""
        if self._upload is None:
            return
        try:
            await self._upload.write(chunk)
        except ChatroomError as error:
            await self._drop()
            if not self._left:
                self.set_header("Connection", "close")
                self._handle_request_exception(error)

    async def post(self, _room: str) -> None:
        """201 and the file."""
        upload = self._taken()  # whoever leaves now leaves it behind: it waits for its message
        if upload is None:
            return  # it was refused on its way
        try:
            file = await upload.end()
        except BaseException:
            await _dropped(upload)
            raise
        self.write_json(msgspec.json.encode(file), 201)

    def on_connection_close(self) -> None:
        """The client has left, perhaps half-way."""
        super().on_connection_close()
        self._left = True
        upload = self._taken()
        if upload is not None:
            self._leaving = asyncio.create_task(self._let_go(upload))

    async def _begin(self, text: str) -> Upload:
        if self.request.method != "POST":
            raise MethodNotAllowed
        room, known = room_from(text), await self.somebody()
        person = self.holds.person(known.person.id)
        self.parts.rates.count_post(person, self.client)
        visitor = self.visitor_of(known)
        order, _ = await self.chat.order(room, visitor)
        order.let_speak(visitor, self.chat.clock())
        headers = self.request.headers
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise EncodingUnknown
        name = file_name_from(last(self.arguments, "name") or "")
        uploads = self.parts.uploads
        holder, address = uploads.holds.person(known.person.id), uploads.holds.address(self.address)
        sender = Sender(known.person, room, holder, address, known.account)
        kind = headers.get("Content-Type", "")
        return await uploads.begin(sender, name, kind, _length(headers.get("Content-Length")))

    async def _drop(self) -> None:
        upload = self._taken()
        if upload is not None:
            await _dropped(upload)

    def _taken(self) -> Upload | None:
        """The upload, which does not come in any more."""
        upload, self._upload = self._upload, None
        if self._pace is not None:
            self._pace.cancel()
        return upload

    def _keep_pace(self, before: int) -> None:
        """Cut off whoever sends too slowly: so many bytes had come when it was looked at last."""
        if self._upload is None:
            return
        came = self._upload.size
        if came - before < _PACE_BYTES:
            connection: Any = self.request.connection
            connection.stream.close()
        else:
            loop = asyncio.get_running_loop()
            self._pace = loop.call_later(_PACE_SECONDS, self._keep_pace, came)

    async def _let_go(self, upload: Upload) -> None:
        """Nobody waits for the reply."""
        await _dropped(upload)
        self.inflight.end(self)


def _length(text: str | None) -> int | None:
    """What a head says of the length of the body; the connection refuses what is none."""
    if text is None:
        return None
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else sys.maxsize


async def _dropped(upload: Upload) -> None:
    """Leave nothing of it, now or with the next sweep."""
    with suppress(Unavailable):
        await upload.drop()
