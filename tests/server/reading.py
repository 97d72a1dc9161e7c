"""Replies as they come on a connection, whatever frames them: a length, chunks, or the end of the connection."""

from __future__ import annotations

import asyncio

from tests.proof.http1 import HEAD_END, Reply, parse_reply

BODILESS = (204, 304)


async def read_reply(reader: asyncio.StreamReader, *, to_head: bool = False) -> Reply:
    """The next reply, with its body put together. `to_head`: it answers HEAD. Raises EOFError."""
    reply = parse_reply(await reader.readuntil(HEAD_END))
    if to_head or reply.status in BODILESS or reply.status < 200:
        return reply
    return reply._replace(body=await _read_body(reader, reply.headers))


async def read_replies(reader: asyncio.StreamReader, count: int) -> list[Reply]:
    """The next `count` replies."""
    return [await read_reply(reader) for _ in range(count)]


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return await _read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        assert await reader.readexactly(2) == b"\r\n"
    assert await reader.readexactly(2) == b"\r\n"
    return body
