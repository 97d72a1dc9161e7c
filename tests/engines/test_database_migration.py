"""A file of an earlier schema becomes one of this, and nothing in it is lost.

`schema_1.db` was made by the last release before people and order, by posting, renaming, letting sessions end and
posting again through its `Chat`, `Sessions` and `SqliteEngine`, then `VACUUM`. `schema_1.json` is what it said of
itself at the end: the history of every room, encoded by its `Wire` (with a line of HTML that is the text alone), and
its sessions.

`schema_2.db` and `schema_2.json` are the same of the last release before edits, reactions and files: with acts,
accounts, a private room, a trimmed one, mentions, positions and an audit.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Access, Role
from chatroom.engines import database
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotFound, StorageRefused
from chatroom.founding import OPEN, is_conversation
from chatroom.order import Order
from chatroom.people import Person
from chatroom.sessions import Sessions
from chatroom.wire import Wire
from tests.conftest import Clock
from tests.engines.contract import EVERYTHING
from tests.making import ANN, draft

HERE = Path(__file__).parent
TOLD = json.loads((HERE / "schema_1.json").read_text(encoding="utf-8"))
COPY = "chatroom.schema-1.db"
SECOND = json.loads((HERE / "schema_2.json").read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the old schema."""
    return Path(shutil.copy(HERE / "schema_1.db", tmp_path / "chatroom.db"))


@pytest.fixture
def engine(io_loop: IOLoop, path: Path, clock: Clock) -> Iterator[SqliteEngine]:
    """What serves it now, at the time at which it was left."""
    clock.now = TOLD["now"]
    engine = SqliteEngine(path, clock)
    yield engine
    io_loop.run_sync(engine.close)


def digest(path: Path) -> bytes:
    return sha256(path.read_bytes()).digest()


