"""A picture drawn anew, by a process of its own: `python -m chatroom.redraw BYTES`, the picture on its standard input.

Of what was sent nothing remains but the pixels: not where it was taken, by whom, with what, nor what else hides behind
them. What decodes the files of strangers here has no secrets and no connections, may take so much time and memory and
no more, and is the first to go when memory is short. On its standard output comes a line of JSON, then the bytes of
the picture and of a smaller one for the timeline, which a picture that is small does not have. The exit code is
TOO_LARGE, decided before anything is decoded, TOO_HEAVY, or anything else for what is not a picture after all.

Pictures that move become WebP and go on moving: of a GIF, that is faster to make and smaller. All others keep their
format, unless that takes more bytes than they may have, as it may of a JPEG that was saved worse or a PNG that was
packed better before: a picture is rather drawn in fewer bytes than refused. Colours of a picture with a profile of its
own are brought into sRGB, and it is turned as its camera was held.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from chatroom.message import Box, thumbnail_of

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of a picture, all that move together. Decoded they take four bytes each, some steps need them twice.
PIXELS_LIMIT = 40_000_000
#: Pictures in one that moves.
FRAMES_LIMIT = 1000
#: Exit code: more than that.
TOO_LARGE = 3
#: Exit code: drawn it takes more bytes than it may, however it is drawn.
TOO_HEAVY = 4
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
#: What Pillow calls a JPEG of some cameras, which has a second picture behind the first (CIPA DC-007).
_FORMAT_OF_KIND = {"MPO": "JPEG"}

#: What begins a picture of a GIF, and what ends them all.
_GIF_PICTURE, _GIF_END = 0x2C, 0x3B
_LIMITS = {
    resource.RLIMIT_CPU: (
        20,
        21,
    ),  # seconds; at the second one it would look like an end from outside
    resource.RLIMIT_AS: (1_610_612_736, 1_610_612_736),  # bytes of addresses
    resource.RLIMIT_FSIZE: (0, 0),  # bytes of a file
    resource.RLIMIT_NPROC: (0, 0),  # further processes and threads
}
_NICE = 10
#: Between still enough and small enough; and then of what would take too many bytes.
_QUALITY, *_POORER = 85, 50, 25
#: Milliseconds for which one picture of many is shown where it does not say.
_DURATION = 100


def frames(data: bytes) -> int:
    """How many pictures begin in a GIF or WebP, or in the first bytes of one, at least 1; nothing is decoded."""
    if data[:3] == b"GIF":
        found: Iterator[object] = _gif_frames(data)
    elif data[:4] == b"RIFF":
        found = (it for it in _riff_chunks(data) if it == b"ANMF")
    else:
        return 1
    count = 0
    with suppress(IndexError, struct.error):  # it breaks off, or is none
        for _ in found:
            count += 1
    return max(1, count)


def _gif_frames(data: bytes) -> Iterator[int]:
    """Where each picture of a GIF begins (GIF89a, section 20)."""
    at = 13 + _table(data[10])
    while data[at] != _GIF_END:
        if data[at] == _GIF_PICTURE:
            yield at
            at += 11 + _table(data[at + 9])
        else:
            at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1


def _table(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _riff_chunks(data: bytes) -> Iterator[bytes]:
    """The names of the chunks of a WebP."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name
        at += 8 + size + size % 2


def redraw(data: bytes, limit: int = sys.maxsize) -> tuple[dict[str, object], bytes, bytes]:
    """What is told of the picture, its bytes and those of a smaller one, together at most `limit`.

    Raises SystemExit, and what Pillow does.
    """
    count = frames(data)
    if count > FRAMES_LIMIT:
        sys.exit(TOO_LARGE)
    from PIL import Image  # noqa: PLC0415 - takes longer than refusing

    Image.MAX_IMAGE_PIXELS = None  # our limit is checked before anything is decoded
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height * count > PIXELS_LIMIT:
        sys.exit(TOO_LARGE)
    if count > 1:
        pictures, durations = _moving(image)
        return _told(pictures[0], _moving_ways(pictures, durations), limit)
    format_ = _FORMAT_OF_KIND.get(str(image.format), str(image.format))
    still = _plain(image)
    return _told(still, _ways(still, format_), limit)


