"""The contract of files, on the real file, and what is true of that beyond it."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from chatroom.deed import Deletion
from chatroom.engines.files import CHUNK, Part
from chatroom.engines.sqlite import SqliteEngine
from chatroom.engines.sqlite_files import _SPARE
from chatroom.errors import FilesFull, NotFound
from chatroom.message import File
from chatroom.people import Visitor
from tests.conftest import Clock
from tests.engines.contract_files import FilesContract, begun, kept, picture, read, write
from tests.making import ANN, draft

MARK = b"a mark that nothing else has"


def on_disk(folder: Path) -> bool:
    """Whether the mark is in the file, or in its write-ahead log."""
    return any(MARK in it.read_bytes() for it in folder.glob("chatroom.db*"))


class TestSqliteFiles(FilesContract):
    """The contract."""

    @pytest.mark.gen_test
    async def test_nothing_of_a_deleted_file_is_found_on_the_disk(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        file = await kept(engine, MARK * 30_000)
        await engine.append(draft("", files=(file.id,)))
        assert on_disk(tmp_path)
        await engine.act("7", Deletion(1), Visitor(ANN))
        await engine.files.sweep()
        assert not on_disk(tmp_path)

    @pytest.mark.gen_test
    async def test_nothing_of_a_picture_stays_as_it_was_sent(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        id_ = await begun(engine)
        await write(engine, id_, MARK * 30_000)
        await engine.files.drop(id_)
        await picture(engine)
        await engine.trim()
        assert not on_disk(tmp_path)

    @pytest.mark.gen_test
    async def test_what_a_killed_process_left_half_way_is_swept_by_the_next_one(
        self, engine: SqliteEngine, tmp_path: Path, clock: Clock
    ) -> None:
        await write(engine, await begun(engine), MARK * 30_000)
        await engine.close()
        again = SqliteEngine(tmp_path / "chatroom.db", clock)
        assert await again.files.sweep()
        assert not on_disk(tmp_path)
        assert not await again.files.sweep()
        await again.close()

    @pytest.mark.gen_test
    async def test_files_leave_some_of_the_disk_to_messages(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chatroom.engines.sqlite_files._SPARE", 10**18)
        with pytest.raises(FilesFull):
            await begun(engine)
        await engine.append(draft())

    @pytest.mark.gen_test
    async def test_what_is_on_its_way_in_is_left_its_part_of_the_disk(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chatroom.engines.sqlite_files._free", lambda _: 100 + _SPARE)
        first = await begun(engine, size=60)
        with pytest.raises(FilesFull):
            await begun(engine, size=41)
        await begun(engine, size=40)
        await engine.files.drop(first)
        await begun(engine, size=60)

    @pytest.mark.gen_test
    async def test_a_large_file_is_deleted_in_small_transactions(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.trim()  # what a new file needs is done
        id_ = await begun(engine)
        for number in range(40):
            await engine.files.write(id_, Part.SENT, number, b"a" * CHUNK)
        changes: list[int] = []
        write_ = engine._store.write

        async def watched(work: object, entries: int = 1) -> object:
            before = await write_(lambda it: it.total_changes)
            result = await write_(work, entries)  # type: ignore[arg-type]
            changes.append(await write_(lambda it: it.total_changes) - before)
            return result

        monkeypatch.setattr(engine._store, "write", watched)
        await engine.files.drop(id_)
        assert sum(changes) == 41
        assert max(changes) == 8

    @pytest.mark.gen_test
    async def test_a_file_that_becomes_whole_while_files_are_swept_is_kept(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id_ = await begun(engine)
        await write(engine, id_, b"hello")
        file = File(id_, "a", "text/plain", 5)
        look = engine.files._ids

        async def slow(statement: str, *values: object) -> list[str]:
            found = await look(statement, *values)
            if not await engine.files.find(id_):
                await engine.files.keep(file, ANN.id, "7")
            return found

        monkeypatch.setattr(engine.files, "_ids", slow)
        await engine.files.sweep()
        assert await read(engine, id_) == b"hello"

    @pytest.mark.gen_test
    async def test_nothing_is_written_any_more_to_what_is_dropped_meanwhile(
        self, engine: SqliteEngine
    ) -> None:
        id_ = await begun(engine)

        async def go_on() -> None:
            for number in itertools.count():
                await engine.files.write(id_, Part.SENT, number, b"a")

        writing = asyncio.create_task(go_on())
        await asyncio.sleep(0)
        await engine.files.drop(id_)
        with pytest.raises(NotFound):
            await writing
        left = await engine._store.read(lambda it: it.execute("SELECT * FROM chunks").fetchall())
        assert not left
