"""Held polls on connections that are used for more: packed together, cut anywhere, mixed with other requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proof.composing import FORM, get
from tests.proof.http1 import HEAD_END, Reply
from tests.proof.raw import connected, tell
from tests.server.process import Talk, running, talking
from tests.server.reading import read_replies, read_reply

# The server has a loop of its own; for the client one kind is enough.
pytestmark = [
    pytest.mark.gen_test(timeout=60),
    pytest.mark.usefixtures("io_loop"),
    pytest.mark.parametrize("io_loop", ["asyncio"], indirect=True),
]

CLOSE = b"Connection: close"

Make = Callable[..., bytes]


def by_get(cursor: str, *lines: bytes, room: str = "7") -> bytes:
    return get(f"/a/message/updates?room={room}&cursor={cursor}".encode(), *lines)


def by_post(cursor: str, *lines: bytes, room: str = "7") -> bytes:
    body = f"room={room}&cursor={cursor}".encode()
    length = b"Content-Length: %d" % len(body)
    head = [b"POST /a/message/updates HTTP/1.1", b"Host: localhost", FORM, length, *lines]
    return b"\r\n".join([*head, b"", body])


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply
    return [message["id"] for message in reply.json()["messages"]]


async def beginning(talk: Talk, messages: int) -> tuple[str, list[str]]:
    """Say so much; returns the cursor before it and the ids."""
    said = [await talk.say() for _ in range(messages)]
    return said[0].partition("-")[0] + "-0", said


async def test_polls_in_one_packet_are_answered_each_with_its_own(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            zero, said = await beginning(talk, 3)
            cursors = [zero, *said[:2]] * 20
            asked = [make(it) for it in cursors for make in (by_get, by_post)]
            writer.write(b"".join(asked) + get(b"/healthz"))
            *replies, last = await read_replies(reader, len(asked) + 1)
            expected = [said[int(it.rpartition("-")[2]) :] for it in cursors for _ in range(2)]
            assert [ids(reply) for reply in replies] == expected
            assert last.json()["status"] == "ok"


@pytest.mark.parametrize("make", [by_get, by_post])
async def test_polls_may_be_cut_anywhere_and_the_next_one_may_have_begun(
    server_name: str, tmp_path: Path, make: Make
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            zero, said = await beginning(talk, 2)
            pair = make(zero) + make(said[0]) + get(b"/healthz")
            for at in range(1, len(pair)):
                writer.write(pair[:at])
                await writer.drain()
                if at >= len(make(zero)):
                    assert ids(await read_reply(reader)) == said
                    writer.write(pair[at:])
                else:
                    writer.write(pair[at:])
                    assert ids(await read_reply(reader)) == said
                second, third = await read_replies(reader, 2)
                assert ids(second) == said[1:], at
                assert third.json()["status"] == "ok"


@pytest.mark.parametrize("make", [by_get, by_post])
async def test_what_comes_behind_a_held_poll_is_answered_behind_it(
    server_name: str, tmp_path: Path, make: Make
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            zero, (first,) = await beginning(talk, 1)
            for _ in range(3):  # the second time the server has seen such a poll before
                writer.write(make(first) + make(zero) + get(b"/healthz"))
                await talk.held(1)
                second = await talk.say()
                held, behind, health = await read_replies(reader, 3)
                assert ids(held) == [second]
                assert ids(behind)[-2:] == [first, second]
                assert health.json()["status"] == "ok"
                first = second


async def test_a_poll_that_asks_for_it_is_the_last_of_its_connection(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk:
            zero, said = await beginning(talk, 1)
            for make in (by_get, by_post):
                heard = await tell(server.port, make(zero, CLOSE) + get(b"/healthz"))
                assert (heard.closed, heard.statuses) == (True, [200])
                assert said[0].encode() in heard.data
            old = by_get(zero).replace(b"HTTP/1.1", b"HTTP/1.0")
            heard = await tell(server.port, old)
            assert (heard.closed, heard.statuses) == (True, [200])


async def test_a_poll_may_come_in_chunks_or_ask_before_it_sends_its_body(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            zero, said = await beginning(talk, 1)
            writer.write(by_post(zero))
            assert ids(await read_reply(reader)) == said
            head, _, body = by_post(zero, b"Expect: 100-continue").partition(HEAD_END)
            writer.write(head + HEAD_END)
            assert (await read_reply(reader)).status == 100
            writer.write(body)
            assert ids(await read_reply(reader)) == said
            lines = [
                line for line in head.split(b"\r\n") if not line.startswith((b"Exp", b"Content-L"))
            ]
            chunked = b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", b""])
            writer.write(chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            assert ids(await read_reply(reader)) == said


@pytest.mark.parametrize("method", [b"HEAD", b"PUT", b"DELETE"])
async def test_other_methods_are_refused_and_the_connection_goes_on(
    server_name: str, tmp_path: Path, method: bytes
) -> None:
    with running(tmp_path, server_name) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            zero, said = await beginning(talk, 1)
            writer.write(by_get(zero))
            assert ids(await read_reply(reader)) == said
            writer.write(by_get(zero).replace(b"GET", method, 1))
            reply = await read_reply(reader, to_head=method == b"HEAD")
            assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")
            writer.write(by_get(zero))
            assert ids(await read_reply(reader)) == said
