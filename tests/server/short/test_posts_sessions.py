"""Who posts the short way is who they are now: sessions that end, are renamed or leave memory."""

from __future__ import annotations

import asyncio

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.settings import Settings
from tests.conftest import Clock
from tests.server.chatting import (
    HELLO,
    admitted,
    bearer,
    days_pass,
    disk_held_up,
    message,
    saying,
    stored,
    waiting,
)
from tests.server.hosting import Host, post


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "how", ["expired", "a day later", "long unused", "forgotten in the cache", "ended"]
)
async def test_a_session_is_asked_for_again_when_it_may_have_ended(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], clock: Clock, how: str
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    if how in ("expired", "long unused"):
        days_pass(ours, clock, 91)
    if how == "expired":
        await app.sessions.expire()
    if how == "a day later":
        days_pass(ours, clock, 1.1)
    if how == "forgotten in the cache":
        for key in list(app.sessions._known):
            app.sessions._forget(key)
    if how == "ended":
        assert await app.sessions.end(me.rpartition(" ")[2])
    answer = await client.ask(saying(HELLO, me))
    assert short == []
    if how in ("expired", "long unused", "ended"):
        assert answer.status == 401
        assert answer.timeless == (await (await stock.connect()).ask(saying(HELLO, me))).timeless
        assert await stored(app) == []
    else:
        message(answer)
        message(await client.ask(saying(HELLO, me)))
        assert len(short) == 1


@pytest.mark.gen_test
async def test_a_session_that_ends_while_a_post_is_under_way_lets_no_later_one_through(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], clock: Clock
) -> None:
    me = await bearer(app)
    client, late = await admitted(ours, me), await ours.connect()
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) * 2)
        late.send(saying(HELLO, me, "X: a head that is not known yet"))
        await waiting(engine, 2)
        days_pass(ours, clock, 91)
        expiry = asyncio.create_task(app.sessions.expire())
    await expiry
    assert [(await client.answer()).status for _ in range(2)] == [201, 401]
    message(await late.answer())
    assert (await late.ask(saying(HELLO, me, "X: a head that is not known yet"))).status == 401
    assert len(short) == 1
    assert await stored(app) == ["hello"] * 2


@pytest.mark.gen_test
async def test_whoever_is_renamed_says_the_next_thing_under_the_new_name(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client, other = await admitted(ours, me), await ours.connect()
    assert message(await client.ask(saying(HELLO, me)))["author"]["name"] == "Ann"
    assert (await other.ask(post("/a/session", b"name=Anna", me))).status == 201
    said = [message(await client.ask(saying(HELLO, me))) for _ in range(3)]
    assert [it["author"]["name"] for it in said] == ["Anna"] * 3
    assert len(short) == 3
    tail = await app.chat.engine.tail("7", 9)
    assert [it.author.name for it in tail.items] == ["Ann"] + ["Anna"] * 3


class TestOneSessionInMemory:
    """Where a session leaves memory as soon as another one is asked for."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, session_cache=1)

    @pytest.mark.gen_test
    async def test_each_is_who_they_are(
        self, app: Chatroom, ours: Host, short: list[bytes]
    ) -> None:
        me, other = await bearer(app), await bearer(app, "Bob")
        client = await ours.connect()
        for _ in range(3):
            for header, name in ((me, "Ann"), (other, "Bob")):
                for _ in range(2):
                    said = message(await client.ask(saying(HELLO, header)))
                    assert said["author"]["name"] == name
        assert len(short) == 6
