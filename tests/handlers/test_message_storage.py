"""A disk that does not take what it is given: refused, told, and gone on from."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines.sqlite import SqliteEngine
from tests.api import Api, bodies
from tests.conftest import until

NEW = "/a/message/new"
Held = Callable[..., Awaitable[None]]
Logged = Callable[[str], None]


async def limit_pages(engine: SqliteEngine, pages: int | None) -> None:
    """Let the file grow to that many pages; no more than it has: 1; without end: None."""
    most = 2**32 - 2 if pages is None else pages

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    await engine._store._writer.write(work)


@asynccontextmanager
async def full_disk(engine: SqliteEngine) -> AsyncIterator[None]:
    """While it lasts, a message of 4,000 characters does not fit any more."""
    await limit_pages(engine, 1)
    yield
    await limit_pages(engine, None)


@asynccontextmanager
async def busy_disk(engine: SqliteEngine) -> AsyncIterator[asyncio.Task[None]]:
    """While it lasts, the writer thread is held up by the work of that task."""
    busy, free = threading.Event(), threading.Event()

    def hold_up(_connection: sqlite3.Connection) -> None:
        busy.set()
        free.wait()

    disk = asyncio.create_task(engine._store._writer.write(hold_up))
    await until(busy.is_set)
    try:
        yield disk
    finally:
        free.set()


@pytest.fixture
def big() -> str:
    """A body that needs a page of its own."""
    return "x" * 4000


@pytest.fixture(autouse=True)
def announced(logged: Logged) -> None:
    """Every test here makes the server complain."""
    logged("writes failed")
    logged("503 POST /a/message/new")


@pytest.mark.gen_test
async def test_a_message_that_cannot_be_stored_is_refused_and_told_to_nobody(
    ann: Api, bob: Api, engine: SqliteEngine, held: Held, big: str
) -> None:
    poll = asyncio.create_task(bob.updates({"room": "7"}))
    await held(1)
    async with full_disk(engine):
        reply = await ann.post(NEW, {"room": "7", "body": big})
        assert reply.error[:2] == (503, "storage_failing")
        assert int(reply.response.headers["Retry-After"]) >= 1
        await held(1)
        assert bodies(await bob.history()) == []
    message = await ann.say("after")
    assert await poll == {"messages": [message], "cursors": {"7": message["id"]}}
    assert message["id"].endswith("-1")


@pytest.mark.gen_test
async def test_reading_goes_on_while_the_disk_is_full(
    ann: Api, bob: Api, engine: SqliteEngine, big: str
) -> None:
    first = await ann.say("first")
    async with full_disk(engine):
        assert (await ann.post(NEW, {"room": "7", "body": big})).status == 503
        assert bodies(await bob.since(f"{first['id'][:8]}-0")) == ["first"]
        assert bodies(await bob.history("7")) == ["first"]
        assert bodies(await bob.history("cold")) == []
        assert (await bob.get("/room/7")).status == 200


@pytest.mark.gen_test
async def test_health_tells_of_a_failing_disk_until_a_write_succeeds(
    ann: Api, engine: SqliteEngine, big: str
) -> None:
    well = {"status": "ok", "storage": "ok"}
    assert (await ann.get("/healthz")).json == well
    async with full_disk(engine):
        await ann.post(NEW, {"room": "7", "body": big})
        health = await ann.get("/healthz")
        assert (health.status, health.json) == (200, {"status": "degraded", "storage": "failing"})
    await ann.say("after")
    assert (await ann.get("/healthz")).json == well


@pytest.mark.gen_test
async def test_a_refused_message_that_is_sent_again_is_said_once(
    ann: Api, engine: SqliteEngine, big: str
) -> None:
    fields = {"room": "7", "body": big, "client_id": "c1"}
    async with full_disk(engine):
        assert (await ann.post(NEW, fields)).status == 503
        assert (await ann.post(NEW, fields)).status == 503
    replies = [await ann.post(NEW, fields) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 200]
    assert bodies(await ann.history()) == [big]


class TestAQueueOfOne:
    """Where one post may wait for the disk, while the disk is busy."""

    @pytest.fixture
    def engine(
        self, io_loop: IOLoop, tmp_path: Path, clock: Callable[[], int]
    ) -> Iterator[SqliteEngine]:
        engine = SqliteEngine(tmp_path / "chatroom.db", clock, write_queue=1)
        yield engine
        io_loop.run_sync(engine.close)

    @pytest.mark.gen_test
    async def test_one_post_waits_and_the_next_is_refused_at_once(
        self, ann: Api, engine: SqliteEngine
    ) -> None:
        async with busy_disk(engine) as disk:
            waiting = asyncio.create_task(ann.say("waits"))
            await until(lambda: engine._store._writer._queue.qsize() == 1)
            reply = await ann.post(NEW, {"room": "7", "body": "too much"})
        await asyncio.gather(disk, waiting)
        assert reply.error[:2] == (503, "storage_busy")
        assert int(reply.response.headers["Retry-After"]) >= 1
        await ann.say("goes on")
        assert bodies(await ann.history()) == ["waits", "goes on"]
