"""Counting requests: whoever closes waits until none is left."""

from __future__ import annotations

import asyncio

import pytest
from tornado.ioloop import IOLoop

from chatroom.inflight import InFlight


@pytest.mark.gen_test
async def test_nothing_in_flight_is_idle_and_ending_twice_is_ending_once(
    io_loop: IOLoop,
) -> None:
    assert io_loop.asyncio_loop is asyncio.get_running_loop()
    inflight = InFlight()
    await inflight.idle()
    inflight.begin("one")
    inflight.begin("two")
    inflight.end("one")
    inflight.end("one")
    idle = asyncio.create_task(inflight.idle())
    await asyncio.sleep(0)
    assert not idle.done()
    inflight.end("two")
    await idle
