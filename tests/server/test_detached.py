"""A connection that is given up for another protocol: Tornado's WebSocket, in the clear and over TLS."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from typing import Any, ClassVar

import pytest
import tornado.test
from tornado.httpclient import HTTPRequest
from tornado.iostream import IOStream
from tornado.web import RequestHandler
from tornado.websocket import WebSocketClientConnection, WebSocketHandler, websocket_connect

from tests.conftest import until
from tests.server.hosting import Host, Serve, get

CERTIFICATE = Path(tornado.test.__file__).parent / "test.crt"
KEY = CERTIFICATE.with_suffix(".key")


class EchoSocket(WebSocketHandler):
    """Says what it hears; closes when it is asked to."""

    open_sockets: ClassVar[set[object]] = set()

    def open(self, *_args: str, **_kwargs: str) -> None:
        self.open_sockets.add(self)

    async def on_message(self, message: str | bytes) -> None:
        if message == "close":
            self.close(4000, "as you wish")
        else:
            await self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.open_sockets.discard(self)


@pytest.fixture(params=["plain", "tls"])
def echo(request: pytest.FixtureRequest, serve: Serve) -> Host:
    EchoSocket.open_sockets.clear()
    options: dict[str, Any] = {}
    if request.param == "tls":
        options["ssl_options"] = {"certfile": str(CERTIFICATE), "keyfile": str(KEY)}
    return serve(EchoSocket, **options)


async def talk(host: Host) -> WebSocketClientConnection:
    scheme = "wss" if host.server.ssl_options else "ws"
    request = HTTPRequest(f"{scheme}://127.0.0.1:{host.port}/", validate_cert=False)
    return await websocket_connect(request, max_message_size=50_000_000)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.gen_test
async def test_messages_go_both_ways(echo: Host) -> None:
    client = await talk(echo)
    for message in ("hello", b"\x00\xff", "茶" * 1000, ""):
        await client.write_message(message, binary=isinstance(message, bytes))
        assert await client.read_message() == message
    assert echo.connections == []
    client.close()
    await until(lambda: not EchoSocket.open_sockets)


@pytest.mark.gen_test(timeout=20)
async def test_large_messages_go_both_ways(echo: Host) -> None:
    client = await talk(echo)
    message = os.urandom(9_000_000)
    for _ in "12":
        client.write_message(message, binary=True)
    for _ in "12":
        assert await client.read_message() == message
    client.close()
    await until(lambda: not EchoSocket.open_sockets)


@pytest.mark.gen_test
@pytest.mark.parametrize("who", ["server", "client", "cut"])
async def test_closing_leaves_nothing_behind(echo: Host, who: str) -> None:
    before = None
    for _ in range(3):  # the first may open what stays open
        client = await talk(echo)
        await client.write_message("hello")
        await client.read_message()
        if who == "server":
            await client.write_message("close")
            assert await client.read_message() is None
            assert (client.close_code, client.close_reason) == (4000, "as you wish")
        elif who == "client":
            client.close(4001, "enough")
            assert await client.read_message() is None
        else:
            assert client.protocol is not None
            client.protocol._abort()  # type: ignore[attr-defined]
            assert await client.read_message() is None
        await until(lambda: not EchoSocket.open_sockets)
        client.close()
        await until(lambda: _carriers() == 0)
        await until(lambda now=before: now is None or descriptors() <= now)
        before = before or descriptors()


def _carriers() -> int:
    return sum("carry" in repr(task.get_coro()) for task in asyncio.all_tasks())


@pytest.mark.gen_test
async def test_what_came_with_the_handshake_is_heard(echo: Host) -> None:
    context = None
    if echo.server.ssl_options:
        context = ssl.create_default_context(cafile=str(CERTIFICATE))
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client = await echo.connect(ssl=context)
    fields = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    handshake = get("/", *fields, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    hello = b"\x81\x85\x00\x00\x00\x00hello"
    answer = await client.ask(handshake + hello * 2)
    assert answer.status == 101
    assert await client.reader.readexactly(14) == b"\x81\x05hello" * 2
    client.writer.transport.abort()
    await until(lambda: not EchoSocket.open_sockets)


class Raw(RequestHandler):
    """Gives its connection to a test."""

    stream: ClassVar[IOStream]

    def get(self) -> None:
        type(self).stream = self.detach()


@pytest.mark.gen_test
async def test_a_stream_is_the_handlers_from_then_on(serve: Serve) -> None:
    host = serve(Raw, idle_connection_timeout=1)
    client = await host.connect()
    client.send(get() + b"behind ")
    await until(lambda: hasattr(Raw, "stream"))
    client.send(b"it\n")
    assert await Raw.stream.read_until(b"\n") == b"behind it\n"
    await Raw.stream.write(b"any bytes")
    Raw.stream.close()
    assert await client.end() == b"any bytes"
    assert host.connections == []
    del Raw.stream
