"""Clients that leave while they post: what they said is stored once, half of it never."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
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
@pytest.mark.parametrize("how", ["reset", "end"])
async def test_what_a_client_said_before_it_left_is_stored_once(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], how: str
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + saying("room=7&body=behind", me))
        await waiting(engine, 1)
        if how == "reset":
            client.reset()
        else:
            client.writer.write_eof()
        await until(lambda: not ours.connections)
        assert under_way(app) == 1
    await app.inflight.idle()
    assert await stored(app) == ["hello"]
    assert len(short) == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("again_at_once", [True, False])
async def test_who_leaves_and_says_it_again_is_answered_with_what_was_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], again_at_once: bool
) -> None:
    me = await bearer(app)
    request = saying(f"{HELLO}&client_id=c1", me)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(request)
        await waiting(engine, 1)
        client.reset()
        await until(lambda: not ours.connections)
        client = await ours.connect()
        if again_at_once:
            client.send(request)
            await waiting(engine, 2)
    if not again_at_once:
        await app.inflight.idle()
        client.send(request)
    answer = await client.answer()
    (kept,) = (await app.chat.engine.tail("7", 9)).items
    assert answer.status == 200
    assert message(answer)["id"] == f"{engine.epoch}-{kept.offset}"
    assert short == [request] * 2


@pytest.mark.gen_test
async def test_who_leaves_before_the_disk_fails_is_told_nothing_and_nothing_is_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, declined: list[bytes], logged: Logged
) -> None:
    logged("writes failed")
    me = await bearer(app)
    client = await admitted(ours, me)
    async with full_disk(engine):
        async with disk_held_up(engine):
            client.send(saying("room=7&body=" + "x" * 4000, me))
            await waiting(engine, 1)
            client.reset()
            await until(lambda: not ours.connections)
        await app.inflight.idle()
    assert await stored(app) == []
    assert declined == []


@pytest.mark.gen_test
async def test_half_a_post_is_no_post(app: Chatroom, ours: Host, short: list[bytes]) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    client.send(saying(HELLO, me)[:-1])
    await until(lambda: bool(connection._pending))
    client.writer.write_eof()
    await until(lambda: not ours.connections)
    late = await ours.connect()
    late.send(saying(HELLO, me)[:-1])
    await until(lambda: any(it._pending for it in ours.connections))
    ours.later(app.chat.settings.body_timeout + 1)
    assert await late.end() == b""
    assert await stored(app) == short == []
