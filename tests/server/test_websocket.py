"""WebSocket (S8): a plain handler of Tornado's on either server, with and without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from tests.conftest import until
from tests.proof.composing import get
from tests.proof.http1 import HEAD_END, read_whole
from tests.proof.raw import Streams, reset
from tests.server.frames import BINARY, CLOSE, PING, PONG, TEXT, Frame, frame, handshake, read_frame
from tests.server.serving import Place, served

LARGEST = 1_000_000  # bytes of a message

Serve = Callable[[], AbstractAsyncContextManager[Place]]

pytestmark = [pytest.mark.gen_test(timeout=10), pytest.mark.usefixtures("io_loop")]


class Ends:
    """How many connections were opened, and how those ended that did: code and reason."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed: list[tuple[int | None, str | None]] = []

    async def all(self) -> None:
        """Return when none is open."""
        await until(lambda: len(self.closed) == self.opened)


class Echo(WebSocketHandler):
    """Says what it is told."""

    def initialize(self, ends: Ends) -> None:
        self.ends = ends

    def open(self) -> None:
        self.ends.opened += 1

    async def on_message(self, message: str | bytes) -> None:
        if message == "go away":
            self.close(4001, "you asked for it")
        else:
            await self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.ends.closed.append((self.close_code, self.close_reason))


class Hello(RequestHandler):
    """No WebSocket at all."""

    def get(self) -> None:
        self.write("hello")


class Deflating(Echo):
    """Takes compressed messages."""

    def get_compression_options(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture(params=["plain", "tls"])
def serve(request: pytest.FixtureRequest, server_name: str, ends: Ends) -> Serve:
    """Serves the echo; leaves when every WebSocket has been closed."""
    handlers = [
        (path, kind, {"ends": ends}) for path, kind in (("/", Echo), ("/deflating", Deflating))
    ]
    app = Application([*handlers, ("/hello", Hello)], websocket_max_message_size=LARGEST)

    @asynccontextmanager
    async def serve() -> AsyncIterator[Place]:
        async with served(app, server_name, tls=request.param == "tls") as place:
            yield place
            await ends.all()

    return serve


async def upgraded(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(HEAD_END)
    assert head.startswith(b"HTTP/1.1 101 "), head


async def test_messages_of_every_size_come_back(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake())
        await upgraded(reader)
        for size in (0, 1, 125, 126, 65_535, 65_536, LARGEST):
            for message in (Frame(TEXT, "é".encode() * (size // 2)), Frame(BINARY, bytes(size))):
                writer.write(frame(*message))
                assert await read_frame(reader) == message


async def test_many_messages_keep_their_order(serve: Serve) -> None:
    numbers = [Frame(TEXT, b"%d" % number) for number in range(1_000)]
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + b"".join(frame(*number) for number in numbers))
        await upgraded(reader)
        assert [await read_frame(reader) for _ in numbers] == numbers


async def test_compressed_messages_are_understood(serve: Serve) -> None:
    async with serve() as place:
        url = f"{'wss' if place.tls else 'ws'}://{place.address}/deflating"
        request = HTTPRequest(url, validate_cert=False)
        client = await websocket_connect(request, compression_options={})
        await client.write_message("hello " * 10_000)
        assert await client.read_message() == "hello " * 10_000
        client.close()
        assert await client.read_message() is None


async def test_a_message_that_is_too_large_ends_the_connection(serve: Serve, ends: Ends) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + frame(BINARY, bytes(LARGEST + 1)))
        await upgraded(reader)
        with suppress(ConnectionError, EOFError):  # what it did not read resets the connection
            assert await read_frame(reader) == Frame(CLOSE, (1009).to_bytes(2) + b"message too big")
        await until(lambda: bool(ends.closed))


async def test_the_handler_learns_why_the_client_closed(serve: Serve, ends: Ends) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + frame(CLOSE, (4000).to_bytes(2) + b"good bye"))
        await upgraded(reader)
        assert (await read_frame(reader)).opcode == CLOSE
        assert not await reader.read()
        await until(lambda: ends.closed == [(4000, "good bye")])


async def test_the_client_learns_why_the_handler_closed(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + frame(TEXT, b"go away"))
        await upgraded(reader)
        told = await read_frame(reader)
        assert told == Frame(CLOSE, (4001).to_bytes(2) + b"you asked for it")
        writer.write(frame(*told))
        assert not await reader.read()


@pytest.mark.parametrize("origin", ["http://evil.test", "https://evil.test:8888", "null"])
async def test_another_origin_with_a_cookie_is_refused(
    serve: Serve, origin: str, logged: Callable[[str], None]
) -> None:
    logged("403 GET /")
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake(b"Origin: " + origin.encode(), b"Cookie: session=a"))
        assert (await reader.readuntil(HEAD_END)).startswith(b"HTTP/1.1 403 ")


async def test_the_same_origin_with_a_cookie_is_accepted(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        origin = f"{'https' if place.tls else 'http'}://localhost".encode()
        writer.write(handshake(b"Origin: " + origin, b"Cookie: session=a"))
        await upgraded(reader)


async def test_what_comes_with_the_handshake_in_one_packet_is_heard(
    serve: Serve,
) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + frame(TEXT, b"first") + frame(BINARY, bytes(70_000)))
        await upgraded(reader)
        assert await read_frame(reader) == Frame(TEXT, b"first")
        assert await read_frame(reader) == Frame(BINARY, bytes(70_000))


async def test_a_connection_that_served_requests_may_be_upgraded(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(get(b"/hello"))
        assert (await read_whole(reader)).endswith(b"hello")
        writer.write(get(b"/hello") + handshake() + frame(TEXT, b"all in one"))
        assert (await read_whole(reader)).endswith(b"hello")
        await upgraded(reader)
        assert await read_frame(reader) == Frame(TEXT, b"all in one")


async def test_bytes_may_come_one_by_one_and_messages_in_pieces(serve: Serve) -> None:
    pieces = frame(TEXT, b"a", last=False) + frame(PING, b"?") + frame(0, b"b", last=True)
    async with serve() as place, place.connected() as (reader, writer):
        for byte in handshake() + pieces:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await upgraded(reader)
        assert await read_frame(reader) == Frame(PONG, b"?")
        assert await read_frame(reader) == Frame(TEXT, b"ab")


@pytest.mark.parametrize(
    "wrong",
    [frame(0x3, b"reserved"), frame(0, b"no beginning"), frame(0xF, b"unknown")],
    ids=["reserved", "no beginning", "unknown"],
)
async def test_what_is_no_frame_ends_the_connection(serve: Serve, wrong: bytes, ends: Ends) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(handshake() + wrong)
        await upgraded(reader)
        rest = await reader.read()
        assert not rest or rest[0] & 0xF == CLOSE
        await until(lambda: bool(ends.closed))


@pytest.mark.parametrize("cut", ["fin", "rst"])
async def test_the_handler_learns_that_its_client_is_gone(
    serve: Serve, cut: str, ends: Ends
) -> None:
    async with serve() as place, place.connected() as streams:
        streams[1].write(handshake())
        await upgraded(streams[0])
        leave(streams, cut)
        await until(lambda: bool(ends.closed))


def leave(streams: Streams, how: str) -> None:
    if how == "rst":
        reset(streams)
    else:
        streams[1].close()
