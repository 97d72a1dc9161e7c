from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines import database
from chatroom.engines.store import Store
from chatroom.errors import Closing, StorageRefused, Unavailable
from tests.laying import lay

Logged = Callable[[str], None]

COUNT = "SELECT count(*) FROM people"
ADD = "INSERT INTO people (id, name) VALUES (?, '')"


class Kept:
    """A store, and what it has said was committed."""

    def __init__(self, path: Path) -> None:
        self.groups: list[Sequence[object]] = []
        self.store = Store(path, 100, self.groups.append)

    async def count(self) -> int:
        return int(await self.store.read(lambda it: it.execute(COUNT).fetchone()[0]))


@pytest.fixture
def kept(io_loop: IOLoop, tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(lay(tmp_path / "chatroom.db"))
    yield kept
    io_loop.run_sync(kept.store.close)


@pytest.mark.gen_test
async def test_what_is_written_is_read(kept: Kept) -> None:
    before = await kept.count()
    await kept.store.execute(ADD, "a")
    assert await kept.count() == before + 1


@pytest.mark.gen_test
async def test_what_a_write_returns_is_told_before_it_returns(kept: Kept) -> None:
    assert await kept.store.write(lambda _: "done") == "done"
    assert kept.groups == [["done"]]


@pytest.mark.gen_test
async def test_all_of_a_query_sees_one_moment(kept: Kept) -> None:
    begun, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def twice(connection: sqlite3.Connection) -> tuple[int, int]:
        first = connection.execute(COUNT).fetchone()[0]
        loop.call_soon_threadsafe(begun.set)
        go.wait()
        return first, connection.execute(COUNT).fetchone()[0]

    reading = asyncio.ensure_future(kept.store.read(twice))
    await begun.wait()
    await kept.store.execute(ADD, "a")
    go.set()
    first, second = await reading
    assert first == second
    assert await kept.count() == first + 1


@pytest.mark.gen_test
async def test_what_cannot_be_read_is_said_and_the_next_query_is_answered(kept: Kept) -> None:
    with pytest.raises(Unavailable):
        await kept.store.read(lambda it: it.execute("SELECT * FROM nowhere"))
    assert await kept.count() == 1


@pytest.mark.gen_test
async def test_nobody_writes_on_the_connection_to_read_on(kept: Kept) -> None:
    with pytest.raises(Unavailable):
        await kept.store.read(lambda it: it.execute(ADD, ("a",)))


@pytest.mark.gen_test
async def test_flushing_empties_the_write_ahead_log(kept: Kept, tmp_path: Path) -> None:
    log = tmp_path / "chatroom.db-wal"
    await kept.store.execute(ADD, "a")
    assert log.stat().st_size > 0
    await kept.store.flush()
    assert log.stat().st_size == 0
    assert await kept.count() == 2


@pytest.mark.gen_test
async def test_a_reader_in_the_way_delays_emptying_the_log_and_harms_nobody(
    kept: Kept, tmp_path: Path, logged: Logged
) -> None:
    logged("it is being read")
    begun, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def long(connection: sqlite3.Connection) -> int:
        loop.call_soon_threadsafe(begun.set)
        found: int = connection.execute(COUNT).fetchone()[0]
        go.wait()
        return found

    await kept.store.write(lambda it: it.execute("PRAGMA busy_timeout = 0"))
    reading = asyncio.ensure_future(kept.store.read(long))
    await begun.wait()
    await kept.store.execute(ADD, "a")
    await kept.store.flush()
    go.set()
    await reading
    await kept.store.flush()
    assert (tmp_path / "chatroom.db-wal").stat().st_size == 0


@pytest.mark.gen_test
async def test_closing_brings_all_into_the_file_and_gives_up_its_lock(
    kept: Kept, tmp_path: Path
) -> None:
    await kept.store.execute(ADD, "a")
    await kept.store.close()
    assert (tmp_path / "chatroom.db-wal").stat().st_size == 0
    with pytest.raises(Closing):
        await kept.store.flush()
    database.lock(tmp_path / "chatroom.db").close()


@pytest.mark.gen_test
async def test_what_is_deleted_is_overwritten(kept: Kept) -> None:
    assert await kept.store.write(lambda it: it.execute("PRAGMA secure_delete").fetchone()) == (1,)


def test_a_file_that_is_refused_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "chatroom.db"
    path.write_bytes(b"no database")
    with pytest.raises(StorageRefused):
        Store(path, 1, lambda _: None)
    database.lock(path).close()
