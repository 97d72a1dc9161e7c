from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines import writer
from chatroom.engines.writer import GROUP_LIMIT, Spare, Writer
from chatroom.errors import ClientIdReused, Closing, StorageBusy, StorageFailing

Logged = Callable[[str], None]


class Written:
    """A writer on a real file with one table, and the groups that it has committed."""

    def __init__(self, path: Path, limit: int, spare: Spare | None = None) -> None:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("CREATE TABLE numbers (n INTEGER UNIQUE)")
        self.path = path
        self.groups: list[Sequence[object]] = []
        self.spare = spare
        self.writer = Writer(connection, limit, self.groups.append, spare)

    async def put(self, number: int) -> int:
        """Write a number and return it."""

        def work(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT INTO numbers VALUES (?)", (number,))
            return number

        return await self.writer.write(work)

    def numbers(self) -> list[int]:
        """What is in the file, read by another connection."""
        connection = sqlite3.connect(self.path)
        rows = [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]
        connection.close()
        return rows

    async def hold(self, gate: threading.Event) -> None:
        """Keep the thread busy until `gate` opens; returns when it is."""
        busy = asyncio.Event()
        loop = asyncio.get_running_loop()

        def work(_: sqlite3.Connection) -> None:
            loop.call_soon_threadsafe(busy.set)
            gate.wait()

        self.held = asyncio.ensure_future(self.writer.write(work))
        await busy.wait()


@pytest.fixture
def written(io_loop: IOLoop, tmp_path: Path) -> Iterator[Written]:
    written = Written(tmp_path / "numbers.db", limit=2000)
    yield written
    io_loop.run_sync(written.writer.close)


@pytest.mark.gen_test
async def test_what_was_acknowledged_is_in_the_file(written: Written) -> None:
    assert await written.put(1) == 1
    assert written.numbers() == [1]


@pytest.mark.gen_test
async def test_what_gathers_while_the_disk_is_busy_is_committed_as_one_group(
    written: Written,
) -> None:
    gate = threading.Event()
    await written.hold(gate)
    posts = [asyncio.ensure_future(written.put(n)) for n in range(100)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*posts) == list(range(100))
    assert written.groups == [[None], list(range(100))]


@pytest.mark.gen_test
async def test_a_group_has_a_limit(written: Written) -> None:
    gate = threading.Event()
    await written.hold(gate)
    posts = [asyncio.ensure_future(written.put(n)) for n in range(GROUP_LIMIT + 1)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*posts)
    assert [len(group) for group in written.groups] == [1, GROUP_LIMIT, 1]


@pytest.mark.gen_test
async def test_what_writes_much_counts_for_much(written: Written) -> None:
    gate = threading.Event()
    await written.hold(gate)
    works = [written.writer.write(lambda _: None, entries=GROUP_LIMIT // 2) for _ in range(5)]
    posts = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*posts)
    assert [len(group) for group in written.groups] == [1, 2, 2, 1]


@pytest.mark.gen_test
async def test_a_failing_write_takes_its_whole_group_with_it_and_no_other(
    written: Written, logged: Logged
) -> None:
    logged("2 writes failed: UNIQUE")
    await written.put(1)
    gate = threading.Event()
    await written.hold(gate)
    posts = [asyncio.ensure_future(written.put(n)) for n in (2, 1)]
    await asyncio.sleep(0)
    gate.set()
    failures = await asyncio.gather(*posts, return_exceptions=True)
    assert all(isinstance(it, StorageFailing) for it in failures)
    assert written.writer.failing
    assert await written.put(3) == 3
    assert not written.writer.failing
    assert written.numbers() == [1, 3]


@pytest.mark.gen_test
async def test_a_fault_of_ours_does_not_end_the_thread(written: Written, logged: Logged) -> None:
    logged("1 writes failed")

    def work(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(StorageFailing):
        await written.writer.write(work)
    assert await written.put(1) == 1


@pytest.mark.gen_test
async def test_a_refusal_is_an_answer_and_not_a_fault(written: Written) -> None:
    def work(_: sqlite3.Connection) -> None:
        raise ClientIdReused

    refused, taken = await asyncio.gather(
        written.writer.write(work), written.put(1), return_exceptions=True
    )
    assert isinstance(refused, ClientIdReused)
    assert taken == 1
    assert not written.writer.failing


@pytest.mark.gen_test
async def test_no_more_than_the_limit_waits(io_loop: IOLoop, tmp_path: Path) -> None:
    written = Written(tmp_path / "bounded.db", limit=2)
    gate = threading.Event()
    await written.hold(gate)
    posts = [asyncio.ensure_future(written.put(n)) for n in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(StorageBusy):
        await written.put(3)
    gate.set()
    await asyncio.gather(*posts)
    await written.writer.close()
    assert written.numbers() == [1, 2]


@pytest.mark.gen_test
async def test_closing_writes_what_waits_and_takes_no_more(io_loop: IOLoop, tmp_path: Path) -> None:
    written = Written(tmp_path / "closing.db", limit=10)
    gate = threading.Event()
    await written.hold(gate)
    post = asyncio.ensure_future(written.put(1))
    await asyncio.sleep(0)
    end = asyncio.ensure_future(written.writer.close())
    await asyncio.sleep(0)
    with pytest.raises(Closing):
        await written.put(2)
    gate.set()
    await end
    assert await post == 1
    assert written.numbers() == [1]


@pytest.mark.gen_test
async def test_who_no_longer_waits_is_not_told(written: Written) -> None:
    gate = threading.Event()
    await written.hold(gate)
    post = asyncio.ensure_future(written.put(1))
    await asyncio.sleep(0)
    post.cancel()
    gate.set()
    await written.put(2)
    assert post.cancelled()
    assert written.numbers() == [1, 2]


class Idle:
    """What a writer does in its spare time: so many steps, each of which writes a number."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.fault: Exception | None = None
        self.done = threading.Event()

    def __call__(self, connection: sqlite3.Connection) -> bool:
        self.left -= 1
        connection.execute("INSERT INTO numbers VALUES (?)", (-self.left,))
        if not self.left or self.fault:
            self.done.set()
        if self.fault:
            raise self.fault
        return self.left > 0


@pytest.fixture
def idle(io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """A writer with three steps to do, for which no moment is quiet enough before many were written."""
    monkeypatch.setattr(writer, "_QUIET", 3600.0)
    written = Written(tmp_path / "numbers.db", limit=2000, spare=Idle(3))
    yield written
    io_loop.run_sync(written.writer.close)


@pytest.mark.gen_test
async def test_single_writes_are_not_followed_by_anything(idle: Written) -> None:
    for n in range(1, 10):
        await idle.put(n)
    assert idle.numbers() == list(range(1, 10))


@pytest.mark.gen_test
async def test_after_many_writes_spare_time_is_used_until_nothing_is_left(idle: Written) -> None:
    assert isinstance(idle.spare, Idle)
    await asyncio.gather(*(idle.put(n) for n in range(1, 201)))
    await asyncio.to_thread(idle.spare.done.wait)
    await idle.put(201)
    assert idle.numbers() == [-2, -1, *range(202)]


@pytest.mark.gen_test
async def test_writes_now_and_then_do_not_keep_what_was_begun_from_going_on(idle: Written) -> None:
    steps, loop = idle.spare, asyncio.get_running_loop()
    assert isinstance(steps, Idle)
    puts: list[asyncio.Future[int]] = []

    def interrupted(connection: sqlite3.Connection) -> bool:
        if steps.left == 3:
            loop.call_soon_threadsafe(lambda: puts.append(asyncio.ensure_future(idle.put(500))))
            while idle.writer._queue.empty():
                pass
        return steps(connection)

    idle.writer._spare = interrupted
    await asyncio.gather(*(idle.put(n) for n in range(1, 201)))
    await asyncio.to_thread(steps.done.wait)
    assert await puts[0] == 500
    assert steps.left == 0


@pytest.mark.gen_test
async def test_a_quiet_moment_is_used_without_any_write(
    io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_QUIET", 0.0)
    written = Written(tmp_path / "numbers.db", limit=2000, spare=Idle(3))
    assert isinstance(written.spare, Idle)
    await asyncio.to_thread(written.spare.done.wait)
    await written.writer.close()
    assert written.numbers() == [-2, -1, 0]


@pytest.mark.parametrize("fault", [sqlite3.OperationalError("full"), ZeroDivisionError()])
@pytest.mark.gen_test
async def test_what_fails_in_spare_time_harms_no_write(
    idle: Written, logged: Logged, fault: Exception
) -> None:
    logged("in spare time failed")
    assert isinstance(idle.spare, Idle)
    idle.spare.fault = fault
    await asyncio.gather(*(idle.put(n) for n in range(1, 201)))
    await asyncio.to_thread(idle.spare.done.wait)
    await idle.put(201)
    assert idle.numbers() == list(range(1, 202))
    assert not idle.writer.failing
