"""Posts that are under way when the chat or the server closes: stored, and answered for the last time."""

from __future__ import annotations

import asyncio

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.serve import close
from tests.conftest import until
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import (
    HELLO,
    Logged,
    admitted,
    bearer,
    disk_held_up,
    message,
    saying,
    stored,
    under_way,
    waiting,
)
from tests.server.hosting import Host


@pytest.mark.gen_test
async def test_posts_that_are_under_way_when_the_chat_closes_are_answered_for_the_last_time(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    forms = ["room=7&body=old&client_id=c1", *[HELLO] * 4]
    message(await (await admitted(ours, me)).ask(saying(forms[0], me)))
    clients = [await ours.connect() for _ in forms]
    async with disk_held_up(engine):
        for number, (client, form) in enumerate(zip(clients, forms, strict=True), 1):
            client.send(saying(form, me))
            await waiting(engine, number)
            client.send(saying("room=7&body=behind", me))
        await until(lambda: all(it._pending for it in ours.connections if it.held))
        idle = asyncio.create_task(app.inflight.idle())
        ours.server.stop()
        app.chat.close()
        await asyncio.sleep(0)
        assert not idle.done()
    for client, status in zip(clients, [200, 201, 201, 201, 201], strict=True):
        answer = await client.answer()
        assert answer.status == status
        assert answer.headers["Connection"] == "close"
        assert await client.end() == b""
    await idle
    assert await stored(app) == ["old", *["hello"] * 4]
    assert len(short) == 6


@pytest.mark.gen_test
async def test_a_post_that_comes_while_the_chat_closes_is_answered_as_tornado_answers_it(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    clients = [await admitted(host, me) for host in (stock, ours)]
    app.chat.close()
    answers = [await client.ask(saying(f"{HELLO}&client_id=c1", me)) for client in clients]
    assert [it.status for it in answers] == [201, 200]
    assert answers[0].timeless[1:] == answers[1].timeless[1:]
    assert answers[1].headers["Connection"] == "close"
    await app.inflight.idle()
    assert await stored(app) == ["hello"]
    assert short == []


@pytest.mark.gen_test
async def test_a_server_that_ends_answers_the_posts_that_are_under_way(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client, gone = await admitted(ours, me), await ours.connect()
    async with disk_held_up(engine):
        for number, each in enumerate((client, gone), 1):
            each.send(saying(HELLO, me))
            await waiting(engine, number)
        gone.reset()
        ending = asyncio.create_task(close(app, ours.server))
        await until(lambda: app.chat.closing)
    answer = await client.answer()
    assert answer.status == 201
    assert answer.headers["Connection"] == "close"
    await ending
    assert len(short) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize("way", ["long", "short"])
async def test_a_post_that_fails_while_the_server_ends_is_told_so(
    app: Chatroom, ours: Host, engine: SqliteEngine, logged: Logged, way: str
) -> None:
    logged("writes failed")
    logged("503 POST /a/message/new")
    me = await bearer(app)
    client = await (admitted(ours, me) if way == "short" else ours.connect())
    async with full_disk(engine):
        async with disk_held_up(engine):
            client.send(saying("room=7&body=" + "x" * 4000, me))
            await waiting(engine, 1)
            ours.server.stop()
            app.chat.close()
            idle = asyncio.create_task(app.inflight.idle())
        await idle
        await ours.server.close_all_connections()
    answer = await client.answer()
    assert answer.status == 503
    assert answer.headers["Connection"] == "close"


@pytest.mark.gen_test
async def test_all_connections_end_when_what_is_under_way_is_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + saying("room=7&body=behind", me))
        await waiting(engine, 1)
        ending = asyncio.create_task(ours.server.close_all_connections())
        await until(lambda: not ours.connections)
        assert await client.end() == b""
        assert not ending.done()
    await ending
    assert under_way(app) == 0
    assert await stored(app) == ["hello"]
    assert len(short) == 1
