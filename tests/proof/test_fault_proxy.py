"""Each fault alone, against a server that remembers what arrived."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Self

import pytest

from tests.proof.fault_proxy import Fate, FaultProxy, Odds
from tests.proof.http1 import Connection, ConnectionLost, Reply, read_whole, request_bytes

NONE = Odds(*[0.0] * len(Odds._fields))

Talk = Callable[[int], Awaitable[None]]


class Echo:
    """Answers every request with its target; `arrived` holds the targets in the order of arrival."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await read_whole(reader):
                target = request.split(b" ", 2)[1]
                self.arrived.append(target.decode())
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(target)
                writer.write(head + target)
        except EOFError:
            writer.close()


async def get(port: int, target: str = "/one") -> Reply:
    connection = Connection(port)
    try:
        return await connection.get(target)
    finally:
        connection.close()


def through(odds: Odds, talk: Talk, seed: int = 1) -> tuple[list[str], FaultProxy]:
    """Let `talk` use a proxy with these odds; returns what arrived behind it, and the proxy."""

    async def run() -> tuple[list[str], FaultProxy]:
        async with Echo() as echo, FaultProxy(echo.port, odds, seed, longest_pause=0.01) as proxy:
            await talk(proxy.port)
        return echo.arrived, proxy

    return asyncio.run(run())


async def get_one(port: int) -> None:
    assert (await get(port)).body == b"/one"


async def lose_one(port: int) -> None:
    with pytest.raises(ConnectionLost):
        await get(port)


def test_without_faults_a_connection_carries_one_request_after_the_other() -> None:
    async def talk(port: int) -> None:
        connection = Connection(port)
        assert [(await connection.get(f"/{n}")).body for n in range(3)] == [b"/0", b"/1", b"/2"]
        connection.close()

    arrived, proxy = through(NONE, talk)
    assert arrived == ["/0", "/1", "/2"]
    assert proxy.counts == {"requests": 3}


def test_a_reply_in_chunks_is_whole_with_the_last_one() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n3\r\n{ }\r\n0\r\n\r\n"
    )
    counted = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/one"

    async def read() -> list[bytes]:
        reader = asyncio.StreamReader()
        reader.feed_data(chunked + counted)
        return [await read_whole(reader) for _ in range(2)]

    assert asyncio.run(read()) == [chunked, counted]


def test_a_dropped_request_never_arrives() -> None:
    arrived, proxy = through(NONE._replace(drop_request=1.0), lose_one)
    assert arrived == []
    assert proxy.counts["drop_request"] == 1


def test_a_dropped_reply_is_lost_after_the_request_was_done() -> None:
    arrived, proxy = through(NONE._replace(drop_reply=1.0), lose_one)
    assert arrived == ["/one"]
    assert proxy.counts["drop_reply"] == 1


def test_a_cut_reply_ends_somewhere_before_its_end() -> None:
    async def talk(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_bytes("GET", "/one"))
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/one"
        part = await reader.read()
        assert whole.startswith(part)
        assert 0 < len(part) < len(whole)
        writer.close()
        await lose_one(port)

    arrived, proxy = through(NONE._replace(cut=1.0), talk)
    assert arrived == ["/one", "/one"]
    assert proxy.counts["cut"] == 2


def test_a_duplicated_request_arrives_twice_and_is_answered_once() -> None:
    arrived, proxy = through(NONE._replace(duplicate=1.0), get_one)
    assert arrived == ["/one", "/one"]
    assert proxy.counts["duplicate"] == 1


def test_a_delayed_request_arrives() -> None:
    arrived, proxy = through(NONE._replace(delay=1.0), get_one)
    assert arrived == ["/one"]
    assert proxy.counts["delay"] == 1


def test_a_request_held_back_arrives_after_a_later_one() -> None:
    odds = NONE._replace(reorder=0.5)

    def only_the_first_is_held_back(seed: int) -> bool:
        chance = random.Random(seed)
        first, second = Fate.draw(odds, chance), Fate.draw(odds, chance)
        return bool(first.faults) and not second.faults

    async def talk(port: int) -> None:
        await asyncio.gather(get(port, "/one"), get(port, "/two"))

    arrived, proxy = through(odds, talk, next(filter(only_the_first_is_held_back, range(100))))
    assert sorted(arrived) == ["/one", "/two"]
    assert proxy.counts["reorder"] == 1


def test_a_request_that_nobody_overtakes_goes_on_uncounted() -> None:
    arrived, proxy = through(NONE._replace(reorder=1.0), get_one)
    assert arrived == ["/one"]
    assert proxy.counts["reorder"] == 0


def test_a_client_is_disconnected_while_the_server_is_down() -> None:
    async def run() -> FaultProxy:
        async with Echo() as echo:
            port = echo.port
        async with FaultProxy(port, NONE, seed=1) as proxy:
            await lose_one(proxy.port)
            return proxy

    assert asyncio.run(run()).counts["unreachable"] == 1


def test_the_same_seed_draws_the_same_fates() -> None:
    def fates(seed: int) -> list[Fate]:
        chance = random.Random(seed)
        return [Fate.draw(Odds(), chance) for _ in range(500)]

    assert fates(1) == fates(1)
    assert fates(1) != fates(2)
    assert set().union(*(fate.faults for fate in fates(1))) == set(Odds._fields)
