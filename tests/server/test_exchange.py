"""One request and its reply: what Tornado's handlers may rely on."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any, ClassVar

import pytest
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler, stream_request_body

from tests.conftest import until
from tests.server.hosting import Client, Echo, Host, Serve, get, post


class Replies(RequestHandler):
    """Replies of every kind, by path."""

    def prepare(self) -> None:
        self.set_header("Content-Type", "text/plain")

    async def get(self) -> None:
        await getattr(self, self.request.path[1:])()

    head = get

    async def whole(self) -> None:
        self.finish("whole")

    async def nothing(self) -> None:
        self.set_status(204)

    async def unchanged(self) -> None:
        self.set_status(304)

    async def parts(self) -> None:
        for part in ("one", "", "two"):
            self.write(part)
            await self.flush()

    async def promised(self) -> None:
        self.set_header("Content-Length", "6")
        for part in ("one", "two"):
            self.write(part)
            await self.flush()

    async def less(self) -> None:
        self.set_header("Content-Length", "7")
        self.write("one")
        await self.flush()

    async def more(self) -> None:
        self.set_header("Content-Length", "2")
        self.write("one")
        await self.flush()

    async def broken(self) -> None:
        raise ZeroDivisionError

    async def broken_late(self) -> None:
        self.write("one")
        await self.flush()
        raise ZeroDivisionError

    async def split(self) -> None:
        self._headers["X"] = "a\r\nb: c"
        self.finish("body")

    async def early(self) -> None:
        self.finish()


WITH_END = ["whole", "nothing", "unchanged", "promised"]
KINDS = [*WITH_END, "parts"]


@pytest.fixture(params=["HTTP/1.1", "HTTP/1.0"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.gen_test
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("fields", [[], ["Connection: keep-alive"], ["Connection: close"]])
async def test_replies_are_those_of_the_stock_server(
    host: Any, serve: Serve, version: str, method: str, fields: list[str]
) -> None:
    stock = host(HTTPServer(Application([(".*", Replies)])))
    ours = serve(Replies)
    kinds = (
        KINDS if version == "HTTP/1.1" else WITH_END
    )  # the stock server forgets to end the others
    for kind in kinds:
        data = get(f"/{kind}", *fields, version=version, method=method)
        told = []
        for it in (ours, stock):
            client = await it.connect()
            answer = await client.ask(data, head_only=method == "HEAD")
            again = True
            client.send(get("/whole"))
            try:
                await client.answer()
            except (asyncio.IncompleteReadError, ConnectionResetError):
                again = False
            told.append((answer.timeless, again))
        assert told[0] == told[1], kind


@pytest.mark.gen_test
async def test_a_reply_without_a_length_comes_in_chunks(serve: Serve) -> None:
    client = await serve(Replies).connect()
    answer = await client.ask(get("/parts"))
    assert (answer.headers["Transfer-Encoding"], answer.body) == ("chunked", b"onetwo")
    assert "Content-Length" not in answer.headers


@pytest.mark.gen_test
async def test_to_http_1_0_a_reply_without_a_length_ends_with_the_connection(serve: Serve) -> None:
    client = await serve(Replies).connect()
    answer = await client.ask(get("/parts", "Connection: keep-alive", version="HTTP/1.0"))
    assert answer.body == b"onetwo"
    assert "Transfer-Encoding" not in answer.headers
    assert answer.headers.get("Connection") != "Keep-Alive"


@pytest.mark.gen_test
async def test_a_head_of_everything_has_no_body(serve: Serve) -> None:
    client = await serve(Replies).connect()
    for kind in KINDS:
        await client.ask(get(f"/{kind}", method="HEAD"), head_only=True)
    assert (await client.ask(get("/whole"))).body == b"whole"


@pytest.mark.gen_test
async def test_a_reply_of_another_length_than_promised_cuts_the_connection(
    serve: Serve, logged: Any
) -> None:
    logged("Uncaught exception")
    logged("Content-Length")
    logged("Cannot send error response after headers written")
    logged("Failed to flush partial response")
    logged("500 GET")
    host = serve(Replies)
    for kind in ("less", "more"):
        client = await host.connect()
        client.send(get(f"/{kind}") + get("/whole"))
        assert b"whole" not in await client.end()
    await until(lambda: not host.connections)


@pytest.mark.gen_test
async def test_a_handler_that_fails_is_answered_for_and_the_connection_goes_on(
    serve: Serve, logged: Any
) -> None:
    logged("Uncaught exception")
    logged("500 GET")
    client = await serve(Replies).connect()
    assert (await client.ask(get("/broken"))).status == 500
    assert (await client.ask(get("/whole"))).body == b"whole"


@pytest.mark.gen_test
async def test_a_handler_that_fails_in_the_middle_does_not_seem_complete(
    serve: Serve, logged: Any
) -> None:
    logged("Uncaught exception")
    logged("500 GET")
    logged("Cannot send error response after headers written")
    host = serve(Replies)
    client = await host.connect()
    client.send(get("/broken_late"))
    stock_says = await client.reader.readuntil(b"one\r\n")
    assert stock_says.startswith(b"HTTP/1.1 200")


@pytest.mark.gen_test
async def test_a_header_cannot_be_split(serve: Serve, logged: Any) -> None:
    logged("Uncaught exception")
    logged("Cannot send error response after headers written")
    logged("Failed to flush partial response")
    client = await serve(Replies).connect()
    assert await client.ask_until_end(get("/split") + get("/whole")) == b""


# Bodies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_body_comes_by_length_or_in_chunks(serve: Serve) -> None:
    client = await serve(Echo).connect()
    assert (await client.ask(post("/", b"abc"))).text == "POST / abc"
    chunked = get("/", "Transfer-Encoding: chunked", method="POST")
    body = b"3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
    assert (await client.ask(chunked + body)).text == "POST / abc0123456789abcdef"
    client.send(chunked + body + get("/next"))
    assert [(await client.answer()).text for _ in "12"] == [
        "POST / abc0123456789abcdef",
        "GET /next ",
    ]


@pytest.mark.gen_test
@pytest.mark.parametrize("body", [b"x\r\n", b"2\r\nabc\r\n", b"0\r\nA: b\r\n\r\n", b"f" * 40])
async def test_malformed_chunks_are_400_and_the_end(serve: Serve, body: bytes) -> None:
    client = await serve(Echo).connect()
    head = get("/", "Transfer-Encoding: chunked", method="POST")
    answer = await client.ask(head + body + get("/next"))
    assert answer.status == 400
    assert await client.end() == b""


@pytest.mark.gen_test
async def test_a_body_that_is_too_large_is_refused_by_its_length(serve: Serve) -> None:
    host = serve(Echo, max_body_size=100)
    client = await host.connect()
    assert (await client.ask(post("/", b"x" * 100))).status == 200
    assert (await client.ask(post("/", b"x" * 101))).status == 400
    assert await client.end() == b""


@pytest.mark.gen_test
async def test_a_body_that_is_too_large_is_refused_by_its_chunks(serve: Serve) -> None:
    host = serve(Echo, max_body_size=100)
    client = await host.connect()
    chunked = get("/", "Transfer-Encoding: chunked", method="POST")
    assert (await client.ask(chunked + b"64\r\n" + b"x" * 100 + b"\r\n0\r\n\r\n")).status == 200
    assert (await client.ask(chunked + b"1\r\nx\r\n" * 101)).status == 400
    assert await client.end() == b""


@pytest.mark.gen_test
async def test_a_body_in_gzip_is_unpacked_where_that_is_wanted(serve: Serve) -> None:
    client = await serve(Echo, decompress_request=True).connect()
    packed = gzip.compress(b"hello" * 100)
    answer = await client.ask(post("/", packed, "Content-Encoding: gzip"))
    assert answer.text == "POST / " + "hello" * 100


@pytest.mark.gen_test
async def test_a_body_that_grows_too_large_unpacked_is_refused(serve: Serve) -> None:
    client = await serve(Echo, decompress_request=True, max_body_size=1000).connect()
    packed = gzip.compress(b"x" * 100_000)
    assert (await client.ask(post("/", packed, "Content-Encoding: gzip"))).status == 400


@pytest.mark.gen_test
async def test_a_body_that_is_no_gzip_ends_the_connection(serve: Serve, logged: Any) -> None:
    logged("Uncaught exception")
    client = await serve(Echo, decompress_request=True).connect()
    said = await client.ask_until_end(post("/", b"no gzip at all", "Content-Encoding: gzip"))
    assert not said.startswith(b"HTTP/1.1 200")


@pytest.mark.gen_test
async def test_who_expects_100_is_told_to_go_on(serve: Serve) -> None:
    client = await serve(Echo).connect()
    request = post("/", b"abc", "Expect: 100-continue")
    client.send(request[:-3])
    assert (await client.answer()).status == 100
    assert (await client.ask(request[-3:])).text == "POST / abc"
    assert (await client.ask(get("/next"))).text == "GET /next "


@pytest.mark.gen_test
async def test_who_expects_100_and_asks_too_much_is_refused(serve: Serve) -> None:
    client = await serve(Echo, max_body_size=10).connect()
    request = post("/", b"x" * 20, "Expect: 100-continue")
    status = (await client.ask(request[:-20])).status
    assert status in (100, 400)
    if status == 100:
        assert (await client.answer()).status == 400


# Streams --------------------------------------------------------------------------------------------------------------


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


class Remote(RequestHandler):
    """Says who is asking."""

    def get(self) -> None:
        self.finish(f"{self.request.remote_ip} {self.request.protocol}")


async def remote(client: Client, *fields: str) -> str:
    return (await client.ask(get("/", *fields))).text


@pytest.mark.gen_test
async def test_a_proxy_is_believed_only_where_that_is_wanted(serve: Serve) -> None:
    fields = ["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"]
    plain = await serve(Remote).connect()
    assert await remote(plain, *fields) == "127.0.0.1 http"
    believing = await serve(Remote, xheaders=True).connect()
    assert await remote(believing, *fields) == "192.0.2.7 https"
    assert await remote(believing) == "127.0.0.1 http"
    trusting = await serve(Remote, xheaders=True, trusted_downstream=["192.0.2.7"]).connect()
    assert await remote(trusting, "X-Forwarded-For: 192.0.2.1, 192.0.2.7") == "192.0.2.1 http"
