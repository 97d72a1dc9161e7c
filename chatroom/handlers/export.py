"""GET /room/ROOM/export.json and export.html: all that was said in a room, to be taken away."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Protocol, runtime_checkable

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from chatroom.chat import Outlook
from chatroom.errors import ChatroomError
from chatroom.export import Extent, Form, JsonForm, pages, pieces
from chatroom.export_page import HtmlForm
from chatroom.handlers.base import Handler, room_path
from chatroom.handlers.heading import heading_of
from chatroom.message import room_from
from chatroom.people import Person


@runtime_checkable
class _Abortable(Protocol):
    """A connection of ours, which ends at once."""

    def abort(self) -> None:
        """Send nothing more, not even what waits."""


class ExportHandler(Handler):
    """The whole of a room for whoever it belongs to: as fast as they take it, and one at a time for each person."""

    media: ClassVar[str]
    suffix: ClassVar[str]

    async def get(self, text: str) -> None:
        """An attachment. What goes wrong within it breaks the connection off, and nobody takes it for the whole."""
        room = room_from(text)
        await self.actor()
        outlook = await self._owned(room)
        members = await self.chat.engine.members(room)
        extent = Extent(room, outlook.order, members, outlook.head, self.chat.clock())
        me = (await self.somebody()).person
        with self.parts.rates.exporting(self.holds.person(me.id)):
            self.set_header("Content-Type", self.media)
            self.set_header("Content-Disposition", extent.file_name(self.suffix))
            self.set_header("X-Accel-Buffering", "no")
            if self.request.method == "HEAD":
                await self.flush()  # how long it will be is not known
            else:
                await self._stream(extent, self.form(extent, me))

    head = get

    def form(self, extent: Extent, me: Person) -> Form:
        """How it is written down for `me`."""
        raise NotImplementedError

    async def _owned(self, room: str) -> Outlook:
        """The room as it stands. Raises NotFound, NotAllowed, and NotSignedIn for a token that has been revoked."""
        visitor = await self.visitor()
        outlook = await self.chat.outlook(room, visitor)
        outlook.order.let_export(visitor, self.chat.clock())
        return outlook

    async def _stream(self, extent: Extent, form: Form) -> None:
        async def allowed() -> None:
            if self.chat.closing:
                raise StreamClosedError
            await self._owned(extent.room)

        try:
            async for piece in pieces(form, pages(self.chat.engine, extent, allowed)):
                self.write(piece)
                async with asyncio.timeout(self.chat.settings.write_timeout):
                    await self.flush()
        except (ChatroomError, StreamClosedError, TimeoutError):
            self._break_off()
        except BaseException:
            self._break_off()
            raise

    def _break_off(self) -> None:
        connection = self.request.connection
        stream = getattr(connection, "stream", None)
        if isinstance(stream, _Abortable):
            stream.abort()
        elif isinstance(connection, HTTP1Connection):
            connection.stream.close()


class JsonExportHandler(ExportHandler):
    """For programs."""

    media = "application/json"
    suffix = "json"

    def form(self, extent: Extent, me: Person) -> Form:  # noqa: ARG002 - the same for everybody
        """Entries as on the wire."""
        return JsonForm(self.chat.rooms.wire, extent)


class HtmlExportHandler(ExportHandler):
    """For people."""

    media = "text/html; charset=UTF-8"
    suffix = "html"

    def form(self, extent: Extent, me: Person) -> Form:
        """A document in their language."""
        people = [it.person for it in extent.members]
        heading = heading_of(extent.room, extent.order, people, me)
        home = self.site + room_path(extent.room)
        return HtmlForm(self.render_string, extent, home, heading=heading)
