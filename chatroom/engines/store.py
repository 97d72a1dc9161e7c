"""The SQLite file while it is served: connections to read, to search and to write on, each in its own thread.

Write-ahead logging lets readers read while the writer writes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from chatroom.engines import database
from chatroom.engines.writer import Spare, Work, Writer
from chatroom.errors import StorageRefused, Unavailable

T = TypeVar("T")


class Store:
    """The file `path`. Raises StorageRefused if it cannot be served; the file is then as it was.

    `write_queue` bounds the requests that wait for the disk. `committed` is called on the event loop with the results
    of a group of writes, before any of them is told; `spare` is what the writer does when nobody wants anything.
    """

    def __init__(
        self,
        path: Path,
        write_queue: int,
        committed: Callable[[Sequence[object]], None],
        spare: Spare | None = None,
    ) -> None:
        self._lock = database.lock(path)
        try:
            self._reader, writing = database.open_pair(path)
        except StorageRefused:
            self._lock.close()
            raise
        (epoch,) = self._reader.execute("SELECT epoch FROM life").fetchone()
        self.epoch = str(epoch)
        self._searcher = database.connect(path, read_only=True)
        self._reading = ThreadPoolExecutor(1, "reader")
        self._searching = ThreadPoolExecutor(1, "searcher")
        self._writer = Writer(writing, write_queue, committed, spare)

    @property
    def failing(self) -> bool:
        """True from a write that failed until one that succeeds."""
        return self._writer.failing

    async def write(self, work: Work[T], entries: int = 1) -> T:
        """Do `work` in the next transaction; on the disk when this returns. Raises what `Writer.write` does."""
        return await self._writer.write(work, entries)

    async def execute(self, statement: str, *values: object) -> None:
        """Write with one statement."""
        await self.write(lambda connection: connection.execute(statement, values))

    async def flush(self) -> None:
        """Leave nothing behind of what was deleted: empty the write-ahead log. Raises what `Writer.write` does."""
        await self._writer.flush()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """What `query` finds, in one snapshot of the file. Raises Unavailable."""
        return await _ask(self._reading, self._reader, query)

    async def search(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """The same for what may take its time: it holds up only what is searched. Raises Unavailable."""
        return await _ask(self._searching, self._searcher, query)

    async def close(self) -> None:
        """Write what is waiting, then close the file and give up its lock."""
        await self._writer.close()
        for thread in (self._reading, self._searching):
            thread.shutdown()
        self._reader.close()
        self._searcher.close()
        self._lock.close()


async def _ask(
    thread: ThreadPoolExecutor,
    connection: sqlite3.Connection,
    query: Callable[[sqlite3.Connection], T],
) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(
            thread, _snapshot, connection, query
        )
    except sqlite3.Error as error:
        raise Unavailable from error


def _snapshot(connection: sqlite3.Connection, query: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return query(connection)
    finally:
        connection.execute("COMMIT")
