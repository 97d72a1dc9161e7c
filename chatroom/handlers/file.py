"""Files of messages, fetched by whoever may come into their room.

Only pictures that were drawn here are shown by a browser. Everything else is saved, and nothing in it may run even if
somebody makes a browser open it from here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from chatroom.engines.files import Kept
from chatroom.errors import ChatroomError, NotFound
from chatroom.handlers.base import Handler
from chatroom.message import room_from
from chatroom.people import Visitor

#: With every file: nothing in it is part of this site.
FILE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=86400, immutable",
    "Accept-Ranges": "bytes",
}
#: Seconds after which it is looked whether a file may still be sent to whoever takes it slowly.
_LOOK_AGAIN = 1.0
_RANGE = re.compile(r"bytes=([0-9]{1,15})?-([0-9]{1,15})?", re.ASCII)


class Range(NamedTuple):
    """Bytes of a file, from `start` up to but without `end`."""

    start: int
    end: int


class FileHandler(Handler):
    """Gives a file to whoever may read its message; one that waits for its message only to its sender."""

    thumbnail = False

    async def get(self, text: str, id_: str) -> None:
        """All of it, or the range that is asked for (RFC 9110, section 14)."""
        kept = await self._find(text, id_)
        file, small = kept.file, self.thumbnail and bool(kept.thumbnail)
        size = kept.thumbnail if small else file.size
        self._tell(kept, "image/webp" if small else file.type)
        if self.check_etag_header():
            self.set_status(304)
            return
        wanted = self._wanted(size)
        if wanted is None:
            self.set_status(416)
            self.set_header("Cache-Control", "no-store")
            self.set_header("Content-Range", f"bytes */{size}")
            return
        if wanted != Range(0, size):
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {wanted.start}-{wanted.end - 1}/{size}")
        self.set_header("Content-Length", wanted.end - wanted.start)
        if self.request.method != "HEAD":
            chunks = self.chat.engine.files.read(id_, thumbnail=small, start=wanted.start)
            await self._send(chunks, wanted)

    head = get

    async def _find(self, text: str, id_: str) -> Kept:
        """The file, if it is there for whoever asks. Raises NotFound."""
        room, visitor = room_from(text), await self.visitor()
        order, _ = await self.chat.order(room, visitor)
        kept = await self.chat.engine.files.find(id_)
        if kept is None or kept.room != room or not _shown(kept, visitor, order.trimmed):
            raise NotFound("file")
        if self.thumbnail and not kept.file.width:
            raise NotFound("file")
        return kept

    def _tell(self, kept: Kept, type_: str) -> None:
        for name, value in FILE_HEADERS.items():
            self.set_header(name, value)
        charset = "; charset=utf-8" if type_.startswith("text/") else ""
        self.set_header("Content-Type", type_ + charset)
        self.set_header("Content-Disposition", disposition(kept))
        self.set_header("Etag", f'"{kept.file.id}{"-small" if self.thumbnail else ""}"')

    def _wanted(self, size: int) -> Range | None:
        """What is asked for of so many bytes; None for what is not there. What is not understood is not asked for."""
        headers = self.request.headers
        asked = headers.get("Range", "") if self.request.method == "GET" else ""
        match = _RANGE.fullmatch(asked)
        etag = self._headers["Etag"]
        if match is None or not any(match.groups()) or headers.get("If-Range", etag) != etag:
            return Range(0, size)
        first, end = match.groups()
        if first is None:
            return Range(max(0, size - int(end)), size) if int(end) else None
        wanted = Range(int(first), min(size, int(end) + 1) if end else size)
        return wanted if wanted.start < wanted.end else None

    async def _send(self, chunks: AsyncIterator[bytes], wanted: Range) -> None:
        """Send it as fast as it is taken, while it is still found. Where that fails, the connection ends early."""
        left = wanted.end - wanted.start
        loop = asyncio.get_running_loop()
        found_at = loop.time()
        try:
            async for chunk in chunks:
                self.write(chunk[:left])
                left -= min(left, len(chunk))
                if not left:
                    return
                async with asyncio.timeout(self.chat.settings.write_timeout):
                    await self.flush()
                if loop.time() >= found_at + _LOOK_AGAIN:
                    await self._find(*self.path_args)
                    found_at = loop.time()
        except (StreamClosedError, TimeoutError, ChatroomError):
            pass
        self._cut_off()

    def _cut_off(self) -> None:
        self._auto_finish = False
        connection: Any = self.request.connection
        connection.stream.close()
        self.inflight.end(self)


class ThumbnailHandler(FileHandler):
    """Gives a picture as large as it is in the timeline."""

    thumbnail = True


def disposition(kept: Kept) -> str:
    """Whether a browser shows the file or saves it, and as what (RFC 6266): only pictures are shown."""
    how, name = "inline" if kept.file.width else "attachment", kept.file.name
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _shown(kept: Kept, visitor: Visitor, trimmed: int) -> bool:
    """Whether the file is there for `visitor`, in a room that they may come into."""
    if kept.offset is None:
        return visitor.person is not None and visitor.person.id == kept.person
    return kept.offset > trimmed
