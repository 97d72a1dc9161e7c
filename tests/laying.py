"""New files for tests, without what it costs to make one: each flush of each step of the schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chatroom.engines import database


def lay(path: Path) -> Path:
    """Put a new file there, as the engine makes one, and with an epoch of its own; returns where."""
    made, epoch = _made()
    path.write_bytes(made.replace(epoch, database._new_epoch().encode()))
    return path


@cache
def _made() -> tuple[bytes, bytes]:
    """A file in which nothing has happened, as the engine has made it, and its epoch."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chatroom.db"
        database.prepare(path)
        with closing(sqlite3.connect(path)) as connection:
            (epoch,) = connection.execute("SELECT epoch FROM life").fetchone()
        return path.read_bytes(), epoch.encode()
