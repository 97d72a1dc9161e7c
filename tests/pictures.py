"""Pictures, as people and enemies send them: made here, or a few bytes by hand."""

from __future__ import annotations

import io
import struct
import zlib
from random import Random
from typing import Any

from PIL import Image


def picture(format_: str = "PNG", size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    """A picture with something to be seen on it."""
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize(size)
    Image.merge("RGB", (gradient, gradient.rotate(180), gradient)).save(out, format_, **options)
    return out.getvalue()


def moving(format_: str = "GIF", count: int = 3, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that moves."""
    out = io.BytesIO()
    each = [Image.new("RGB", size, (number * 40 % 256, 0, 90)) for number in range(count)]
    each[0].save(out, format_, save_all=True, append_images=each[1:], duration=50)
    return out.getvalue()


def noisy(format_: str = "JPEG", size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    """A picture that takes many bytes, the same ones each time."""
    out = io.BytesIO()
    noise = Random(1).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, noise).save(out, format_, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture, to be looked at."""
    return Image.open(io.BytesIO(data))


def png_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A PNG of a few kB that is gigabytes when decoded: every row the same."""
    row = b"\0" * (1 + width // 8)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*it) for it in chunks)


def gif_bomb(count: int, size: tuple[int, int] = (16, 16)) -> bytes:
    """A GIF of very many pictures, each of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + one * count + b";"


def _png_chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
