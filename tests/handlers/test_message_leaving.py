"""Clients that leave (R14): whenever that is, nobody waits for them and nothing is logged."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from tornado.httpserver import HTTPServer

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api, Streams, bodies, offset
from tests.conftest import until

Held = Callable[..., Awaitable[None]]
Fill = Callable[..., Awaitable[list[Any]]]


def ask(path: str = "/a/message/updates?room=7&room=8", **headers: str) -> bytes:
    """A GET as it travels."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def reset(streams: Streams) -> None:
    """Cut a connection at once, as a crashing client does."""
    sock = streams[1].get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    streams[1].transport.abort()


async def quiet(app: Chatroom) -> None:
    """Nobody waits and nothing is in flight."""
    for room in "78":
        await until(lambda room=room: app.chat.rooms.listening(room) == 0)
    await app.inflight.idle()


@pytest.mark.gen_test
async def test_a_client_that_leaves_in_the_middle_of_a_hold_leaves_no_waiter(
    api: Api, app: Chatroom, held: Held
) -> None:
    for leave in (lambda streams: streams[1].close(), reset):
        async with api.connected() as streams:
            streams[1].write(ask())
            await held(1, "8")
            leave(streams)
            await quiet(app)


@pytest.mark.gen_test
async def test_a_client_that_leaves_while_the_engine_is_asked_who_it_is_is_not_held(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()
    known = app.sessions.known

    async def slowly(token: str) -> Any:
        asked.set()
        await answered.wait()
        return await known(token)

    monkeypatch.setattr(app.sessions, "known", slowly)
    async with ann.connected() as streams:
        streams[1].write(ask(Authorization=f"Bearer {ann.token}"))
        await asked.wait()
        reset(streams)
        await until(lambda: not any(waits_for_news(app)))
        answered.set()
        await quiet(app)


def waits_for_news(app: Chatroom) -> list[bool]:
    """Whether each poll in flight still waits for news."""
    return [not request._waiter.done() for request in app.inflight._requests]  # type: ignore[attr-defined]


@pytest.mark.gen_test
async def test_a_client_that_leaves_with_its_reply_on_the_way_leaves_nothing_behind(
    api: Api, app: Chatroom, fill: Fill
) -> None:
    said = await fill(200)
    start = f"{said[0]['id'].partition('-')[0]}-0"
    for asked in (
        1,
        1,
        1,
        300,
    ):  # the last one leaves when the reply does not fit between the two any more
        async with api.connected() as streams:
            cast(asyncio.Transport, streams[1].transport).pause_reading()
            streams[1].write(ask(f"/a/message/updates?room=7&cursor={start}") * asked)
            for _ in range(20 + asked * 10):
                await asyncio.sleep(0)
            reset(streams)
            await quiet(app)


@pytest.mark.gen_test
async def test_a_client_that_leaves_after_its_reply_leaves_nothing_behind(
    api: Api, app: Chatroom
) -> None:
    async with api.connected() as (reader, writer):
        writer.write(ask("/a/message/updates?room=7&wait=0"))
        assert b" 200 " in await reader.readline()
    await quiet(app)


@pytest.mark.gen_test
async def test_a_client_that_leaves_does_not_take_the_news_of_the_others(
    ann: Api, held: Held
) -> None:
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    async with ann.connected() as streams:
        streams[1].write(ask())
        await held(2)
        reset(streams)
        await held(1)
    message = await ann.say("hello")
    assert (await poll)["messages"] == [message]


@pytest.mark.gen_test
async def test_a_client_that_never_reads_holds_nobody_up(
    ann: Api, app: Chatroom, held: Held
) -> None:
    async with ann.connected() as streams:
        cast(asyncio.Transport, streams[1].transport).pause_reading()
        streams[1].write(ask())
        await held(1)
        said = [await ann.say("x" * 4000) for _ in range(3)]
        assert [offset(message) for message in said] == [1, 2, 3]
    await quiet(app)


class TestAShortPatience:
    """Where a reader has a moment to take what it asked for."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, write_timeout=0.05)

    @pytest.mark.gen_test
    async def test_a_client_that_asks_and_asks_and_never_reads_is_cut_off(
        self, ann: Api, app: Chatroom, http_server: HTTPServer, fill: Fill
    ) -> None:
        await fill(50, "7", "x" * 4000)
        await until(lambda: not http_server._connections)
        async with ann.connected() as (_, writer):
            cast(asyncio.Transport, writer.transport).pause_reading()
            writer.write(ask("/a/room/7/messages") * 60)
            await until(lambda: len(http_server._connections) == 1)
            await until(lambda: not http_server._connections)
            await app.inflight.idle()


@pytest.mark.gen_test
async def test_a_message_whose_author_left_before_the_reply_is_said_once(
    ann: Api, app: Chatroom
) -> None:
    fields = {"room": "7", "body": "hello", "client_id": "c1"}
    body = b"room=7&body=hello&client_id=c1"
    head = (
        f"POST /a/message/new HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ann.token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with ann.connected() as streams:
        streams[1].write(head.encode() + body)
        await until(lambda: bool(app.inflight._requests))
        reset(streams)
    await quiet(app)
    assert (await ann.post("/a/message/new", fields)).status == 200
    assert bodies(await ann.history()) == ["hello"]
