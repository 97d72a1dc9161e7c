"""Which files are served, and that a refused one stays as it was."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from chatroom.cursor import Cursor
from chatroom.engines import database
from chatroom.errors import StorageRefused

_INSERT = """
    INSERT INTO messages (room, "offset", at, author, author_name, client_id, body, html, kind)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def whole(folder: Path) -> Path:
    """A sound file with some pages in it."""
    path = folder / "chatroom.db"
    database.prepare(path)
    with closing(database.connect(path)) as connection:
        connection.execute("INSERT INTO people (id, name) VALUES ('a', 'Ann')")
        connection.execute("INSERT INTO rooms (name, head) VALUES ('7', 200)")
        connection.execute("BEGIN")
        for n in range(200):
            row = ("7", n + 1, 0, "a", "Ann", None, "x" * 1000, "y" * 1000, "message")
            connection.execute(_INSERT, row)
        connection.execute("COMMIT")
    return path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100_000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garble_the_head(path: Path) -> None:
    path.write_bytes(b"\xff" * 100 + path.read_bytes()[100:])


def garble_a_page(path: Path) -> None:
    image = bytearray(path.read_bytes())
    image[10 * 4096 : 11 * 4096] = b"\xff" * 4096
    path.write_bytes(bytes(image))


def become_newer(path: Path) -> None:
    with closing(database.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")


def become_foreign(path: Path) -> None:
    with closing(database.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1")


SPOILED: list[tuple[Callable[[Path], None], str]] = [
    (cut, "damaged|malformed"),
    (empty, "not a chatroom's file"),
    (garble_the_head, "not a database"),
    (garble_a_page, "damaged"),
    (become_newer, "newer release"),
    (become_foreign, "not a chatroom's file"),
]


@pytest.mark.parametrize(("spoil", "reason"), SPOILED)
def test_a_spoiled_file_is_refused_in_one_line_and_stays_as_it_is(
    spoil: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = whole(tmp_path)
    spoil(path)
    before = sha256(path.read_bytes()).digest()
    with pytest.raises(StorageRefused, match=reason) as refusal:
        database.prepare(path)
    assert "\n" not in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert sha256(path.read_bytes()).digest() == before


def test_a_file_that_may_only_be_read_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As one that somebody else has put back. Root may write to everything, so the system's word is given here."""
    path = whole(tmp_path)
    monkeypatch.setattr(database.os, "access", lambda it, how: (it, how) != (path, os.W_OK))
    with pytest.raises(StorageRefused, match="may not be written to") as refusal:
        database.prepare(path)
    assert str(path) in str(refusal.value)


def test_the_program_does_not_start_on_a_spoiled_file(tmp_path: Path) -> None:
    path = whole(tmp_path)
    become_newer(path)
    run = [sys.executable, "run.py", "--port=0", f"--data={tmp_path}"]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert "newer release" in line


def test_a_sound_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = whole(tmp_path)
    with closing(database.connect(path)) as connection:
        before = list(connection.iterdump())
    database.prepare(path)
    with closing(database.connect(path)) as connection:
        assert list(connection.iterdump()) == before


def test_every_new_file_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = set()
    for n in range(20):
        path = tmp_path / str(n) / "chatroom.db"
        path.parent.mkdir()
        database.prepare(path)
        with closing(database.connect(path)) as connection:
            epochs.add(connection.execute("SELECT epoch FROM life").fetchone())
    assert len(epochs) == 20


def test_the_restore_of_the_readme_begins_another_life(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    statement = readme.partition('sqlite3 data/chatroom.db "UPDATE')[2].partition('"')[0]
    path = whole(tmp_path)
    with closing(database.connect(path)) as connection:
        (before,) = connection.execute("SELECT epoch FROM life").fetchone()
        connection.execute(f"UPDATE{statement}")
        (after,) = connection.execute("SELECT epoch FROM life").fetchone()
    assert before != after
    assert Cursor.parse(f"{after}-1").epoch == after


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "chatroom.db"
    database.prepare(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_of_a_new_file_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "chatroom.new").write_bytes(b"half")
    database.prepare(tmp_path / "chatroom.db")
    assert not (tmp_path / "chatroom.new").exists()


def test_one_process_owns_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "chatroom.db"
    held = database.lock(path)
    with pytest.raises(StorageRefused, match="in use"):
        database.lock(path)
    held.close()
    database.lock(path).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageRefused, match="file"):
        database.lock(tmp_path / "file" / "chatroom.db")


def test_a_commit_that_was_never_checkpointed_is_read(tmp_path: Path) -> None:
    path = whole(tmp_path)
    writer = database.connect(path)
    writer.execute("INSERT INTO people (id, name) VALUES ('b', 'Bob')")
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    (tmp_path / "copy.db-wal").write_bytes((tmp_path / "chatroom.db-wal").read_bytes())
    database.prepare(copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (3,)
    writer.close()


def test_a_sqlite_that_finds_no_words_is_refused_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_INDEX", "no_such_module")
    with pytest.raises(StorageRefused, match="without FTS5"):
        database.prepare(tmp_path / "chatroom.db")
    assert list(tmp_path.iterdir()) == []
