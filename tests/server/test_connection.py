"""The connection of one client: what it may take, and how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tornado.web import RequestHandler

from chatroom.server.connection import LINGER
from chatroom.server.server import Limits
from tests.conftest import until
from tests.server.hosting import Client, Echo, Host, Serve, get, post


class Slow(RequestHandler):
    """Answers when a test lets it."""

    go: asyncio.Event

    async def get(self) -> None:
        await self.go.wait()
        self.finish(self.request.uri)


async def closed(client: Client) -> None:
    """The server has closed, without a word."""
    assert await client.end() == b""


# Whose turn it is -----------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_connection_is_used_again(serve: Serve) -> None:
    client = await serve(Echo).connect()
    for path in ("/1", "/2", "/3"):
        assert (await client.ask(get(path))).text == f"GET {path} "
    assert (await client.ask(post("/4", b"a=1"))).text == "POST /4 a=1"


@pytest.mark.gen_test
async def test_http_1_0_is_kept_alive_on_request_only(serve: Serve) -> None:
    host = serve(Echo)
    client = await host.connect()
    for _ in range(2):
        kept = await client.ask(get("/", "Connection: keep-alive", version="HTTP/1.0"))
        assert kept.headers["Connection"] == "Keep-Alive"
    last = await client.ask(get(version="HTTP/1.0"))
    assert last.text == "GET / "
    await closed(client)


@pytest.mark.gen_test
async def test_a_connection_ends_where_it_is_asked_to(serve: Serve) -> None:
    host = serve(Echo)
    for fields, options in ((["Connection: close"], {}), ([], {"no_keep_alive": True})):
        client = await serve(Echo, **options).connect()
        assert (await client.ask(get("/", *fields))).headers["Connection"] == "close"
        await closed(client)
    assert host.connections == []


class Farewell(Echo):
    """Says that its replies are the last."""

    def prepare(self) -> None:
        self.set_header("Connection", "close")


@pytest.mark.gen_test
async def test_what_follows_a_last_reply_is_not_answered(serve: Serve) -> None:
    client = await serve(Farewell).connect()
    client.send(get("/1") + get("/2"))
    assert (await client.answer()).text == "GET /1 "
    await closed(client)


@pytest.mark.gen_test
async def test_what_follows_a_last_request_is_not_answered(serve: Serve) -> None:
    client = await serve(Echo).connect()
    client.send(get("/1", "Connection: close") + get("/2"))
    assert (await client.answer()).text == "GET /1 "
    await closed(client)


@pytest.mark.gen_test
async def test_requests_are_answered_in_their_order(serve: Serve) -> None:
    client = await serve(Echo).connect()
    requests = [
        get("/1"),
        post("/2", b"GET / HTTP/1.1\r\n\r\n"),
        get("/3"),
        b"\r\n\r\n" + get("/4"),
    ]
    client.send(b"".join(requests))
    answers = [(await client.answer()).text for _ in requests]
    assert answers == ["GET /1 ", "POST /2 GET / HTTP/1.1\r\n\r\n", "GET /3 ", "GET /4 "]


@pytest.mark.gen_test
async def test_a_request_is_the_same_however_it_is_split(serve: Serve) -> None:
    host = serve(Echo)
    data = post("/a", b"b=c") + get("/d")
    for cut in range(1, len(data)):
        client = await host.connect()
        client.send(data[:cut])
        await until(lambda: len(host.connections) == 1)
        await asyncio.sleep(0)
        client.send(data[cut:])
        assert [(await client.answer()).text for _ in "12"] == ["POST /a b=c", "GET /d "]
        client.reset()
        await until(lambda: not host.connections)


@pytest.mark.gen_test
async def test_beyond_pipeline_the_socket_is_not_read_until_there_is_room(serve: Serve) -> None:
    Slow.go = asyncio.Event()
    host = serve(Slow, limits=Limits(pipeline=2000))
    client = await host.connect()
    paths = [f"/{number}" for number in range(600)]
    for path in paths:
        client.send(get(path, "X: " + 10_000 * "x"))
    await until(lambda: bool(host.connections and host.connections[0]._pending))
    (server_side,) = host.connections
    await until(lambda: len(server_side._pending) > 2000)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(server_side._pending) < 1_000_000  # what one reading of the socket may bring
    Slow.go.set()
    assert [(await client.answer()).text for _ in paths] == paths


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_malformed_head_is_400_and_the_end(serve: Serve) -> None:
    host = serve(Echo)
    for head in (b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n", b"\x16\x03\x01\r\n\r\n"):
        client = await host.connect()
        answer = await client.ask(head + get("/2"))
        assert (answer.status, answer.body) == (400, b"")
        await closed(client)


@pytest.mark.gen_test
async def test_what_was_asked_before_a_malformed_head_is_answered(serve: Serve) -> None:
    client = await serve(Echo).connect()
    assert (await client.ask(get("/1") + b"NONSENSE\r\n\r\n")).text == "GET /1 "
    assert (await client.answer()).status == 400
    await closed(client)


@pytest.mark.gen_test
@pytest.mark.parametrize("end", [b"\r\n\r\n", b""])
async def test_a_head_that_is_too_large_is_431(serve: Serve, end: bytes) -> None:
    host = serve(Echo, max_header_size=1000)
    client = await host.connect()
    small = get("/", "X: " + "x" * (1000 - len(get("/", "X: "))))
    assert len(small) == 1000
    assert (await client.ask(small)).status == 200
    large = small.replace(b"x\r\n\r\n", b"x" * 9) + end
    assert (await client.ask(large)).status == 431
    await closed(client)


@pytest.mark.gen_test
async def test_one_client_too_many_is_asked_to_come_later(serve: Serve) -> None:
    host = serve(Echo, limits=Limits(connections=2))
    inside = [await host.connect() for _ in "12"]
    for client in inside:
        await client.ask(get())
    outside = await host.connect()
    answer = await outside.answer()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    await closed(outside)
    outside.writer.close()
    inside[0].reset()
    await until(lambda: len(host.connections) == 1)
    assert (await (await host.connect()).ask(get())).status == 200


@pytest.mark.gen_test
async def test_who_was_one_too_many_and_stays_is_gone_soon(serve: Serve) -> None:
    host = serve(Echo, limits=Limits(connections=1))
    await (await host.connect()).ask(get())
    outside = await host.connect()
    await outside.answer()
    assert len(host.connections) == 2
    host.later(LINGER + 1)
    await until(lambda: len(host.connections) == 1)


@pytest.mark.gen_test
async def test_who_was_refused_may_go_on_sending_without_losing_the_reply(serve: Serve) -> None:
    host = serve(Echo, max_header_size=1000)
    client = await host.connect()
    client.send(b"x" * 5_000_000)
    assert (await client.answer()).status == 431
    assert len(host.connections) == 1
    host.later(3)
    await until(lambda: not host.connections)


# How long it may take -------------------------------------------------------------------------------------------------


async def served_with_times(serve: Serve) -> tuple[Host, Client]:
    limits = Limits(header_timeout=10, write_timeout=20)
    host = serve(Echo, limits=limits, idle_connection_timeout=60, body_timeout=5)
    return host, await host.connect()


@pytest.mark.gen_test
async def test_an_idle_connection_is_closed(serve: Serve) -> None:
    host, client = await served_with_times(serve)
    await until(lambda: bool(host.connections))
    host.later(55)
    assert (await client.ask(get())).status == 200
    host.later(55)
    assert (await client.ask(get())).status == 200
    host.later(62)
    await closed(client)


@pytest.mark.gen_test
async def test_a_head_that_does_not_come_ends_the_connection(serve: Serve) -> None:
    host, client = await served_with_times(serve)
    await client.ask(get())
    client.send(b"GET / HTTP/1.1\r\n")
    await until(lambda: bool(host.connections[0]._pending))
    host.later(6)
    client.send(b"X: a\r\n")  # which does not win more time
    await until(lambda: host.connections[0]._pending.endswith(b"X: a\r\n"))
    host.later(6)
    await closed(client)


@pytest.mark.gen_test
@pytest.mark.parametrize("framing", ["Content-Length: 10", "Transfer-Encoding: chunked"])
async def test_a_body_that_does_not_come_ends_the_connection(serve: Serve, framing: str) -> None:
    host, client = await served_with_times(serve)
    client.send(get("/", framing, method="POST") + b"1")
    await until(lambda: bool(host.connections and host.connections[0]._reader))
    host.later(4)
    assert host.connections
    host.later(2)
    await closed(client)


@pytest.mark.gen_test
async def test_a_request_is_answered_however_long_that_takes(serve: Serve) -> None:
    Slow.go = asyncio.Event()
    host = serve(Slow, idle_connection_timeout=60, body_timeout=5)
    client = await host.connect()
    client.send(get())
    await until(lambda: bool(host.connections and host.connections[0]._exchange))
    host.later(10_000)
    Slow.go.set()
    assert (await client.answer()).status == 200
    host.later(62)
    await closed(client)


# Who leaves -----------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize("leave", [Client.reset, lambda client: client.writer.close()])
@pytest.mark.parametrize(
    "sent", [b"", b"GET /", get(method="POST", path="/"), post("/", b"a=1")[:-1], get(), get() * 50]
)
async def test_a_client_may_leave_at_any_moment(
    serve: Serve, sent: bytes, leave: Callable[[Client], None]
) -> None:
    host = serve(Echo)
    client = await host.connect()
    client.send(sent)
    await until(lambda: bool(host.connections))
    leave(client)
    await until(lambda: not host.connections)


@pytest.mark.gen_test
async def test_a_client_that_sends_nothing_more_has_left(serve: Serve) -> None:
    Slow.go = asyncio.Event()
    host = serve(Slow)
    client = await host.connect()
    client.send(get())
    await until(lambda: bool(host.connections and host.connections[0]._exchange))
    client.writer.write_eof()
    await closed(client)
    Slow.go.set()
    await until(lambda: not host.connections)
