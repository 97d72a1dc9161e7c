"""Several writes in one transaction of the SQLite engine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable
from typing import Any

from chatroom.engines.sqlite import SqliteEngine


async def in_one_group(engine: SqliteEngine, *calls: Awaitable[Any]) -> list[Any]:
    """What comes of `calls`, all of which are written in one group, in this order: results and errors."""
    busy, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(_: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(busy.set)
        gate.wait()

    held = asyncio.ensure_future(engine._store.write(hold))
    await busy.wait()
    waiting = [asyncio.ensure_future(call) for call in calls]
    await asyncio.sleep(0)
    assert engine._store._writer._queue.qsize() == len(calls)
    gate.set()
    await held
    return await asyncio.gather(*waiting, return_exceptions=True)
