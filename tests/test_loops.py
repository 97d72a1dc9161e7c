"""The loops of the tests object to what would go wrong only sometimes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from tests.conftest import until

Ask = Callable[[asyncio.AbstractEventLoop, Callable[[], None]], Any]
WAYS: dict[str, Ask] = {
    "soon": lambda loop, done: loop.call_soon(done),
    "later": lambda loop, done: loop.call_later(0, done),
    "at a time": lambda loop, done: loop.call_at(loop.time(), done),
    "as a result": lambda loop, _: _result(loop),
}

#: asyncio's debug mode, and ours.
SAID = "Non-thread-safe operation|call_soon_threadsafe"


def _result(loop: asyncio.AbstractEventLoop) -> None:
    future = loop.create_future()
    future.add_done_callback(print)
    future.set_result(None)


@pytest.mark.gen_test
@pytest.mark.parametrize("way", WAYS)
async def test_work_from_another_thread_that_does_not_say_so_is_refused(
    io_loop: IOLoop, way: str
) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    with pytest.raises(RuntimeError, match=SAID):
        await asyncio.to_thread(WAYS[way], loop, done.set)
    assert not done.is_set()


@pytest.mark.gen_test
async def test_work_from_another_thread_that_says_so_is_done(io_loop: IOLoop) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    await asyncio.to_thread(loop.call_soon_threadsafe, done.set)
    await done.wait()


@pytest.mark.gen_test
@pytest.mark.parametrize("way", ["soon", "later", "at a time"])
async def test_work_from_the_thread_of_the_loop_is_done(io_loop: IOLoop, way: str) -> None:
    done = asyncio.Event()
    WAYS[way](asyncio.get_running_loop(), done.set)
    await until(done.is_set)
