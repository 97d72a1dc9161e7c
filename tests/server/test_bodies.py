"""The body of a request: by length, in chunks or in gzip, too large, and asked for with 100."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.server.hosting import Echo, Serve, get, post


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
