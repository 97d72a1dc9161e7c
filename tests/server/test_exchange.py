"""One request and its reply: what Tornado's handlers may rely on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from tests.conftest import until
from tests.server.hosting import Client, Serve, get


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
