"""Posts that cannot be stored are told as Tornado tells it, and nothing of them remains."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom
from chatroom.chat import Posted
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import (
    ChatroomError,
    ClientIdReused,
    Closing,
    NotSignedIn,
    StorageBusy,
    StorageFailing,
)
from chatroom.message import Draft
from chatroom.server import server
from tests.conftest import Clock, until
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import (
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
from tests.server.hosting import Host, get


@pytest.mark.gen_test
@pytest.mark.parametrize("fields", [[], ["Accept: text/html", "Accept-Language: de"]])
async def test_a_disk_that_is_full_is_told_as_tornado_tells_it_and_gone_on_from(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    stock: Host,
    engine: SqliteEngine,
    short: list[bytes],
    declined: list[bytes],
    logged: Logged,
    fields: list[str],
) -> None:
    logged("writes failed")
    logged("503 POST /a/message/new")
    me = await bearer(app)
    request = saying("room=7&client_id=c1&body=" + "x" * 4000, me, *fields)
    client, other = [await admitted(host, me, *fields) for host in (ours, stock)]
    async with full_disk(engine):
        answer = await client.ask(request)
        assert answer.timeless == (await other.ask(request)).timeless
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert await stored(app) == []
        assert under_way(app) == 0
        again = await client.ask(request)
        assert again.timeless == answer.timeless
    assert short == declined == [request] * 2
    assert message(await client.ask(request))["id"].endswith("-1")
    assert short == [request] * 3
    assert await stored(app) == ["x" * 4000]


class TestAQueueOfOne:
    """Where one post may wait for the disk, while the disk is busy."""

    @pytest.fixture
    def engine(self, io_loop: IOLoop, tmp_path: Path, clock: Clock) -> Iterator[SqliteEngine]:
        engine = SqliteEngine(tmp_path / "chatroom.db", clock, write_queue=1)
        yield engine
        io_loop.run_sync(engine.close)

    @pytest.mark.gen_test
    async def test_one_post_waits_and_the_next_is_refused_at_once(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        app: Chatroom,
        ours: Host,
        stock: Host,
        engine: SqliteEngine,
        short: list[bytes],
        declined: list[bytes],
        logged: Logged,
    ) -> None:
        logged("503 POST /a/message/new")
        me = await bearer(app)
        first, other = [await admitted(host, me) for host in (ours, stock)]
        second = await ours.connect()
        waits, busy = saying("room=7&body=waits", me), saying("room=7&body=too+much", me)
        async with disk_held_up(engine):
            first.send(waits)
            await waiting(engine, 1)
            answer = await second.ask(busy)
            assert answer.timeless == (await other.ask(busy)).timeless
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
        message(await first.answer())
        assert declined == [busy]
        message(await second.ask(busy))
        assert short == [waits, busy, busy]
        assert await stored(app) == ["waits", "too much"]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "error",
    [StorageFailing(), StorageBusy(), Closing(), NotSignedIn(), ClientIdReused("client_id")],
    ids=lambda error: error.code,
)
async def test_whatever_the_chat_refuses_is_told_as_tornado_tells_it(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    stock: Host,
    short: list[bytes],
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
    error: ChatroomError,
) -> None:
    logged("503 POST /a/message/new")
    me = await bearer(app)
    request, behind = saying("room=7&body=hello", me), saying("room=7&body=behind", me)
    client, other = [await admitted(host, me) for host in (ours, stock)]
    post = app.chat.post
    asked = []

    async def refuse(draft: Draft) -> Posted:
        asked.append(draft.body)
        if draft.body == "hello":
            raise error
        return await post(draft)

    monkeypatch.setattr(app.chat, "post", refuse)
    client.send(request + behind)  # which waits for the long way of the first
    answer = await client.answer()
    assert answer.status == error.status
    assert message(await client.answer())["body"] == "behind"
    assert asked == ["hello", "hello", "behind"]
    assert answer.timeless == (await other.ask(request)).timeless
    assert short == [request, behind]
    assert await stored(app) == ["behind"]


@pytest.mark.gen_test
async def test_a_post_that_was_refused_once_may_be_taken_on_the_long_way_and_is_stored_once(
    app: Chatroom, ours: Host, declined: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await bearer(app)
    request = saying("room=7&body=hello", me)
    client = await admitted(ours, me)
    post = app.chat.post

    async def refuse_once(_: Draft) -> Posted:
        monkeypatch.setattr(app.chat, "post", post)
        raise StorageBusy

    monkeypatch.setattr(app.chat, "post", refuse_once)
    assert message(await client.ask(request))["body"] == "hello"
    assert declined == [request]
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
async def test_a_crowd_of_posts_that_are_refused_is_answered_by_tornado_in_turn(
    app: Chatroom, ours: Host, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged("503 POST /a/message/new")
    monkeypatch.setattr(server, "BEGIN_SLICE", 2)
    me = await bearer(app)
    request = saying("room=7&body=hello", me)
    await admitted(ours, me)
    clients = [await ours.connect() for _ in range(10)]
    monkeypatch.setattr(app.chat, "post", _busy)
    for client in clients:
        client.send(request + get("/healthz"))
    for client in clients:
        assert (await client.answer()).status == 503
        assert (await client.answer()).status == 200
    assert under_way(app) == 0


async def _busy(_: Draft) -> Posted:
    raise StorageBusy


@pytest.mark.gen_test
@pytest.mark.parametrize("when", ["before", "behind"])
async def test_a_fault_of_ours_is_noted_and_keeps_nobody_waiting(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    logged: Logged,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    logged("")
    me = await bearer(app)
    client = await admitted(ours, me)
    broken: list[object] = []

    def fault(*_: object) -> None:
        broken.append(1)
        raise RuntimeError

    monkeypatch.setattr(
        *{"before": (app.chat.engine, "append"), "behind": (app.chat.rooms, "entry")}[when], fault
    )
    client.send(saying("room=7&body=hello", me))
    await until(lambda: bool(broken))
    tasks = [it.task for it in ours.connections if it.task]
    await asyncio.gather(*tasks, return_exceptions=True)
    await until(lambda: under_way(app) == 0)
    assert not any(it.held for it in ours.connections), "it waits for ever"
    assert (await client.reader.read(12)) in (b"HTTP/1.1 500", b"")
    assert any(it.exc_info for it in caplog.records)
    assert await stored(app) == ["hello"] * (when == "behind")


@pytest.mark.gen_test
async def test_a_fault_in_reading_a_post_is_told_by_tornado_and_costs_nobody_else_a_reply(
    app: Chatroom, ours: Host, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged("POST /a/message/new")
    logged("500 POST /a/message/new")
    me = await bearer(app)
    client = await admitted(ours, me)

    def render(body: str) -> str:
        if body == "boom":
            raise RuntimeError
        return body

    monkeypatch.setattr("chatroom.drafting.render", render)
    client.send(b"".join(saying(f"room=7&body={body}", me) for body in ("one", "boom", "two")))
    assert [(await client.answer()).status for _ in range(3)] == [201, 500, 201]
    assert await stored(app) == ["one", "two"]
