"""One writer thread with group commit.

What is to be written queues up; the thread takes all that is there, does it in one transaction and commits once. While
the disk is busy with one commit the next group gathers, so the price of `synchronous=FULL` is paid per group and not
per message. More writers would be no faster (SQLite has one write lock) and would lose the order of the offsets.

A group succeeds or fails as one, except for what is refused on purpose: a ChatroomError is an answer, not a fault.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from chatroom.errors import ChatroomError, Closing, StorageBusy, StorageFailing

T = TypeVar("T")
#: What is to be done within the transaction of a group.
Work = Callable[[sqlite3.Connection], T]
#: What is done, step by step, when nobody wants anything. Says whether there is more of it.
Spare = Callable[[sqlite3.Connection], bool]

#: Entries in one transaction, and no request behind them: bounds how long the first waits, and what is told at once.
GROUP_LIMIT = 200
#: Entries after which the next moment in which nothing waits is used; else only a quiet one is. More of them make the
#: single one cheaper, and the step that they make necessary longer.
SPARE_AFTER = 200
#: Seconds without anything to write after which a moment is quiet, and those between two steps.
_QUIET = 1.0
_BREATH = 0.002

_log = logging.getLogger(__name__)


class _Job(NamedTuple):
    work: Work[Any]
    future: asyncio.Future[Any]
    entries: int


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    result: object


class Writer:
    """Does one after the other what is asked of it, in its own thread, on `connection`, which it closes at the end.

    `committed` is called on the event loop with the results of a group after its commit and before any of its futures
    is resolved. At most `limit` requests wait; one more raises StorageBusy. `spare` is done a step at a time, each in a
    transaction of its own, when there is nothing to write: a request waits for one step at most.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        limit: int,
        committed: Callable[[Sequence[object]], None],
        spare: Spare | None = None,
    ) -> None:
        self.failing = False
        self._connection = connection
        self._limit = limit
        self._committed = committed
        self._closing = False
        self._spare = spare
        self._written = 0  # entries since the last step of `spare`
        self._more = False  # of it, as the last step has said
        self._pause = _QUIET if spare else None
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ended: asyncio.Future[None]
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T], entries: int = 1) -> T:
        """Do `work`, which writes about so many entries, in the next group; return when it is on the disk.

        Raises StorageBusy, StorageFailing, Closing (nothing was written), or whatever ChatroomError the work raises.
        """
        if self._closing:
            raise Closing
        if self._queue.qsize() >= self._limit:
            raise StorageBusy
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(_Job(work, future, entries))
        return await future

    async def flush(self) -> None:
        """Bring what was written into the file itself and empty the write-ahead log, which may hold deleted texts.

        Raises what `write` does.
        """
        await self.write(_flush)

    async def close(self) -> None:
        """Write what is waiting, then end the thread and close the connection."""
        if not self._closing:
            self._closing = True
            self._ended = asyncio.get_running_loop().create_future()
            self._queue.put(None)
        await self._ended

    def _run(self) -> None:
        while group := self._next_group():
            outcomes = self._write_group(group)
            if any(job.work is _flush for job in group):
                self._checkpoint()
            loop = group[0].future.get_loop()
            loop.call_soon_threadsafe(self._settle, outcomes)
        self._checkpoint()
        self._connection.close()
        self._ended.get_loop().call_soon_threadsafe(self._end)

    def _next_group(self) -> list[_Job]:
        """All that waits, at least one. Empty when the end has come."""
        group: list[_Job] = []
        entries = 0
        while (job := self._next_job()) is not None:
            group.append(job)
            entries += job.entries
            if entries >= GROUP_LIMIT or self._queue.empty():
                self._note(entries)
                return group
        if group:
            self._queue.put(None)  # the end is met again behind this group
        return group

    def _next_job(self) -> _Job | None:
        while True:
            try:
                return self._queue.get(timeout=self._pause)
            except queue.Empty:
                self._more = self._use_spare_time()
                self._pause = _BREATH if self._more else None

    def _note(self, entries: int) -> None:
        if self._spare is not None:
            self._written += entries
            soon = self._more or self._written >= SPARE_AFTER
            self._pause = _BREATH if soon else _QUIET

    def _use_spare_time(self) -> bool:
        """Do one step of `spare`; True if there is more. One that fails is tried again when something was written."""
        self._written = 0
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            more = self._spare is not None and self._spare(self._connection)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            _log.error("what was to be done in spare time failed: %s", error)
        except Exception:  # noqa: BLE001 - the last door of the thread
            _log.exception("what was to be done in spare time failed")
        else:
            return more
        self._roll_back()
        return False

    def _write_group(self, group: Sequence[_Job]) -> list[_Outcome]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [_Outcome(job.future, self._do(job.work)) for job in group]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            _log.error("%d writes failed: %s", len(group), error)
        except Exception:  # noqa: BLE001 - the last door of the thread: if it ended, every later post would hang
            _log.exception("%d writes failed", len(group))
        else:
            self.failing = False
            return outcomes
        self.failing = True
        self._roll_back()
        return [_Outcome(job.future, StorageFailing()) for job in group]

    def _do(self, work: Work[Any]) -> object:
        try:
            return work(self._connection)
        except ChatroomError as refusal:
            return refusal

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            _log.exception("a failed group could not be rolled back")

    def _checkpoint(self) -> None:
        """Empty the write-ahead log. A reader in the way delays that to the next time."""
        try:
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            _log.error("the write-ahead log could not be emptied: %s", error)
        else:
            if busy:
                _log.warning("the write-ahead log could not be emptied: it is being read")

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _settle(self, outcomes: Sequence[_Outcome]) -> None:
        try:
            self._committed([outcome.result for outcome in outcomes])
        finally:
            for outcome in outcomes:
                _resolve(outcome)


def _flush(_: sqlite3.Connection) -> None:
    """Nothing is written; the log is emptied when the group is committed."""


def _resolve(outcome: _Outcome) -> None:
    future, result = outcome
    if future.done():
        return
    if isinstance(result, ChatroomError):
        future.set_exception(result)
    else:
        future.set_result(result)
