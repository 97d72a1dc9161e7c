"""The index of words in the file: taken in step by step, and nothing in it that is gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Change, Deletion, Edit, Erasure
from chatroom.engines import volumes, writer
from chatroom.engines.sqlite import SqliteEngine
from chatroom.people import Visitor
from tests.conftest import Clock
from tests.engines.contract_search import bodies, look
from tests.engines.test_retention import TEXTS, left_of
from tests.making import ANN, draft

Logged = Callable[[str], None]


@pytest.fixture(autouse=True)
def ann(engine: SqliteEngine, io_loop: IOLoop) -> Visitor:
    """Ann, who may speak."""
    io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, ANN.name))
    return Visitor(ANN)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a step is a whole one, and no moment is quiet enough for one."""
    monkeypatch.setattr(volumes, "_SECONDS", 3600.0)
    monkeypatch.setattr(writer, "_QUIET", 3600.0)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Volumes of ten messages."""
    monkeypatch.setattr(volumes, "VOLUME", 10)


async def say_many(engine: SqliteEngine, count: int, text: str = "tea {}") -> None:
    await asyncio.gather(*(engine.append(draft(text.format(n), "tea")) for n in range(count)))


async def rows(engine: SqliteEngine, query: str) -> list[tuple[object, ...]]:
    return await engine._store.read(lambda it: it.execute(query).fetchall())


async def take_all_in(engine: SqliteEngine) -> None:
    while await engine._store.write(volumes.step):
        pass


@pytest.mark.gen_test
async def test_a_step_takes_in_some_rows_and_remembers_where_it_stands(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "STEP", 4)
    await say_many(engine, 6)
    assert await engine._store.write(volumes.step)
    assert await rows(engine, "SELECT upto FROM indexed") == [(4,)]
    assert not await engine._store.write(volumes.step)
    assert await rows(engine, "SELECT upto FROM indexed") == [(6,)]
    assert await engine._store.read(volumes.behind) == 0


@pytest.mark.gen_test
async def test_a_step_that_takes_long_ends_early(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "_SECONDS", -1.0)
    await say_many(engine, 3)
    assert await engine._store.write(volumes.step)
    assert await rows(engine, "SELECT upto FROM indexed") == [(1,)]


@pytest.mark.gen_test
async def test_a_step_that_lets_go_ends_early_too(
    engine: SqliteEngine, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say_many(engine, 3)
    await take_all_in(engine)
    await engine.act("tea", Erasure(ANN.id), ann)
    monkeypatch.setattr(volumes, "_SECONDS", -1.0)
    assert [await engine._store.write(volumes.let_go) for _ in range(3)] == [True, True, False]
    assert await rows(engine, "SELECT * FROM outdated") == []


@pytest.mark.gen_test
async def test_whoever_starts_again_goes_on_where_the_index_stood(
    engine: SqliteEngine, tmp_path: Path, clock: Clock
) -> None:
    await say_many(engine, 3)
    await take_all_in(engine)
    await say_many(engine, 1, "more tea {}")
    await engine.close()
    again = SqliteEngine(tmp_path / "chatroom.db", clock)
    assert await again._store.read(volumes.behind) == 1
    assert len(bodies(await look(again, "tea", room="tea"))) == 4
    await again.close()


@pytest.mark.usefixtures("small")
@pytest.mark.gen_test
async def test_what_is_looked_for_is_found_across_volumes(engine: SqliteEngine) -> None:
    await say_many(engine, 35)
    assert bodies(await look(engine, "tea", room="tea")) == [
        f"tea {n}" for n in reversed(range(35))
    ]
    assert bodies(await look(engine, "9", room="tea")) == ["tea 9"]
    assert await rows(engine, "SELECT id FROM volumes ORDER BY id") == [(0,), (1,), (2,), (3,)]


@pytest.mark.gen_test
async def test_posting_does_nothing_for_the_index(engine: SqliteEngine) -> None:
    await say_many(engine, 20)
    assert await rows(engine, "SELECT upto FROM indexed") == [(0,)]
    assert await rows(engine, "SELECT * FROM outdated") == []


@pytest.mark.gen_test
async def test_many_posts_are_taken_in_although_nobody_looks(engine: SqliteEngine) -> None:
    await say_many(engine, 300)
    while await engine._store.read(volumes.behind) == 300:
        pass


@pytest.mark.gen_test
async def test_what_changes_before_it_was_taken_in_leaves_nothing_to_do(
    engine: SqliteEngine, ann: Visitor
) -> None:
    await engine.append(draft("one", "tea"))
    await engine.act("tea", Edit(1, "two", "<p>two</p>"), ann)
    await engine.act("tea", Deletion(1), ann)
    assert await rows(engine, "SELECT * FROM outdated") == []


@pytest.mark.gen_test
async def test_what_changes_twice_is_let_go_of_as_it_was_taken_in(
    engine: SqliteEngine, ann: Visitor
) -> None:
    await engine.append(draft("one", "tea"))
    await take_all_in(engine)
    for text in ("two", "three"):
        await engine.act("tea", Edit(1, text, ""), ann)
    assert await rows(engine, "SELECT number, body FROM outdated") == [(1, "one")]
    await take_all_in(engine)
    assert await rows(engine, "SELECT * FROM outdated") == []
    await _check(engine, "three")


@pytest.mark.gen_test
async def test_reactions_do_not_concern_the_index(engine: SqliteEngine) -> None:
    await engine.append(draft("one", "tea"))
    await take_all_in(engine)
    await engine._store.execute("UPDATE messages SET reactions = '{}', edited_at = 1")
    assert await rows(engine, "SELECT * FROM outdated") == []


@pytest.mark.parametrize("how", ["deleted", "erased", "trimmed", "changed"])
@pytest.mark.gen_test(timeout=30)
async def test_what_is_gone_is_in_no_file_after_the_next_trim(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path, how: str
) -> None:
    await _say_all(engine)
    await take_all_in(engine)
    await _forget_all(engine, ann, how)
    await engine.append(draft("last", "tea"))
    await engine.trim()
    assert left_of(tmp_path) == 0
    await _check(engine, "last")


@pytest.mark.gen_test(timeout=30)
async def test_what_is_gone_is_in_no_file_when_it_is_closed(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path
) -> None:
    await _say_all(engine)
    await take_all_in(engine)
    await _forget_all(engine, ann, "erased")
    await engine.close()
    assert left_of(tmp_path) == 0


@pytest.mark.gen_test(timeout=30)
async def test_one_deleted_text_among_many_is_in_no_file_after_the_next_trim(
    engine: SqliteEngine, ann: Visitor, tmp_path: Path
) -> None:
    await say_many(engine, 300, "zzzzz{} hay")
    (message, _) = await engine.append(draft("NEEDLE needle", "tea"))
    await say_many(engine, 300, "zzzzz{} hay")
    await take_all_in(engine)
    assert left_of(tmp_path) > 0
    await engine.act("tea", Deletion(message.offset), ann)
    await engine.trim()
    assert left_of(tmp_path) == 0
    assert len((await look(engine, "hay", room="tea", limit=1000)).messages) == 600


@pytest.mark.usefixtures("small")
@pytest.mark.gen_test(timeout=30)
async def test_volumes_of_which_nothing_is_left_are_dropped(
    engine: SqliteEngine, ann: Visitor
) -> None:
    await say_many(engine, 35)
    await take_all_in(engine)
    await engine.act("tea", Change(keep_messages=1), ann)
    await engine.trim()
    assert await rows(engine, "SELECT id FROM volumes") == [(3,)]
    assert bodies(await look(engine, "tea", room="tea")) == ["tea 34"]


@pytest.mark.usefixtures("small")
@pytest.mark.gen_test
async def test_a_volume_whose_last_text_goes_while_it_is_tidied_keeps_nothing_from_being_found(
    engine: SqliteEngine, ann: Visitor
) -> None:
    await say_many(engine, 25)
    await take_all_in(engine)
    for offset in range(1, 9):
        await engine.act("tea", Deletion(offset), ann)
    await take_all_in(engine)
    await engine.act("tea", Deletion(9), ann)
    while await engine._store.write(volumes.tidy):
        pass
    assert (0,) not in await rows(engine, "SELECT id FROM volumes")
    await engine.append(draft("coffee", "tea"))
    found = await look(engine, "coffee", room="tea")
    assert (bodies(found), found.complete) == (["coffee"], True)


@pytest.mark.gen_test
async def test_an_index_of_another_edition_is_made_anew(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say_many(engine, 3)
    await take_all_in(engine)
    await engine._store.execute("UPDATE messages SET body = 'coffee' WHERE number = 2")
    monkeypatch.setattr(volumes, "EDITION", "another")
    assert not (await look(engine, "tea", room="tea")).complete
    await take_all_in(engine)
    assert await rows(engine, "SELECT edition FROM indexed") == [("another",)]
    assert await rows(engine, "SELECT * FROM outdated") == []
    assert bodies(await look(engine, "tea", room="tea")) == ["tea 2", "tea 0"]
    await _check(engine, "coffee")


@pytest.mark.usefixtures("small")
@pytest.mark.gen_test
async def test_nobody_waits_for_more_than_one_volume_to_be_dropped(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say_many(engine, 25)
    await take_all_in(engine)
    monkeypatch.setattr(volumes, "EDITION", "another")
    for left in (2, 1, 0):
        assert await engine._store.write(volumes.let_go)
        assert len(await rows(engine, "SELECT id FROM volumes")) == left


@pytest.mark.gen_test
async def test_a_damaged_index_is_made_anew_and_no_post_fails_for_it(
    engine: SqliteEngine, logged: Logged
) -> None:
    logged("made anew")
    await say_many(engine, 3)
    await take_all_in(engine)
    await engine._store.execute("UPDATE volume_0_data SET block = x'00'")
    await say_many(engine, 1, "more tea {}")
    await take_all_in(engine)
    assert len(bodies(await look(engine, "tea", room="tea"))) == 4
    assert not engine.failing


async def _say_all(engine: SqliteEngine) -> None:
    await engine.append(draft("first", "tea"))
    await asyncio.gather(*(engine.append(draft(text, "tea")) for text in TEXTS))


async def _forget_all(engine: SqliteEngine, ann: Visitor, how: str) -> None:
    if how == "trimmed":
        await engine.append(draft("kept", "tea"))
        await engine.act("tea", Change(keep_messages=1), ann)
    elif how == "erased":
        await engine.act("tea", Erasure(ANN.id), ann)
    for offset in range(2, len(TEXTS) + 2):
        if how == "deleted":
            await engine.act("tea", Deletion(offset), ann)
        elif how == "changed":
            await engine.act("tea", Edit(offset, "hay", "hay"), ann)


async def _check(engine: SqliteEngine, left: str) -> None:
    """The index says of each volume that it is sound, and holds the message `left`."""

    def check(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO volume_0 (volume_0) VALUES ('integrity-check')")

    await engine._store.write(check)
    assert bodies(await look(engine, left, room="tea")) == [left]
