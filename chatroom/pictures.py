"""Pictures among the files: told by their first bytes, and drawn anew by `redraw`.

A decoder is the largest thing here that reads what strangers have made, so it runs in a process of its own, for each
picture another one: what is wrong with one ends with it, and its computing holds nobody up. No more than RUNNING of
them run and WAITING wait. Of one address one runs, and half of all that run and wait, so that whoever sends what takes
long to draw is in nobody's way elsewhere. The bytes go through pipes, in chunks, and are never in the memory of the
server as a whole.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from weakref import WeakValueDictionary

import msgspec
from msgspec import Meta, Struct

from chatroom.errors import FileTooLarge, PictureTooLarge, UploadsBusy
from chatroom.redraw import FRAMES_LIMIT, PIXELS_LIMIT, TOO_HEAVY, TOO_LARGE, frames

#: Pictures that are drawn at once.
RUNNING = 2
#: Pictures that wait for their turn; one more is refused.
WAITING = 16
#: Seconds that one may take, however busy the machine is.
_PATIENCE = 30.0
#: Bytes of the first line, at most.
_LINE = 1000

_ROOT = Path(__file__).parent.parent
_COMMAND = [sys.executable, "-m", "chatroom.redraw"]
#: What Python may need to start; what else is there may be secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")
#: What a system says that has no process, no memory or no pipe left just now.
_SCARCE = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
_MB = 1_048_576
#: Markers of JPEG that begin a frame: ITU T.81, table B.1, without DHT, JPG and DAC.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


_Count = Annotated[int, Meta(ge=0)]


class Drawn(Struct, frozen=True):
    """What `redraw` tells of a picture: its type, pixels, and the bytes of it and of a smaller one."""

    type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    width: _Count
    height: _Count
    picture: _Count
    thumbnail: _Count


class Seen(NamedTuple):
    """A picture by its first bytes; without `width` and `height` (0) where these do not tell."""

    width: int
    height: int


class Drawing:
    """A picture that has been drawn: `about` it, and its bytes, once, the picture first."""

    def __init__(self, about: Drawn, child: subprocess.Popen[bytes]) -> None:
        self.about = about
        self._child = child

    async def read(self, size: int) -> bytes:
        """The next `size` bytes. Raises EOFError if there are no more."""
        assert self._child.stdout is not None  # noqa: S101 - it was opened with a pipe
        data = await asyncio.to_thread(self._child.stdout.read, size)
        if len(data) < size:
            raise EOFError
        return data


def seen(head: bytes) -> Seen | None:
    """What the first bytes of a file tell of it; None if it is no picture of the kinds that are shown.

    Raises PictureTooLarge.
    """
    found = _seen(head)
    if found is not None:
        count = frames(head)
        if count > FRAMES_LIMIT or found.width * found.height * count > PIXELS_LIMIT:
            raise picture_too_large()
    return found


def picture_too_large() -> PictureTooLarge:
    """More pixels than PIXELS_LIMIT, or more than FRAMES_LIMIT pictures in one."""
    return PictureTooLarge(limit=PIXELS_LIMIT // 1_000_000)


def file_too_large(limit: int) -> FileTooLarge:
    """More than `limit` bytes."""
    return FileTooLarge(limit=f"{limit / _MB:.3g}")


class _Line:
    """The pictures of one address: how many there are, and whose turn it is."""

    def __init__(self) -> None:
        self.length = 0
        self.turn = asyncio.Lock()


class Pictures:
    """Draws pictures anew, each with its smaller one in at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._turns = asyncio.Semaphore(RUNNING)
        self._length = 0
        self._lines: WeakValueDictionary[str, _Line] = WeakValueDictionary()

    @asynccontextmanager
    async def drawn(
        self, address: str, sent: AsyncIterator[bytes]
    ) -> AsyncIterator[Drawing | None]:
        """The picture whose bytes were `sent` from that address; None if it is none after all.

        Raises PictureTooLarge, FileTooLarge, and UploadsBusy where there is no time or memory for it now.
        """
        with self._in_line(address) as line:
            async with line.turn, self._turns, _running(self._limit) as child:
                yield await _drawing(child, sent, self._limit)

    @contextmanager
    def _in_line(self, address: str) -> Iterator[_Line]:
        line = self._lines.setdefault(address, _Line())
        most = RUNNING + WAITING
        if self._length >= most or line.length >= most // 2:
            raise UploadsBusy
        self._length += 1
        line.length += 1
        try:
            yield line
        finally:
            self._length -= 1
            line.length -= 1


@asynccontextmanager
async def _running(limit: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    """The process that draws; ended when it is needed no more, or has taken too long. Raises UploadsBusy."""
    try:
        child = await asyncio.to_thread(_start, limit)
    except OSError as error:
        if error.errno in _SCARCE:
            raise UploadsBusy from error
        raise
    deadline = asyncio.get_running_loop().call_later(_PATIENCE, child.kill)
    try:
        yield child
    finally:
        deadline.cancel()
        child.kill()
        await asyncio.to_thread(_end, child)


def _start(limit: int) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - ours
        [*_COMMAND, str(limit)],
        cwd=_ROOT,
        env=environment,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Close the pipes, with what is still in them, and let the system forget it."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    child.wait()


async def _drawing(
    child: subprocess.Popen[bytes], sent: AsyncIterator[bytes], limit: int
) -> Drawing | None:
    assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - they are pipes
    try:
        async for chunk in sent:
            await asyncio.to_thread(child.stdin.write, chunk)
        await asyncio.to_thread(child.stdin.close)
    except BrokenPipeError:
        pass  # it has seen enough
    line = await asyncio.to_thread(child.stdout.readline, _LINE)
    try:
        about = msgspec.json.decode(line, type=Drawn)
    except msgspec.DecodeError:
        code = await asyncio.to_thread(child.wait)
        if code == TOO_LARGE:
            raise picture_too_large() from None
        if code == TOO_HEAVY:
            raise file_too_large(limit) from None
        if code == -signal.SIGKILL:  # by us, or by the system
            raise UploadsBusy from None
        return None
    if about.picture + about.thumbnail > limit:  # a decoder that somebody has broken says anything
        raise file_too_large(limit)
    return Drawing(about, child)


def _seen(head: bytes) -> Seen | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _size(">II", head, 16) if head[12:16] == b"IHDR" else Seen(0, 0)
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _size("<HH", head, 6)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    return None


def _size(layout: str, head: bytes, at: int) -> Seen:
    try:
        return Seen(*struct.unpack_from(layout, head, at))
    except struct.error:
        return Seen(0, 0)


def _jpeg(head: bytes) -> Seen:
    """The size that the frame header says, if it is among the first bytes (ITU T.81, section B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004 - begins each marker
        if head[at + 1] in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return Seen(width, height)
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return Seen(0, 0)


def _webp(head: bytes) -> Seen:
    """The size that the first chunk says (RFC 9649, sections 2.5 to 2.7)."""
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:  # noqa: PLR2004 - bytes
        return Seen(*(1 + int.from_bytes(head[at : at + 3], "little") for at in (24, 27)))
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return Seen(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    found = _size("<HH", head, 26)
    return Seen(found.width & 0x3FFF, found.height & 0x3FFF)
