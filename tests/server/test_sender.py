"""The sending half of a connection: who reads slowly gets all, who does not read is cut off."""

from __future__ import annotations

import asyncio

import pytest
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler, stream_request_body

from chatroom.server.server import Limits
from tests.conftest import until
from tests.server.hosting import Echo, Serve, get


class Large(RequestHandler):
    """More than any socket takes at once."""

    def get(self) -> None:
        self.finish(b"x" * 20_000_000)


@pytest.mark.gen_test
async def test_a_client_that_does_not_read_is_cut_off(serve: Serve) -> None:
    host = serve(Large, limits=Limits(write_timeout=20))
    client = await host.connect(read_buffer=4096)
    client.send(get())
    await until(lambda: bool(host.connections and host.connections[0].unsent))
    host.later(10)
    assert host.connections
    host.later(11)
    await until(lambda: not host.connections)


@pytest.mark.gen_test
async def test_a_client_that_reads_slowly_gets_all(serve: Serve) -> None:
    host = serve(Large)
    client = await host.connect(read_buffer=4096)
    client.send(get() + get())
    await until(lambda: bool(host.connections and host.connections[0].unsent))
    assert [len((await client.answer()).body) for _ in "12"] == [20_000_000] * 2
    await until(lambda: host.connections[0].task is None)


@pytest.mark.gen_test
async def test_whoever_sends_is_told_when_it_has_left_or_never_will(serve: Serve) -> None:
    host = serve(Echo)
    client = await host.connect(read_buffer=4096)
    await until(lambda: bool(host.connections))
    (connection,) = host.connections
    assert connection.send(b"a").done()
    assert not connection.unsent
    sent = connection.send(b"x" * 20_000_000)
    told: list[str] = []
    connection.call_when_sent(lambda: told.append("all"))
    assert connection.unsent
    assert (sent.done(), told) == (False, [])
    assert len(await client.reader.readexactly(20_000_001)) == 20_000_001
    await sent
    assert told == ["all"]
    lost = connection.send(b"x" * 20_000_000)
    client.reset()
    with pytest.raises(StreamClosedError):
        await lost
    with pytest.raises(StreamClosedError):
        await asyncio.wait_for(connection.send(b"later"), 1)


@stream_request_body
class Trickle(RequestHandler):
    """Answers a stream with more than the socket takes, while the stream still comes."""

    def data_received(self, chunk: bytes) -> None:
        self.write(b"x" * 5_000_000)
        self.flush()

    def put(self) -> None:
        self.finish()


@pytest.mark.gen_test
async def test_an_exchange_ends_with_its_client_while_both_send(serve: Serve) -> None:
    host = serve(Trickle, body_timeout=5)
    client = await host.connect(read_buffer=4096)
    client.send(get("/", "Content-Length: 100", method="PUT") + b"1")
    await until(lambda: bool(host.connections and host.connections[0].unsent))
    client.reset()
    await until(lambda: not host.connections)
