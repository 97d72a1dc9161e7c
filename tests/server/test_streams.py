"""Bodies that are taken as they come, replies that are written bit by bit, and clients that leave meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler, stream_request_body

from tests.conftest import until
from tests.server.hosting import Host, Serve, get


@stream_request_body
class Stream(RequestHandler):
    """Takes a body as it comes, in the rhythm of a test."""

    heard: ClassVar[list[str]]
    may_read: ClassVar[asyncio.Event]
    may_answer: ClassVar[asyncio.Event]

    def prepare(self) -> None:
        self.heard.append("prepare")
        if "limit" in self.request.path:
            self.request.connection.set_max_body_size(5)  # type: ignore[union-attr]
        if "early" in self.request.path:
            self.set_status(403)
            self.finish("early")
        if "prepare_fails" in self.request.path:
            raise ZeroDivisionError

    async def data_received(self, chunk: bytes) -> None:
        self.heard.append(f"{len(chunk)}")
        await self.may_read.wait()
        if "data_fails" in self.request.path:
            raise ZeroDivisionError
        if "enough" in self.request.path:
            self.finish("enough")

    async def put(self) -> None:
        self.heard.append("put")
        await self.may_answer.wait()
        self.finish("taken")

    def on_finish(self) -> None:
        self.heard.append("finish")

    def on_connection_close(self) -> None:
        self.heard.append("close")
        super().on_connection_close()


@pytest.fixture
def streaming(serve: Serve) -> Host:
    Stream.heard, Stream.may_read = [], asyncio.Event()
    Stream.may_answer = asyncio.Event()
    Stream.may_read.set()
    Stream.may_answer.set()
    return serve(Stream, chunk_size=1000)


def put(path: str, size: int) -> bytes:
    return get(path, f"Content-Length: {size}", method="PUT")


@pytest.mark.gen_test
async def test_a_stream_comes_in_pieces_of_the_size_that_was_agreed(streaming: Host) -> None:
    client = await streaming.connect()
    client.send(put("/", 2500) + b"x" * 2500 + put("/", 0))
    assert [(await client.answer()).text for _ in "12"] == ["taken"] * 2
    pieces = [int(it) for it in Stream.heard if it.isdigit()]
    assert (sum(pieces), max(pieces)) == (2500, 1000)
    assert Stream.heard[-3:] == ["prepare", "put", "finish"]


@pytest.mark.gen_test
async def test_a_handler_that_does_not_take_a_stream_holds_its_client_back(streaming: Host) -> None:
    Stream.may_read.clear()
    streaming.server.conn_params.max_body_size = 200_000_000
    streaming.server.limits = streaming.server.limits._replace(pipeline=10_000)
    client = await streaming.connect()
    size = 50_000_000
    client.send(put("/", size) + b"x" * size)
    await until(lambda: Stream.heard == ["prepare", "1000"])
    transport = client.writer.transport
    for _ in range(1000):
        await asyncio.sleep(0)
    assert len(streaming.connections[0]._pending) < 1_000_000
    assert transport.get_write_buffer_size() > 10_000_000
    assert Stream.heard == ["prepare", "1000"]
    Stream.may_read.set()
    streaming.server.conn_params.chunk_size = 100_000
    assert (await client.answer()).text == "taken"


@pytest.mark.gen_test
async def test_a_stream_may_have_a_limit_of_its_own(streaming: Host) -> None:
    client = await streaming.connect()
    assert (await client.ask(put("/limit", 5) + b"x" * 5)).text == "taken"
    assert (await client.ask(put("/limit", 6) + b"x" * 6)).status == 400


@pytest.mark.gen_test
async def test_a_reply_that_does_not_wait_for_its_stream_ends_the_connection(
    streaming: Host, logged: Any
) -> None:
    logged("403 PUT")
    client = await streaming.connect()
    client.send(put("/early", 5000) + b"x" * 5000 + get("/next"))
    answer = await client.answer()
    assert (answer.status, answer.text) == (403, "early")
    assert await client.end() == b""
    assert "put" not in Stream.heard


@pytest.mark.gen_test
async def test_a_handler_that_replies_to_the_last_piece_of_its_stream_is_not_left_waiting(
    streaming: Host,
) -> None:
    client = await streaming.connect()
    assert (await client.ask(put("/enough", 900) + b"x" * 900)).text == "enough"
    assert await client.end() == b""
    assert Stream.heard == ["prepare", "900", "finish", "close"]


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/prepare_fails", "/data_fails"])
async def test_a_stream_whose_handler_fails_is_answered(
    streaming: Host, logged: Any, path: str
) -> None:
    logged("Uncaught exception")
    logged("500 PUT")
    client = await streaming.connect()
    client.send(put(path, 5) + b"x" * 5)
    assert (await client.end()).startswith((b"HTTP/1.1 500", b""))
    await until(lambda: not streaming.connections)


# Who leaves -----------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("sent", "until_heard"),
    [
        (put("/", 10), "prepare"),
        (put("/", 10) + b"x", "1"),
        (put("/", 1) + b"x", "put"),
    ],
    ids=["before the body", "in the body", "before the reply"],
)
async def test_a_handler_is_told_once_that_its_client_has_left(
    streaming: Host, sent: bytes, until_heard: str
) -> None:
    Stream.may_answer.clear()
    client = await streaming.connect()
    client.send(sent)
    await until(lambda: until_heard in Stream.heard)
    client.reset()
    await until(lambda: not streaming.connections)
    await until(lambda: "close" in Stream.heard)
    Stream.may_answer.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert Stream.heard.count("close") == 1


@pytest.mark.gen_test
async def test_a_handler_is_not_told_of_a_client_that_leaves_behind_its_reply(
    streaming: Host,
) -> None:
    client = await streaming.connect()
    assert (await client.ask(put("/", 1) + b"x")).text == "taken"
    client.reset()
    await until(lambda: not streaming.connections)
    assert "close" not in Stream.heard


class Writer(RequestHandler):
    """Writes on until its client has left."""

    ended: ClassVar[list[type[Exception]]]

    async def get(self) -> None:
        try:
            while True:
                self.write(b"x" * 1_000_000)
                await self.flush()
        except StreamClosedError as error:
            self.ended.append(type(error))


@pytest.mark.gen_test
async def test_who_writes_learns_that_the_client_has_left(serve: Serve) -> None:
    Writer.ended = []
    host = serve(Writer)
    client = await host.connect(read_buffer=4096)
    client.send(get())
    await until(lambda: bool(host.connections and host.connections[0]._unsent is not None))
    client.reset()
    await until(lambda: bool(Writer.ended))
    assert Writer.ended == [StreamClosedError]
    await until(lambda: not host.connections)
