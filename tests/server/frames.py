"""As much WebSocket as a hostile client needs: a handshake and frames as bytes (RFC 6455)."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x01\x02\x03\x04"


class Frame(NamedTuple):
    """A frame as it came."""

    opcode: int
    payload: bytes


def handshake(*lines: bytes, path: bytes = b"/") -> bytes:
    """A request to upgrade, with some more header lines."""
    head = (
        b"GET %s HTTP/1.1" % path,
        b"Host: localhost",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    return b"\r\n".join([*head, *lines, b"", b""])


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    """A frame of a client: masked, its length in the shortest form."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    mask = int.from_bytes((MASK * (size // 4 + 1))[:size])
    masked = (int.from_bytes(payload) ^ mask).to_bytes(size)
    return bytes([opcode | (0x80 if last else 0)]) + length + MASK + masked


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """The next frame of the server. Raises EOFError where there is none."""
    first, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    return Frame(first & 0xF, await reader.readexactly(size))
