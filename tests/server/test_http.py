"""HTTP/1.1 as any application of Tornado's may use it, on either server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import until
from tests.proof.composing import get
from tests.proof.http1 import HEAD_END, Reply
from tests.proof.raw import reset
from tests.server.examples import Gate, application
from tests.server.reading import read_replies, read_reply
from tests.server.serving import Place, served

Serve = Callable[..., AbstractAsyncContextManager[Place]]

pytestmark = [pytest.mark.gen_test(timeout=10), pytest.mark.usefixtures("io_loop")]

CLOSE = b"Connection: close"


@pytest.fixture
def serve(server_name: str, tmp_path: Path) -> Serve:
    """Serves the example; the gate of the application is in `serve.gate`."""

    @asynccontextmanager
    async def serve(**options: Any) -> AsyncIterator[Place]:
        app = application(tmp_path)
        serve.gate = app.settings["gate"]  # type: ignore[attr-defined]
        async with served(app, server_name, **options) as place:
            yield place

    return serve


def gate(serve: Serve) -> type[Gate]:
    return serve.gate  # type: ignore[attr-defined,no-any-return]


def request(
    method: bytes, *lines: bytes, path: bytes = b"/", body: bytes = b"", version: bytes = b"1.1"
) -> bytes:
    head = [b"%s %s HTTP/%s" % (method, path, version), b"Host: localhost", *lines, b"", b""]
    return b"\r\n".join(head) + body


def sized(body: bytes, *lines: bytes, path: bytes = b"/") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return request(b"POST", length, *lines, path=path, body=body)


def chunked(*chunks: bytes, path: bytes = b"/") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return request(b"POST", b"Transfer-Encoding: chunked", path=path, body=body)


def told(reply: Reply) -> tuple[int, str, str]:
    """Status, and with which method and body the handler was asked."""
    return reply.status, *json.loads(reply.body).values()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether nothing more comes and the server has closed."""
    return not await reader.read()


