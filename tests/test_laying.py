"""A file that is laid is one that the engine has made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from chatroom.engines import database
from tests.laying import lay

_PRAGMAS = ("application_id", "user_version", "journal_mode", "page_size", "integrity_check")


def content(path: Path) -> tuple[list[object], list[str], str]:
    """What is said about a file, what is in it but for the epoch, and its epoch."""
    with closing(sqlite3.connect(path)) as connection:
        pragmas = [connection.execute(f"PRAGMA {it}").fetchone()[0] for it in _PRAGMAS]
        (epoch,) = connection.execute("SELECT epoch FROM life").fetchone()
        lines = [it.replace(epoch, "") for it in connection.iterdump()]
    return pragmas, lines, epoch


def test_a_file_that_is_laid_is_as_one_that_is_made_but_for_its_epoch(tmp_path: Path) -> None:
    database.prepare(tmp_path / "made.db")
    *made, made_epoch = content(tmp_path / "made.db")
    *laid, epoch = content(lay(tmp_path / "laid.db"))
    assert laid == made
    assert epoch != made_epoch


def test_every_file_that_is_laid_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = {content(lay(tmp_path / f"{n}.db"))[2] for n in range(5)}
    assert len(epochs) == 5
