"""Posts that wait for the disk or for their reader, what waits behind them, and how long."""

from __future__ import annotations

import asyncio
import socket

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from tests.conftest import until
from tests.server.chatting import (
    HELLO,
    UPDATES,
    admitted,
    bearer,
    disk_held_up,
    message,
    saying,
    stored,
    told,
    waiting,
)
from tests.server.hosting import Host, get


@pytest.mark.gen_test
async def test_what_comes_behind_a_post_waits_until_that_is_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    poll = get(f"{UPDATES}?room=7&wait=0")
    async with disk_held_up(engine):
        client.send(saying(HELLO, me))
        await waiting(engine, 1)
        client.send(get("/healthz") + poll)
        client.send(saying("room=7&body=behind", me)[:-3])
        await until(lambda: connection._pending.endswith(b"beh"))
        assert client.reader._buffer == b""  # type: ignore[attr-defined]
    said = message(await client.answer())
    assert (await client.answer()).body.startswith(b'{"status":"ok"')
    assert told(await client.answer())["cursors"] == {"7": said["id"]}
    client.send(b"ind" + poll)
    said = message(await client.answer())
    assert (said["body"], said["id"].partition("-")[2]) == ("behind", "2")
    assert told(await client.answer())["cursors"] == {"7": said["id"]}
    assert len(short) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "bad", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\n\n", get("/", "Content-Length: x")]
)
async def test_malformed_bytes_behind_a_post_are_refused_when_that_is_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, bad: bytes
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + bad)
        await waiting(engine, 1)
        assert connection._pending == bad
    message(await client.answer())
    assert (await client.end()).startswith(b"HTTP/1.1 400 ")
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
async def test_half_a_head_behind_a_post_has_the_time_of_a_head(
    app: Chatroom, ours: Host, engine: SqliteEngine
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + b"GET /healthz HT")
        await waiting(engine, 1)
    message(await client.answer())
    await until(lambda: connection.deadline <= ours.server.now() + 10)
    ours.later(11)
    assert await client.end() == b""


@pytest.mark.gen_test(timeout=30)
async def test_a_connection_is_read_on_when_the_posts_that_waited_on_it_are_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    ours.server.limits = ours.server.limits._replace(pipeline=1024)
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me))
        await waiting(engine, 1)
        client.send(saying(HELLO, me) * 50)
        await until(lambda: len(ours.connections[0]._pending) > 1024)
    for _ in range(51):
        message(await client.answer())
    assert await stored(app) == ["hello"] * 51
    assert len(short) == 51


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("way", ["long", "short"])
async def test_who_reads_late_is_told_of_each_post(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], way: str
) -> None:
    """Who does not read has no more posts taken until they do: unlike what a poll says, this is not said again."""
    me = await bearer(app)
    (await admitted(ours, me)).reset()
    await until(lambda: not ours.connections)
    client = await ours.connect(read_buffer=4096)
    await until(lambda: bool(ours.connections))
    (connection,) = ours.connections
    sock = connection.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.reader._transport.pause_reading()  # type: ignore[attr-defined]
    form = "room=7&body=" + "x" * 3900 + "&y" * (100 if way == "long" else 0)
    client.send(saying(form, me) * 100)
    await until(lambda: connection._unsent is not None)
    for _ in range(100):
        await engine._store._writer.write(
            lambda _: None
        )  # with what waits for the disk, a post at a time
        for _ in range(10):
            await asyncio.sleep(0)
    client.reader._transport.resume_reading()  # type: ignore[attr-defined]
    offsets = [message(await client.answer())["id"].partition("-")[2] for _ in range(100)]
    assert offsets == [str(offset) for offset in range(1, 101)]
    assert bool(short) == (way == "short")


@pytest.mark.gen_test
async def test_a_post_waits_for_the_disk_as_long_as_that_takes_and_then_its_connection_is_idle(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying("room=7&body=hello", me))
        await waiting(engine, 1)
        ours.later(3600)
        assert len(ours.connections) == 1
    assert message(await client.answer())["body"] == "hello"
    assert len(short) == 1
    ours.later(app.chat.settings.idle_timeout)
    assert len(ours.connections) == 1
    ours.later(2)
    assert await client.end() == b""