async def test_requests_in_one_packet_are_answered_in_their_order(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(b"".join(sized(b"%d" % number) for number in range(100)))
        replies = await read_replies(reader, 100)
        assert [told(it) for it in replies] == [(200, "POST", str(n)) for n in range(100)]


async def test_requests_may_be_cut_anywhere(serve: Serve) -> None:
    three = sized(b"first") + chunked(b"sec", b"ond") + request(b"GET")
    expected = [(200, "POST", "first"), (200, "POST", "second"), (200, "GET", "")]
    async with serve() as place, place.connected() as (reader, writer):
        for at in range(1, len(three)):
            writer.write(three[:at])
            await asyncio.sleep(0)
            writer.write(three[at:])
            assert [told(it) for it in await read_replies(reader, 3)] == expected, at


async def test_half_a_next_request_does_not_hold_up_a_reply(serve: Serve) -> None:
    second = sized(b"second")
    async with serve() as place, place.connected() as (reader, writer):
        for at in (1, 20, len(second) - 1):
            writer.write(sized(b"first") + second[:at])
            assert told(await read_reply(reader)) == (200, "POST", "first")
            writer.write(second[at:])
            assert told(await read_reply(reader)) == (200, "POST", "second")


async def test_a_request_behind_one_that_waits_has_to_wait(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(get(b"/gate") + sized(b"second"))
        await until(lambda: gate(serve).waiting == 1)
        gate(serve).opened.set()
        first, second = await read_replies(reader, 2)
        assert (first.body, told(second)) == (b"open", (200, "POST", "second"))


async def test_head_is_answered_with_the_length_and_without_the_body(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(request(b"HEAD") + request(b"GET"))
        head, whole = await read_reply(reader, to_head=True), await read_reply(reader)
        assert head.status == 200
        assert int(head.headers["content-length"]) == len(whole.body) + 1  # HEAD is longer than GET


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_has_none(serve: Serve, status: int) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(get(b"/empty/%d" % status) + request(b"GET"))
        first, second = await read_replies(reader, 2)
        assert first.status == status
        assert "transfer-encoding" not in first.headers
        assert told(second) == (200, "GET", "")


@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"PATCH", b"OPTIONS"])
async def test_every_method_may_have_a_body(serve: Serve, method: bytes) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(request(method, b"Content-Length: 4", body=b"body"))
        assert told(await read_reply(reader)) == (200, method.decode(), "body")


@pytest.mark.parametrize(
    ("version", "lines", "kept"),
    [
        (b"1.1", [], True),
        (b"1.1", [b"Connection: keep-alive"], True),
        (b"1.1", [b"Connection: close"], False),
        (b"1.1", [b"Connection: Close"], False),
        (b"1.0", [], False),
        (b"1.0", [b"Connection: close"], False),
        (b"1.0", [b"Connection: keep-alive"], True),
        (b"1.0", [b"Connection: Keep-Alive"], True),
    ],
)
async def test_a_connection_is_kept_as_long_as_both_want_it(
    serve: Serve, version: bytes, lines: list[bytes], kept: bool
) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(request(b"GET", *lines, version=version))
        first = await read_reply(reader)
        assert first.status == 200
        if version == b"1.0" and kept:
            assert first.headers["connection"].lower() == "keep-alive"
        if kept:
            writer.write(request(b"GET", CLOSE))
            assert told(await read_reply(reader)) == (200, "GET", "")
        assert await ended(reader)


async def test_an_old_client_gets_a_streamed_reply_until_the_end(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(request(b"GET", path=b"/pieces/5", version=b"1.0"))
        reply = await read_reply(reader)
        assert "transfer-encoding" not in reply.headers
        assert len(reply.body) == 5 * 1024


async def test_who_expects_a_go_ahead_gets_it_before_the_body(serve: Serve) -> None:
    request = sized(b"hello", b"Expect: 100-continue")
    head, body = request[:-5], request[-5:]
    async with serve() as place, place.connected() as (reader, writer):
        for _ in range(2):
            writer.write(head)
            assert (await read_reply(reader)).status == 100
            writer.write(body)
            assert told(await read_reply(reader)) == (200, "POST", "hello")


async def test_a_body_may_come_in_chunks_of_any_size(serve: Serve) -> None:
    chunks = [b"a" * size for size in (1, 2, 10, 15, 16, 17, 255, 256, 4096, 65_536, 70_000)]
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(chunked(*chunks) + chunked() + request(b"GET"))
        first, second, third = await read_replies(reader, 3)
        assert told(first) == (200, "POST", b"".join(chunks).decode())
        assert told(second) == (200, "POST", "")
        assert told(third) == (200, "GET", "")


async def test_a_handler_may_take_a_body_as_it_comes(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(sized(b"a" * 1_000_000, path=b"/upload/x"))
        writer.write(chunked(*[b"a" * 1_000] * 1_000, path=b"/upload/x") + request(b"GET"))
        first, second, third = await read_replies(reader, 3)
        assert first.json() == second.json() == {"counted": 1_000_000}
        assert told(third) == (200, "GET", "")


async def test_a_handler_may_answer_before_the_body_has_come(
    serve: Serve, logged: Callable[[str], None]
) -> None:
    logged("403 POST /upload/refused")
    async with serve() as place, place.connected() as (reader, writer):
        head = request(b"POST", b"Content-Length: 1000000", path=b"/upload/refused")
        writer.write(head + b"a" * 1_000)
        assert (await read_reply(reader)).status == 403


async def test_a_streamed_reply_comes_whole_to_who_reads_slowly(serve: Serve) -> None:
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(get(b"/pieces/1000") + request(b"GET"))
        first, second = await read_replies(reader, 2)
        numbers = [int(first.body[at : at + 4]) for at in range(0, len(first.body), 1024)]
        assert numbers == list(range(1000))
        assert told(second) == (200, "GET", "")


async def test_a_large_file_comes_whole_to_who_reads_slowly(serve: Serve, tmp_path: Path) -> None:
    content = b"".join(b"%08d" % number for number in range(1_000_000))
    (tmp_path / "large").write_bytes(content)
    async with serve() as place, place.connected() as (reader, writer):
        writer.write(get(b"/files/large") + request(b"GET"))
        first, second = await read_replies(reader, 2)
        assert first.body == content
        assert told(second) == (200, "GET", "")


@pytest.mark.parametrize("leave", ["fin", "rst"])
async def test_a_handler_learns_that_its_client_has_left(serve: Serve, leave: str) -> None:
    async with serve() as place:
        async with place.connected() as streams:
            streams[1].write(get(b"/gate"))
            await until(lambda: gate(serve).waiting == 1)
            if leave == "rst":
                reset(streams)
        await until(lambda: gate(serve).left == 1)
        gate(serve).opened.set()
        await until(lambda: gate(serve).waiting == 0)


@pytest.mark.parametrize("asked", [b"/pieces/50000", b"/files/large"])
async def test_a_client_that_leaves_a_long_reply_leaves_nothing_behind(
    serve: Serve, asked: bytes, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(bytes(20_000_000))
    async with serve() as place:
        for how in (reset, lambda streams: streams[1].close()):
            async with place.connected() as streams:
                streams[1].write(get(asked))
                assert await streams[0].readuntil(HEAD_END)
                how(streams)


async def test_a_body_that_is_too_large_is_refused(
    serve: Serve, logged: Callable[[str], None]
) -> None:
    for body in (sized(b"a" * 1_001), chunked(b"a" * 1_001), chunked(*[b"a"] * 1_001)):
        async with serve(max_body_size=1_000) as place, place.connected() as (reader, writer):
            writer.write(body)
            reply = await reader.read()
            assert not reply or reply.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))


async def test_over_tls_it_is_the_same(serve: Serve) -> None:
    async with serve(tls=True) as place, place.connected() as (reader, writer):
        writer.write(sized(b"a" * 100_000) + get(b"/pieces/500") + request(b"HEAD", CLOSE))
        first, second = await read_replies(reader, 2)
        assert told(first) == (200, "POST", "a" * 100_000)
        assert len(second.body) == 500 * 1024
        assert (await read_reply(reader, to_head=True)).status == 200
        assert await ended(reader)
