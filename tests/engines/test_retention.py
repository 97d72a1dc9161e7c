"""What is let go is not in the file any more, and whoever is interrupted goes on with it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Act, Change, Deletion, Edit, Erasure, Reaction
from chatroom.engines import retention
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotFound, StorageFailing
from chatroom.message import Message
from chatroom.people import Visitor
from tests.conftest import Clock
from tests.engines.contract import EVERYTHING
from tests.engines.effort import changes, instructions
from tests.making import ANN, draft

Logged = Callable[[str], None]

#: A text in each of many pages, short and long ones, so that pages split, merge and spill over.
TEXTS = [f"NEEDLE{n:04} @needle{n:04} " + "hay " * (n * 37 % 900) for n in range(400)]


@pytest.fixture(autouse=True)
def ann(engine: SqliteEngine, io_loop: IOLoop) -> Visitor:
    """Ann, who may speak."""
    io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, ANN.name))
    return Visitor(ANN)


def left_of(folder: Path) -> int:
    """How often the texts stand anywhere in the files."""
    return sum(
        it.read_bytes().upper().count(b"NEEDLE")
        for it in folder.iterdir()
        if it.name.startswith("chatroom.db")
    )


async def say_all(engine: SqliteEngine, room: str = "tea") -> None:
    await engine.append(draft("first", room))
    for text in TEXTS:
        await engine.append(draft(text, room))


@pytest.mark.gen_test(timeout=30)
async def test_what_was_trimmed_is_in_no_file_any_more(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path
) -> None:
    await say_all(engine)
    assert left_of(tmp_path) > len(TEXTS)
    await engine.append(draft("last", "tea"))
    await engine.act("tea", Change(keep_messages=1), ann)
    engine._store._writer._spare = None  # what it takes in later begins another log
    await engine.trim()
    assert left_of(tmp_path) == 0
    items = (await engine.between("tea", 0, EVERYTHING, 9)).items
    assert [it.body for it in items if isinstance(it, Message)] == ["last"]


@pytest.mark.gen_test(timeout=30)
async def test_what_was_deleted_is_in_no_file_after_the_next_trim(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path
) -> None:
    await say_all(engine)
    for offset in range(2, len(TEXTS) + 2):
        await engine.act("tea", Deletion(offset), ann)
    await engine.trim()
    assert left_of(tmp_path) == 0


@pytest.mark.gen_test(timeout=30)
async def test_what_was_erased_is_in_no_file_when_it_is_closed(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path
) -> None:
    await say_all(engine)
    await engine.act("tea", Erasure(ANN.id), ann)
    await engine.close()
    assert left_of(tmp_path) == 0
    assert (tmp_path / "chatroom.db-wal").stat().st_size == 0


@pytest.mark.gen_test
async def test_who_dies_before_the_rows_are_gone_goes_on_with_it(  # noqa: PLR0913, PLR0917 - fixtures
    engine: SqliteEngine,
    ann: Visitor,
    tmp_path: Path,
    clock: Clock,
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged("1 writes failed")
    for n in range(4):
        await engine.append(draft(str(n), "tea", client_id=str(n)))
    await engine.act("tea", Change(keep_messages=1), ann)
    with monkeypatch.context() as broken:
        broken.setattr(retention, "_delete", lambda *_, **__: 1 / 0)
        with pytest.raises(StorageFailing):
            await engine.trim()
    await engine.close()
    assert rows(tmp_path) == 6
    again = SqliteEngine(tmp_path / "chatroom.db", clock)
    order, items = await again.tail("tea", 9)
    assert order.trimmed == 3
    assert [it.offset for it in items] == [4, 5, 6]
    await again.trim()
    assert [it.offset for it in (await again.between("tea", 0, EVERYTHING, 9)).items] == [4, 5, 6]
    await again.close()
    assert rows(tmp_path) == 3


@pytest.mark.gen_test
async def test_a_room_that_was_trimmed_is_not_written_to_for_nothing(
    engine: SqliteEngine, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await engine.append(draft(room="tea"))
    await engine.act("tea", Change(keep_messages=1), ann)
    await engine.trim()
    monkeypatch.setattr(engine._store, "write", None)
    await retention.trim(engine._store, engine._clock())


@pytest.mark.gen_test
async def test_a_room_that_changes_its_mind_while_others_are_trimmed_keeps_its_messages(
    engine: SqliteEngine, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await engine.append(draft(room="tea"))
    await engine.act("tea", Change(keep_messages=1), ann)
    read = engine._store.read

    async def slow(query: Callable[[sqlite3.Connection], object]) -> object:
        found = await read(query)
        monkeypatch.setattr(engine._store, "read", read)
        await engine.act("tea", Change(keep_messages=0), ann)
        return found

    monkeypatch.setattr(engine._store, "read", slow)
    await engine.trim()
    assert [it.offset for it in (await engine.tail("tea", 9)).items] == [1, 2, 3, 4, 5]


@pytest.mark.gen_test(timeout=30)
async def test_no_transaction_deletes_more_than_some_messages_with_their_mentions(
    engine: SqliteEngine, ann: Visitor
) -> None:
    posts = (engine.append(draft("@bob @cat @dan", "tea")) for _ in range(1100))
    await asyncio.gather(*posts)
    await engine.act("tea", Change(keep_messages=1), ann)
    assert max(await changes(engine, engine.trim())) <= 500 * 5  # the index is told as well
    left = await engine._store.read(lambda it: it.execute("SELECT * FROM mentions").fetchall())
    assert {offset for _, offset, _ in left} == {1100}


@pytest.mark.gen_test(timeout=30)
async def test_how_much_a_room_keeps_is_nothing_to_count(
    engine: SqliteEngine, ann: Visitor
) -> None:
    await engine.append(draft(room="tea"))
    await engine.act("tea", Change(keep_messages=1000), ann)
    before = await instructions(engine, engine.trim())
    await asyncio.gather(*(engine.append(draft(room="tea")) for _ in range(1000)))
    await engine.trim()
    assert await instructions(engine, engine.trim()) < before + 300


def rows(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "chatroom.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        return int(count)


@pytest.mark.gen_test
async def test_nothing_is_told_of_what_is_trimmed_while_its_rows_are_still_there(
    engine: SqliteEngine, ann: Visitor, clock: Clock
) -> None:
    for text in ("first", "second", "third"):
        await engine.append(draft(text, "tea"))
    await engine.act("tea", Change(keep_messages=2), ann)
    await engine.act("tea", Reaction(1, "👍", on=True), ann)
    await engine.act("tea", Reaction(2, "👍", on=True), ann)
    now = clock()
    await engine._store.write(lambda it: retention._trim(it, "tea", now))
    for deed in (Reaction(1, "🎉", on=True), Edit(1, "again", "again"), Deletion(1)):
        with pytest.raises(NotFound):
            await engine.act("tea", deed, ann)
    with pytest.raises(NotFound):
        await engine.append(draft("well", "tea", reply=1))
    items = (await engine.tail("tea", 10)).items
    told = [it.message.body if it.message else None for it in items if isinstance(it, Act)]
    assert told == [None, None, "second", None]
