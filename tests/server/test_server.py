"""The server: where it listens, how it stops, and that it does nothing when nobody is there."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import tornado.test
from tornado.ioloop import IOLoop
from tornado.netutil import bind_unix_socket
from tornado.web import Application

from chatroom.server.server import Server
from tests.conftest import until
from tests.server.hosting import Client, Echo, Host, Serve, get
from tests.server.test_connection import Slow
from tests.server.test_sender import Large

CERTIFICATE = Path(tornado.test.__file__).parent / "test.crt"
FILES = {"certfile": str(CERTIFICATE), "keyfile": str(CERTIFICATE.with_suffix(".key"))}


async def refused(host: Host) -> None:
    """Nobody listens there."""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", host.port)


@pytest.mark.gen_test
async def test_a_stopped_server_takes_nobody_new_and_keeps_who_is_there(serve: Serve) -> None:
    host = serve(Echo)
    client = await host.connect()
    await client.ask(get("/1"))
    host.server.stop()
    await refused(host)
    assert (await client.ask(get("/2"))).text == "GET /2 "
    host.server.stop()


@pytest.mark.gen_test
async def test_a_server_may_be_stopped_before_it_listens(serve: Serve) -> None:
    host = serve(Echo)
    host.server.stop()
    await refused(host)


@pytest.mark.gen_test
async def test_closing_all_connections_waits_until_they_are_closed(serve: Serve) -> None:
    Slow.go = asyncio.Event()
    host = serve(Slow)
    clients = [await host.connect() for _ in range(3)]
    clients[0].send(get())
    await until(lambda: any(it._exchange for it in host.connections))
    await until(lambda: len(host.connections) == 3)
    await host.server.close_all_connections()
    assert host.connections == []
    assert [await it.end() for it in clients] == [b""] * 3
    Slow.go.set()


@pytest.mark.gen_test
async def test_closing_all_connections_does_not_wait_for_who_does_not_read(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.server.server.LAST_BYTES", 0.01)
    host = serve(Large)
    client = await host.connect(read_buffer=4096)
    client.send(get())
    await until(lambda: bool(host.connections and host.connections[0]._unsent is not None))
    await host.server.close_all_connections()
    assert host.connections == []


@pytest.mark.gen_test
async def test_it_looks_at_deadlines_only_while_somebody_is_there(serve: Serve) -> None:
    host = serve(Echo)
    assert host.server._sweeping is None
    for _ in "12":
        client = await host.connect()
        await client.ask(get())
        assert host.server._sweeping is not None
        client.reset()
        await until(lambda: host.server._sweeping is None)


@pytest.mark.gen_test
async def test_it_goes_on_looking_after_a_fault(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = serve(Echo, idle_connection_timeout=60)
    client = await host.connect()
    await client.ask(get())

    def fault() -> float:
        monkeypatch.undo()
        raise RuntimeError

    host.server._sweeping.cancel()
    monkeypatch.setattr(host.server, "_tick", fault)
    with pytest.raises(RuntimeError):
        host.server._sweep()
    host.later(62)
    assert await client.end() == b""


def test_it_listens_at_a_path(io_loop: IOLoop, tmp_path: Path) -> None:
    async def check() -> None:
        server = Server(Application([(".*", Echo)]))
        server.add_socket(bind_unix_socket(str(tmp_path / "socket")))
        client = Client(*await asyncio.open_unix_connection(tmp_path / "socket"))
        assert (await client.ask(get("/1"))).text == "GET /1 "
        client.writer.close()
        server.stop()
        await server.close_all_connections()

    io_loop.run_sync(check)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES["certfile"], FILES["keyfile"])
    return context


@pytest.mark.gen_test
@pytest.mark.parametrize("options", [lambda: FILES, _context], ids=["files", "context"])
async def test_it_speaks_tls(serve: Serve, options: Any) -> None:
    host = serve(Echo, ssl_options=options())
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    client = await host.connect(ssl=context)
    client.send(get("/1") + get("/2", "Connection: close"))
    assert [(await client.answer()).text for _ in "12"] == ["GET /1 ", "GET /2 "]
    assert await client.end() == b""
    await until(lambda: not host.connections)


@pytest.mark.gen_test
async def test_a_crowd_that_comes_at_once_is_taken_up_in_slices(serve: Serve) -> None:
    host = serve(Echo)
    clients = [await host.connect() for _ in range(200)]
    for client in clients:
        client.send(get())
    assert {(await it.answer()).status for it in clients} == {200}
