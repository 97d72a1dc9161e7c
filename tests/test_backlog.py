"""Reading what is not in memory, over the real engine, slow or failing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatroom.backlog import Backlog
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import Unavailable
from tests.making import ANN, draft, offsets
from tests.test_room import rooms


class Slow:
    """The real engine, whose tails arrive when `go` is set; `late`: they are also read no sooner."""

    def __init__(self, engine: SqliteEngine, *, late: bool) -> None:
        self.go = asyncio.Event()
        self.reads = 0
        self._engine = engine
        self._late = late

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def tail(self, room: str, limit: int) -> Any:
        self.reads += 1
        if self._late:
            await self.go.wait()
        found = await self._engine.tail(room, limit)
        await self.go.wait()
        return found


class Failing:
    """The real engine on a disk that cannot be read until it is `mended`."""

    def __init__(self, engine: SqliteEngine) -> None:
        self.mended = False
        self._engine = engine

    async def tail(self, room: str, limit: int) -> Any:
        if self.mended:
            return await self._engine.tail(room, limit)
        raise Unavailable


@pytest.mark.gen_test
async def test_a_cold_room_is_read_once_however_many_ask(engine: SqliteEngine) -> None:
    all_ = rooms()
    slow: Any = Slow(engine, late=False)
    backlog = Backlog(slow, all_)
    with all_.visit(["7"]) as found:
        reading = [asyncio.ensure_future(backlog.warm(found)) for _ in range(50)]
        await asyncio.sleep(0)
        slow.go.set()
        await asyncio.gather(*reading)
        assert not found[0].buffer.cold
    assert slow.reads == 1


@pytest.mark.gen_test
async def test_rooms_that_cannot_be_read_are_tried_again(engine: SqliteEngine) -> None:
    all_ = rooms()
    failing: Any = Failing(engine)
    backlog = Backlog(failing, all_)
    with all_.visit(["7", "8"]) as found, pytest.raises(Unavailable):
        await backlog.warm(found)
    assert len(all_) == 0
    failing.mended = True
    with all_.visit(["7", "8"]) as found:
        await backlog.warm(found)
        assert [it.buffer.cold for it in found] == [False, False]


@pytest.mark.gen_test
async def test_who_asked_first_may_leave_and_the_room_is_read_all_the_same(
    engine: SqliteEngine,
) -> None:
    all_ = rooms()
    slow: Any = Slow(engine, late=True)
    backlog = Backlog(slow, all_)
    with all_.visit(["7"]) as found:
        first, second = (asyncio.ensure_future(backlog.warm(found)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        slow.go.set()
        await second
        assert not found[0].buffer.cold
    assert slow.reads == 1


@pytest.mark.gen_test
async def test_a_range_of_the_log_says_whether_older_entries_were_left_out(
    engine: SqliteEngine,
) -> None:
    await engine.people.add_session(b"ann", ANN, ANN.name)
    for body in "abcd":
        await engine.append(draft(body))
    backlog = Backlog(engine, rooms())
    for after, limit, expected in ((0, 2, [2, 3]), (1, 2, [2, 3]), (0, 9, [1, 2, 3])):
        entries, more = await backlog.between("7", after, 4, limit)
        assert offsets(list(entries)) == expected
        assert more is (expected[0] > after + 1)