def _ways(still: Image, format_: str) -> Iterator[tuple[str, bytes]]:
    """The picture in its own format, and then in fewer bytes; each is made when it is asked for."""
    lossy = "JPEG" if format_ == "JPEG" else "WEBP"
    if format_ != lossy:
        yield format_, _bytes(still, format_)
    for quality in (_QUALITY, *_POORER):
        yield lossy, _bytes(still, lossy, quality)


def _moving_ways(pictures: list[Image], durations: list[int]) -> Iterator[tuple[str, bytes]]:
    again = {"append_images": pictures[1:], "duration": durations, "loop": 0}
    for quality in (_QUALITY, *_POORER):
        out = io.BytesIO()
        pictures[0].save(out, "WEBP", save_all=True, quality=quality, method=0, **again)
        yield "WEBP", out.getvalue()


def _moving(image: Image) -> tuple[list[Image], list[int]]:
    """All pictures in one, and the milliseconds of each."""
    from PIL import ImageSequence  # noqa: PLC0415 - see above

    pictures: list[Image] = []
    durations: list[int] = []
    for picture in ImageSequence.Iterator(image):
        pictures.append(picture.convert("RGBA"))
        durations.append(int(picture.info.get("duration", 0)) or _DURATION)
        pictures[-1].info = {}
    return pictures, durations


def _plain(image: Image) -> Image:
    """Nothing but pixels, the right way up; `image` is used up, since each copy may take 160 MB.

    Few colours stay few: they take less space, and a GIF has no more.
    """
    from PIL import ImageOps  # noqa: PLC0415 - see above

    profile = image.info.get("icc_profile")
    transparent = image.has_transparency_data
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode == "P" and not profile:
        image.info = {it: image.info[it] for it in image.info if it == "transparency"}
        return image
    mode = "RGBA" if transparent else "L" if image.mode in ("1", "L") else "RGB"
    plain = _in_mode(image, mode, profile)
    plain.info = {}
    return plain


def _in_mode(image: Image, mode: str, profile: bytes | None) -> Image:
    if profile:
        return _in_srgb(image, profile, mode)
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image, profile: bytes, mode: str) -> Image:
    from PIL import ImageCms  # noqa: PLC0415 - see above

    if mode == "L" or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image.convert(mode)
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(
            image, theirs, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(mode)
    return turned or image


def _told(
    image: Image, ways: Iterator[tuple[str, bytes]], limit: int
) -> tuple[dict[str, object], bytes, bytes]:
    first = next(ways)  # before it is converted: that spoils the palette for a GIF
    size = Box(image.width, image.height)
    box = thumbnail_of(*size)
    small = b"" if box == size else _bytes(_smaller(image, box), "WEBP")
    fitting = (it for it in chain([first], ways) if len(it[1]) + len(small) <= limit)
    format_, data = next(fitting, ("", b""))
    if not data:
        sys.exit(TOO_HEAVY)
    about = {"type": f"image/{format_.lower()}", "width": size.width, "height": size.height}
    return about | {"picture": len(data), "thumbnail": len(small)}, data, small


def _smaller(image: Image, box: Box) -> Image:
    full = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return full.resize(box, reducing_gap=2.0)


def _bytes(image: Image, format_: str, quality: int = _QUALITY) -> bytes:
    out = io.BytesIO()
    if format_ == "JPEG":
        image.save(out, format_, quality=quality)
    elif format_ == "WEBP":
        image.save(out, format_, quality=quality, method=2)
    else:
        image.save(out, format_)
    return out.getvalue()


def _limit() -> None:
    """Take no more than a picture needs, write no files, give way to others, and go first when memory is short."""
    os.nice(_NICE)
    for what, limits in _LIMITS.items():
        with suppress(ValueError, OSError):  # not every system has them all
            resource.setrlimit(what, limits)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def main() -> None:
    """Draw the picture anew, in as many bytes as the first argument says."""
    _limit()
    about, picture, thumbnail = redraw(sys.stdin.buffer.read(), int(sys.argv[1]))
    out = sys.stdout.buffer
    out.write(json.dumps(about).encode() + b"\n")
    out.write(picture)
    out.write(thumbnail)


if __name__ == "__main__":
    main()
