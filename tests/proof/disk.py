"""What the file says, read straight with sqlite3 while no server has it open.

A copy is read, with its write-ahead log: opening the file itself would do the recovery that the next start
of the server has to do, and closing it would merge the log.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.proof.checker import Entry, Violation

FILE = "chatroom.db"

ROWS = """
    SELECT room, epoch || '-' || "offset", author, author_name, client_id, body, at
    FROM messages, life ORDER BY room, "offset"
"""


def read_log(data: Path) -> dict[str, list[Entry]]:
    """Every room's log, in the order of the offsets. Only while the server is dead."""
    logs: dict[str, list[Entry]] = {}
    with copied(data) as database:
        for room, id_, author, name, client_id, body, at in database.execute(ROWS):
            entry = Entry(id_, author, name, client_id, body, as_on_the_wire(at))
            logs.setdefault(room, []).append(entry)
    return logs


def check_integrity(data: Path) -> list[Violation]:
    """Ask SQLite whether the file is whole. Only while the server is dead."""
    with copied(data) as database:
        lines = [line for (line,) in database.execute("PRAGMA integrity_check")]
        lines += [str(row) for row in database.execute("PRAGMA foreign_key_check")]
    return [Violation("damaged", str(data / FILE), line) for line in lines if line != "ok"]


def as_on_the_wire(at: int) -> str:
    """Microseconds since 1970 as RFC 3339, UTC, milliseconds."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


@contextmanager
def copied(data: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy of the file as it lies there."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (FILE, f"{FILE}-wal"):
            if (data / name).exists():
                shutil.copy(data / name, folder)
        with closing(sqlite3.connect(Path(folder) / FILE)) as database:
            yield database