def one(path: Path, query: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def lines(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("room", TOLD["history"])
@pytest.mark.gen_test
async def test_every_entry_is_the_same_on_the_wire(engine: SqliteEngine, room: str) -> None:
    wire = Wire(engine.epoch, lambda line: line.html)
    page = await engine.between(room, 0, EVERYTHING, 200)
    assert wire.history(map(wire.entry, page.items), more=False).decode() == TOLD["history"][room]


@pytest.mark.gen_test
async def test_sessions_go_on_and_have_names_by_which_they_can_be_ended(
    engine: SqliteEngine, clock: Clock
) -> None:
    sessions = Sessions(engine.people, clock, 100, days=90)
    for token, (id_, name) in TOLD["sessions"].items():
        known = await sessions.known(token)
        assert known is not None
        assert (known.person, known.account, known.administrator) == (
            Person(id_, name),
            False,
            False,
        )
        (listed,) = await sessions.listed(id_)
        assert listed.created_at == listed.used_at > 0
    everybody = [id_ for id_, _ in TOLD["sessions"].values()]
    ids = {(await sessions.listed(id_))[0].id for id_ in everybody}
    assert len(ids) == len(everybody)
    assert all(len(it) == 16 for it in ids)


@pytest.mark.gen_test
async def test_a_named_room_is_owned_by_who_spoke_there_first_and_a_numbered_one_by_nobody(
    engine: SqliteEngine,
) -> None:
    for room in TOLD["history"]:
        if is_conversation(room):
            continue
        owner = TOLD["owners"].get(room)
        order = (await engine.tail(room, 1)).order
        assert order == (Order(roles={owner: Role.OWNER}) if owner else OPEN)
        assert [it.person.id for it in await engine.members(room)] == ([owner] if owner else [])
    assert "٣" in TOLD["history"]
    assert "٣" not in TOLD["owners"]


@pytest.mark.gen_test
async def test_a_room_that_is_called_like_a_conversation_becomes_one_of_all_who_spoke_there(
    io_loop: IOLoop, path: Path, clock: Clock
) -> None:
    owner, *others = (Person(id_, name) for id_, name in TOLD["sessions"].values())
    said = "INSERT INTO messages VALUES (?, ?, ?, ?, 'n', NULL, 'b', '<p>b</p>')"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO rooms VALUES ('private-two-tea', 4)")
        for offset, author in enumerate([owner, others[0], owner, others[1]], 1):
            connection.execute(said, ("private-two-tea", offset, 1, author.id))
        connection.commit()
    engine = SqliteEngine(path, clock)
    order = (await engine.tail("private-two-tea", 1)).order
    roles = {owner.id: Role.OWNER, others[0].id: Role.MEMBER, others[1].id: Role.MEMBER}
    assert order == Order(access=Access.PRIVATE, roles=roles)
    members = [it.person.id for it in await engine.members("private-two-tea")]
    assert members == list(roles)
    await engine.append(draft("still here", "private-two-tea", author=others[1]))
    with pytest.raises(NotFound):
        await engine.append(draft("let me in", "private-two-tea", author=others[2]))
    joke = (await engine.tail("private-joke", 1)).order
    assert joke.access == Access.PRIVATE
    assert joke.roles[TOLD["owners"]["private-joke"]] == Role.OWNER
    found = await engine.people.readings(others[1], "n")
    assert "private-two-tea" in [it.room for it in found]
    await engine.close()


@pytest.mark.gen_test
async def test_a_post_of_then_can_be_repeated_and_others_go_behind_it(engine: SqliteEngine) -> None:
    ann = Person(*next(iter(TOLD["sessions"].values())))
    again = await engine.append(draft("hello", author=ann, client_id="c-1"))
    assert (again.message.offset, again.repeated) == (2, True)
    assert (await engine.append(draft("more", author=ann))).message.offset == 8


def test_the_file_is_sound_and_at_this_schema(path: Path) -> None:
    database.prepare(path)
    assert one(path, "PRAGMA integrity_check") == "ok"
    assert one(path, "SELECT count(*) FROM pragma_foreign_key_check") == 0
    assert one(path, "PRAGMA user_version") == database.VERSION


def test_a_file_that_was_brought_up_to_date_has_the_tables_of_a_new_one(
    path: Path, tmp_path: Path
) -> None:
    database.prepare(path)
    database.prepare(tmp_path / "new.db")
    tables = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)"
    assert one(path, tables) == one(tmp_path / "new.db", tables)


def test_a_copy_of_what_it_was_is_kept_for_its_owner_only(path: Path) -> None:
    before = lines(path)
    database.prepare(path)
    copy = path.with_name(COPY)
    assert lines(copy) == before
    assert one(copy, "PRAGMA user_version") == 1
    assert one(copy, "PRAGMA integrity_check") == "ok"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert sorted(it.name for it in path.parent.glob("*copy*")) == []


def test_what_no_checkpoint_has_reached_yet_is_in_the_copy(path: Path) -> None:
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO people VALUES ('late', 'Late')")
        writer.commit()
        assert path.with_name("chatroom.db-wal").stat().st_size > 0
        database.prepare(path)
    assert one(path.with_name(COPY), "SELECT name FROM people WHERE id = 'late'") == "Late"


def test_a_file_is_brought_up_to_date_and_copied_once(path: Path) -> None:
    database.prepare(path)
    before = lines(path)
    path.with_name(COPY).unlink()
    database.prepare(path)
    assert lines(path) == before
    assert not path.with_name(COPY).exists()


def test_a_new_file_is_not_copied(tmp_path: Path) -> None:
    database.prepare(tmp_path / "chatroom.db")
    assert [it.name for it in tmp_path.iterdir()] == ["chatroom.db"]


def test_a_copy_that_is_there_is_never_written_over(path: Path) -> None:
    path.with_name(COPY).write_bytes(b"of another time")
    database.prepare(path)
    assert path.with_name(COPY).read_bytes() == b"of another time"
    assert one(path.with_name("chatroom.schema-1.2.db"), "PRAGMA user_version") == 1


def test_a_step_that_fails_leaves_the_file_as_it_was_however_often_it_is_tried(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "002_wrong.sql"
    wrong.write_text("CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(database, "_STEPS", [database._STEPS[0], wrong])
    before = lines(path)
    for _ in range(3):
        with pytest.raises(StorageRefused, match="no such table: nowhere") as refusal:
            database.prepare(path)
        assert "\n" not in str(refusal.value)
        assert lines(path) == before
        assert one(path, "PRAGMA user_version") == 1
    assert [it.name for it in tmp_path.glob("*.schema-*")] == [COPY]


def test_a_failed_step_can_be_mended_by_the_next_release(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "002_wrong.sql"
    wrong.write_text("CREATE TABLE ignored (a); INSERT INTO nowhere VALUES (1);")
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "_STEPS", [database._STEPS[0], wrong])
        with pytest.raises(StorageRefused):
            database.prepare(path)
    database.prepare(path)
    assert one(path, "PRAGMA user_version") == database.VERSION


def test_without_room_for_the_copy_the_program_does_not_start_and_the_file_stays(
    path: Path,
) -> None:
    before = digest(path)
    ended = subprocess.run(
        [sys.executable, "run.py", "--port=0", f"--data={path.parent}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=_no_large_files,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "cannot be copied before" in line
    assert str(path) in line
    assert digest(path) == before
    assert sorted(it.name for it in path.parent.iterdir()) == ["chatroom.db", "chatroom.lock"]


def test_a_newer_file_is_neither_touched_nor_copied(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    before = digest(path)
    with pytest.raises(StorageRefused, match="newer release"):
        database.prepare(path)
    assert digest(path) == before
    assert list(path.parent.glob("*.schema-*")) == []


@pytest.mark.gen_test
async def test_the_fixture_holds_what_it_should(engine: SqliteEngine) -> None:
    """Its own premise: several authors, one who is gone, scripts, emoji, a text that was said under another name."""
    told = "".join(TOLD["history"].values())
    authors = {
        it["author"]["id"]
        for text in TOLD["history"].values()
        for it in json.loads(text)["messages"]
    }
    assert authors > {id_ for id_, _ in TOLD["sessions"].values()}
    for part in ("🍵", "茶", "سلام", "👩‍👩‍👧‍👦", '"Ann"', '"Ann Lee"', '"c-1"'):
        assert part in told
    assert await engine.people.person(ANN.id) is None


def _no_large_files() -> None:
    """A file has at most 40 kB from now on: to the copy, which needs 52, the disk is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_960, 40_960))


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A file of the second schema."""
    return Path(shutil.copy(HERE / "schema_2.db", tmp_path / "chatroom.db"))


def test_a_file_with_acts_is_the_same_on_the_wire(
    io_loop: IOLoop, second: Path, clock: Clock
) -> None:
    engine = SqliteEngine(second, clock)
    wire, told = Wire(engine.epoch, lambda line: line.html), {}
    for room in SECOND["history"]:
        page = io_loop.run_sync(partial(engine.between, room, 0, EVERYTHING, 200))
        told[room] = wire.history(map(wire.entry, page.items), more=False).decode()
    io_loop.run_sync(engine.close)
    assert (engine.epoch, told) == (SECOND["epoch"], SECOND["history"])
    assert lines(second.with_suffix(".schema-2.db")) == lines(HERE / "schema_2.db")


def test_all_but_the_messages_is_as_it_was(second: Path) -> None:
    before = others(second)
    database.prepare(second)
    assert others(second) == before


def test_a_file_that_was_brought_up_to_date_is_like_a_new_one(second: Path, tmp_path: Path) -> None:
    database.prepare(second)
    database.prepare(tmp_path / "new.db")
    assert shape(second) == shape(tmp_path / "new.db")


def others(path: Path) -> list[str]:
    """All that stands in the old tables but `messages`, and what the file says of itself."""
    old = ("people", "rooms", "sessions", "members", "positions", "mentions", "ignored", "audit")
    rows = (f'INSERT INTO "{it}"' for it in (*old, "life"))
    return [line for line in lines(path) if line.startswith(tuple(rows))]


def shape(path: Path) -> set[tuple[str, str]]:
    """Its tables and indexes."""
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT type, name FROM sqlite_schema").fetchall())


def test_pictures_of_before_count_together_with_the_smaller_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "_STEPS", database._STEPS[:3])
        earlier.setattr(database, "VERSION", 3)
        database.prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        put = "INSERT INTO files (id, person, room, name, type, size, created_at) VALUES (?, 'a', '7', 'b', 'c', 9, 1)"
        connection.executemany(put, [("large",), ("small",)])
        chunks = [("large", 1, 0), ("large", 2, 0), ("large", 2, 1), ("small", 1, 0)]
        connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, x'010203')", chunks)
        connection.commit()
    database.prepare(path)
    for id_, thumbnail in (("large", 6), ("small", 0)):
        assert one(path, f"SELECT thumbnail FROM files WHERE id = '{id_}'") == thumbnail
    assert one(path, "PRAGMA integrity_check") == "ok"
