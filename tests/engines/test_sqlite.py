"""What is true of the SQLite engine beyond the contract: restarts, full disks, and its one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import StorageFailing, StorageRefused
from tests.conftest import Clock
from tests.engines.contract import EVERYTHING, EngineContract
from tests.making import ANN, draft

Logged = Callable[[str], None]


class TestSqliteEngine(EngineContract):
    """The contract, on the real file."""

    @pytest.mark.gen_test
    async def test_everything_is_there_after_a_restart(
        self, engine: SqliteEngine, tmp_path: Path, clock: Clock
    ) -> None:
        (message, _) = await engine.append(draft(client_id="c1"))
        await engine.close()
        again = SqliteEngine(tmp_path / "chatroom.db", clock)
        assert again.epoch == engine.epoch
        assert await again.append(draft(client_id="c1")) == (message, True)
        assert (await again.append(draft())).message.offset == 2
        session = await again.people.session(b"ann")
        assert session is not None
        assert session.person == ANN
        await again.close()

    @pytest.mark.gen_test
    async def test_a_full_disk_takes_nothing_and_is_forgotten_when_there_is_room(
        self, engine: SqliteEngine, logged: Logged
    ) -> None:
        logged("writes failed")
        await engine.append(draft())
        await _limit_pages(engine, 1)
        with pytest.raises(StorageFailing):
            await engine.append(draft("x" * 4000, client_id="c1"))
        assert engine.failing
        assert len((await engine.between("7", 0, EVERYTHING, 10)).items) == 1
        await _limit_pages(engine, 10**6)
        taken = await engine.append(draft("x" * 4000, client_id="c1"))
        assert not taken.repeated
        assert taken.message.offset == 2
        assert not engine.failing

    @pytest.mark.gen_test
    async def test_commits_are_flushed_to_the_disk(self, engine: SqliteEngine) -> None:
        def pragmas(connection: sqlite3.Connection) -> tuple[str, int]:
            (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
            (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
            return journal, synchronous

        assert await engine._store._writer.write(pragmas) == ("wal", 2)

    @pytest.mark.gen_test
    async def test_people_who_left_nothing_behind_are_forgotten(
        self, engine: SqliteEngine, clock: Clock
    ) -> None:
        await engine.append(draft())
        clock.forward(days=10)
        await engine.people.expire(clock.now)
        rows = await engine._store.read(
            lambda it: it.execute("SELECT id FROM people ORDER BY id").fetchall()
        )
        assert rows == [("0",), (ANN.id,)]


def test_a_file_that_is_refused_is_let_go(io_loop: IOLoop, tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "chatroom.db"
    path.write_bytes(b"not a database")
    with pytest.raises(StorageRefused, match="not a database"):
        SqliteEngine(path, clock)
    path.unlink()
    io_loop.run_sync(SqliteEngine(path, clock).close)


async def _limit_pages(engine: SqliteEngine, pages: int) -> None:
    """Let the file grow no further than `pages`, or than it is."""
    await engine._store._writer.write(
        lambda it: it.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    )
