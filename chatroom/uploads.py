"""Files on their way in: within their limits, straight to the disk, and pictures drawn anew before anybody sees them.

Nothing is believed of what a file says of itself. Whether it is a picture its bytes decide; of its type only what no
browser runs or draws is kept, and everything but a picture is only ever saved, never shown.
"""

from __future__ import annotations

from typing import NamedTuple

from chatroom.engines.files import CHUNK, Allowance, Files, Part
from chatroom.errors import FileEmpty, TooMany, UploadsBusy
from chatroom.holds import Holder, Holds
from chatroom.message import File
from chatroom.people import Person
from chatroom.pictures import Drawing, Pictures, file_too_large, seen
from chatroom.rates import Rates
from chatroom.settings import Settings

#: Of what is not known, and of what could be more than data.
OCTETS = "application/octet-stream"
#: Types that are told on as they were told: programs play, unpack or list them, and nothing in them runs on a page.
PASSIVE_TYPES = frozenset(
    [
        *(f"audio/{it}" for it in ("aac", "flac", "mp4", "mpeg", "ogg", "wav", "webm")),
        *(f"video/{it}" for it in ("mp4", "mpeg", "ogg", "quicktime", "webm")),
        *(f"application/{it}" for it in ("gzip", "json", "pdf", "zip")),
        *(f"text/{it}" for it in ("csv", "plain")),
    ]
)


class Sender(NamedTuple):
    """Who sends a file, as limits count them, and to which room. `account`: they are no guest."""

    person: Person
    room: str
    holder: Holder
    address: Holder
    account: bool = False


class Uploads:
    """Lets files come in, as `settings` say."""

    def __init__(self, settings: Settings, files: Files, rates: Rates) -> None:
        self.limit = settings.max_file
        self.files = files
        self.rates = rates
        self.pictures = Pictures(self.limit)
        one_address = (settings.uploads + 1) // 2  # others come in, too, while somebody dawdles
        self.holds = Holds(settings.uploads, settings.uploads_per_person, one_address)
        self.allowance = Allowance(settings.files_per_person, settings.files_total)

    async def begin(self, sender: Sender, name: str, type_: str, length: int | None) -> Upload:
        """Let a file come in: its `name` as `file_name_from` has it, its `length` in bytes if that is known.

        Raises FileTooLarge, UploadsBusy, TooMany, QuotaReached, FilesFull, Unavailable.
        """
        if length is not None and length > self.limit:
            raise file_too_large(self.limit)
        size = self.limit if length is None else length
        self._let_in(sender, size)
        try:
            id_ = await self.files.begin(sender.person.id, size, self.allowance)
        except BaseException:
            self.holds.end(sender.holder, sender.address)
            self.rates.forgive_file(size, sender.address, account=sender.account)
            raise
        return Upload(self, sender, File(id_, name, passive(type_), 0), size)

    def _let_in(self, sender: Sender, size: int) -> None:
        if not self.holds.begin(sender.holder, sender.address):
            raise UploadsBusy
        try:
            self.rates.count_file(size, sender.address, account=sender.account)
        except TooMany:
            self.holds.end(sender.holder, sender.address)
            raise


class Upload:
    """A file that `sender` sends, `counted` with so many bytes. Whoever begins one ends it, or drops it.

    It counts for its address with what has come of it, whatever becomes of that, and with what is kept if that is more.
    """

    def __init__(self, uploads: Uploads, sender: Sender, file: File, counted: int) -> None:
        self._uploads = uploads
        self._files = uploads.files
        self._sender = sender
        self._file = file
        self.size = 0  # bytes that have come
        self._counted = counted
        self._number = 0
        self._rest = bytearray()  # what makes no chunk yet
        self._picture = False

    async def write(self, data: bytes) -> None:
        """More of it has come. Raises FileTooLarge, PictureTooLarge, Unavailable."""
        self.size += len(data)
        if self.size > self._uploads.limit:
            raise file_too_large(self._uploads.limit)
        self._rest += data
        while len(self._rest) >= CHUNK:
            await self._put(CHUNK)

    async def end(self) -> File:
        """All of it has come: it waits for its message now.

        Raises FileEmpty, PictureTooLarge, UploadsBusy, Unavailable, and, since a picture may have become larger when it
        was drawn, FileTooLarge, TooMany, QuotaReached, FilesFull. It is to be dropped then.
        """
        if not self.size:
            raise FileEmpty
        if self._rest:
            await self._put(len(self._rest))
        self._count(self.size)
        file = await self._drawn() if self._picture else None
        if file is None:
            file = File(self._file.id, self._file.name, self._file.type, self.size)
        await self._files.keep(file, self._sender.person.id, self._sender.room)
        self._leave()
        return file

    async def drop(self) -> None:
        """Leave nothing of it. Raises Unavailable; then a later sweep does it."""
        self._leave()
        self._count(min(self.size, self._counted))
        await self._files.drop(self._file.id)

    async def _put(self, size: int) -> None:
        chunk = bytes(self._rest[:size])
        del self._rest[:size]
        if not self._number:
            self._picture = seen(chunk) is not None
        await self._files.write(self._file.id, Part.SENT, self._number, chunk)
        self._number += 1

    async def _drawn(self) -> File | None:
        """The file as a picture; None if it is none after all, and then it is never shown."""
        sent = self._files.read(self._file.id)
        async with self._uploads.pictures.drawn(self._sender.address.key, sent) as drawing:
            if drawing is None:
                return None
            about = drawing.about
            size = about.picture + about.thumbnail
            self._count(max(self.size, size))
            await self._files.promise(self._file.id, size, self._uploads.allowance)
            try:
                await self._take(drawing, Part.PICTURE, about.picture)
                await self._take(drawing, Part.THUMBNAIL, about.thumbnail)
            except EOFError:
                raise UploadsBusy from None  # it was ended from outside
        told = (about.picture, about.width, about.height)
        return File(self._file.id, self._file.name, about.type, *told)

    async def _take(self, drawing: Drawing, part: Part, size: int) -> None:
        for number, start in enumerate(range(0, size, CHUNK)):
            chunk = await drawing.read(min(CHUNK, size - start))
            await self._files.write(self._file.id, part, number, chunk)

    def _count(self, size: int) -> None:
        """Count with so many bytes instead. Raises TooMany, which fewer never do."""
        rates, (_, _, _, address, account) = self._uploads.rates, self._sender
        rates.forgive_file(self._counted, address, account=account)
        try:
            rates.count_file(size, address, account=account)
        except TooMany:  # whoever comes again has then been counted with what has come now
            rates.count_file(self._counted, address, account=account)
            rates.count_file(size, address, account=account)
            rates.forgive_file(self._counted, address, account=account)
        self._counted = size

    def _leave(self) -> None:
        self._uploads.holds.end(self._sender.holder, self._sender.address)


def passive(type_: str) -> str:
    """The type as which a file that is no picture is told on, from what its sender says."""
    known = type_.partition(";")[0].strip().lower()
    return known if known in PASSIVE_TYPES else OCTETS
