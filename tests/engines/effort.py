"""What questions and changes cost the SQLite engine, counted and not timed."""

from __future__ import annotations

from collections.abc import Awaitable
from sqlite3 import Connection
from typing import Any

from chatroom.engines.sqlite import SqliteEngine
from chatroom.engines.writer import Work

#: Instructions of SQLite's machine between two counts.
_EVERY = 10


async def instructions(engine: SqliteEngine, call: Awaitable[Any]) -> int:
    """How many instructions SQLite takes for `call`, about, reading and writing."""
    await _left_in_peace(engine)
    counted = [0]

    def count() -> int:
        counted[0] += _EVERY
        return 0

    connections = (engine._store._reader, engine._store._writer._connection)
    for connection in connections:
        connection.set_progress_handler(count, _EVERY)
    await call
    for connection in connections:
        connection.set_progress_handler(None, _EVERY)
    return counted[0]


async def _left_in_peace(engine: SqliteEngine) -> None:
    """Let the index of words take in nothing more in spare time: it would be counted as well."""
    engine._store._writer._spare = None
    await engine._store.write(lambda _: None)


async def changes(engine: SqliteEngine, call: Awaitable[Any]) -> list[int]:
    """How many rows each of the writes of `call` has changed."""
    found: list[int] = []
    write = engine._store.write

    async def counting(work: Work[Any], entries: int = 1) -> Any:
        def counted(connection: Connection) -> Any:
            before = connection.total_changes
            result = work(connection)
            found.append(connection.total_changes - before)
            return result

        return await write(counted, entries)

    engine._store.write = counting  # type: ignore[method-assign]
    await call
    engine._store.write = write  # type: ignore[method-assign]
    return found
