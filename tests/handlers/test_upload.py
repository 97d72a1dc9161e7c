"""Files over HTTP, on their way in: who may send them, how much, and what is left of those that are not taken."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.buckets import Buckets
from chatroom.engines.files import CHUNK, FILE_WAITS
from chatroom.handlers.upload import NewFileHandler
from chatroom.proxies import Proxies
from chatroom.settings import Settings
from tests.api import Api
from tests.conftest import Clock, Monotonic, until
from tests.handlers.browsing import Browser
from tests.handlers.files import fetch, head, rows, send, sent, shared
from tests.pictures import gif_bomb, picture, png_bomb

MAX = 1_000_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, max_file=MAX, files_per_person=3 * MAX)


@pytest.mark.gen_test
async def test_who_may_not_speak_sends_nothing(ann: Api, bob: Api, tea: str, new_api: Any) -> None:
    await ann.run(tea, read_only="1")
    assert (await send(bob, b"hello", room=tea)).error == (403, "room_read_only", None)
    assert (await send(new_api(), b"hello", room=tea)).error == (401, "not_signed_in", None)
    assert (await send(ann, b"hello", room=tea)).status == 201


@pytest.mark.gen_test
async def test_a_file_that_is_too_large_is_refused_by_its_length_and_without_one(ann: Api) -> None:
    assert (await send(ann, b"a" * (MAX + 1))).error == (413, "file_too_large", None)
    async with ann.connected() as (reader, writer):
        writer.write(head(ann, "Transfer-Encoding: chunked"))
        chunk = b"%x\r\n%b\r\n" % (CHUNK, b"a" * CHUNK)
        for _ in range(MAX // CHUNK + 1):
            writer.write(chunk)
        assert b" 413 " in await reader.readline()


@pytest.mark.gen_test
async def test_nothing_is_read_of_what_a_length_forbids(ann: Api) -> None:
    async with ann.connected() as (reader, writer):
        writer.write(head(ann, f"Content-Length: {10**12}"))
        assert b" 413 " in await reader.readline()


@pytest.mark.gen_test
async def test_no_file_comes_in_under_a_length_that_is_not_its_own(ann: Api, app: Chatroom) -> None:
    chunked = b"7\r\nGET / H\r\n0\r\n\r\n"
    for lines, body in (
        (("Content-Length: 1", "Transfer-Encoding: chunked"), chunked),
        (("Content-Length: 1", "Content-Length: 7"), b"GET / H"),
        (("Content-Length: +7",), b"GET / H"),
    ):
        async with ann.connected() as (reader, writer):
            writer.write(head(ann, *lines) + body)
            assert not re.match(rb"HTTP/1.1 2", await reader.read())
    await app.inflight.idle()
    assert await rows(app) == (0, 0, 0)


@pytest.mark.gen_test
async def test_the_files_of_one_person_have_a_quota_which_deleting_gives_back(
    ann: Api, bob: Api
) -> None:
    data = b"a" * MAX
    _, message = await shared(ann, data)
    for _ in range(2):
        await sent(ann, data)
    assert (await send(ann, b"a")).error == (409, "quota_reached", None)
    await sent(bob, b"a")
    await ann.do("delete", "7", id=message["id"])
    await sent(ann, b"a")


@pytest.mark.gen_test
async def test_polls_that_are_held_keep_no_file_from_coming_in(ann: Api, app: Chatroom) -> None:
    app.parts.uploads.holds.per_address = 1
    polls = [asyncio.create_task(ann.updates({"room": "7", "wait": "2"})) for _ in range(2)]
    await until(lambda: app.parts.holds.held == 2)
    await sent(ann, b"hello")
    await ann.say("hello")
    await asyncio.gather(*polls)


@pytest.mark.gen_test
async def test_a_client_that_leaves_half_way_leaves_nothing(ann: Api, app: Chatroom) -> None:
    async with ann.connected() as (_, writer):
        writer.write(head(ann, "Content-Length: 900000") + b"a" * 200_000)
        await until(lambda: app.parts.uploads.holds.held == 1)
    await until(lambda: app.parts.uploads.holds.held == 0)
    await app.inflight.idle()
    assert await rows(app) == (0, 0, 0)


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_that_nobody_refers_to_is_swept_after_an_hour(
    ann: Api, app: Chatroom, clock: Clock
) -> None:
    await sent(ann, picture())
    kept, _ = await shared(ann, b"hello")
    clock.now += FILE_WAITS - 1
    assert not await app.chat.engine.files.sweep()
    clock.now += 2
    assert await app.chat.engine.files.sweep()
    assert await rows(app) == (0, 1, 1)
    assert (await fetch(ann, kept)).status == 200


@pytest.mark.gen_test
async def test_a_file_that_does_not_come_in_time_is_cut_off_and_leaves_nothing(
    ann: Api, app: Chatroom
) -> None:
    app.chat.settings = msgspec.structs.replace(app.chat.settings, upload_timeout=0.1)
    async with ann.connected() as (reader, writer):
        writer.write(head(ann, "Content-Length: 900000") + b"a" * 200_000)
        assert not await _all_of(reader)
    await app.inflight.idle()
    assert await rows(app) == (0, 0, 0)


@pytest.mark.gen_test
async def test_a_file_that_comes_too_slowly_is_cut_off_and_leaves_nothing(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.handlers.upload._PACE_SECONDS", 0.05)
    async with ann.connected() as (reader, writer):
        writer.write(head(ann, "Content-Length: 900000") + b"a" * (CHUNK - 1))
        assert not await _all_of(reader)
    await app.inflight.idle()
    assert await rows(app) == (0, 0, 0)
    assert app.parts.uploads.holds.held == 0


@pytest.mark.gen_test
async def test_a_file_that_keeps_the_pace_comes_in(ann: Api, app: Chatroom) -> None:
    async with ann.connected() as (reader, writer):
        writer.write(head(ann, f"Content-Length: {4 * CHUNK}"))
        await until(lambda: app.parts.uploads.holds.held == 1)
        (handler,) = app.inflight._requests
        assert isinstance(handler, NewFileHandler)
        await until(lambda: handler._upload is not None)
        upload = handler._upload
        assert upload is not None
        for came in range(3):
            writer.write(b"a" * CHUNK)
            await until(partial(lambda size: upload.size == size, (came + 1) * CHUNK))
            handler._keep_pace(came * CHUNK)
        writer.write(b"a" * CHUNK)
        assert b" 201 " in await reader.readline()
        assert handler._pace is not None
        assert handler._pace.cancelled()


@pytest.mark.gen_test
async def test_a_browser_sends_a_file_with_its_token_and_another_site_does_not(api: Api) -> None:
    browser = Browser(api)
    await browser.open()
    cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    path = "/a/room/7/file?name=a.txt"
    reply = await api.send("POST", path, b"hello", cookies | {"X-XSRFToken": browser.xsrf})
    assert reply.status == 201
    for wrong in ({}, {"X-XSRFToken": "x"}):
        assert (await api.send("POST", path, b"hello", cookies | wrong)).error == (
            403, "forbidden", None,
        )  # fmt: skip


@pytest.mark.gen_test
async def test_sending_a_file_counts_as_a_post(ann: Api, app: Chatroom) -> None:
    app.parts.rates.posts_of_person = Buckets(1.0, 2, lambda: 0.0)
    assert (await send(ann, b"hello")).status == 201
    await ann.say("hello")
    assert (await send(ann, b"hello")).error == (429, "too_many_requests", None)


@pytest.mark.gen_test
async def test_guests_at_one_address_who_send_too_much_are_told_so_before_it_is_read(
    ann: Api, bob: Api, app: Chatroom, monotonic: Monotonic
) -> None:
    app.parts.rates.files_of_address = Buckets(2.0, 10, monotonic)
    assert (await send(ann, b"a" * 6000)).status == 201
    async with bob.connected() as (reader, writer):
        writer.write(head(bob, "Content-Length: 6000"))
        refusal = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        assert b" 429 " in refusal[0]
        assert b"Retry-After: 1" in refusal
    assert (await send(bob, b"a" * 4096)).status == 201
    assert (await send(bob, b"a")).error == (429, "too_many_requests", None)
    monotonic.now += 3.0
    assert (await send(bob, b"a" * 6000)).status == 201


@pytest.mark.gen_test
async def test_accounts_send_files_where_guests_have_sent_too_much(
    ann: Api, bob: Api, root: Api, app: Chatroom, monotonic: Monotonic
) -> None:
    app.parts.rates.files_of_address = Buckets(2.0, 10, monotonic)
    assert (await send(ann, b"a" * 10_240)).status == 201
    assert (await send(bob, b"a")).status == 429
    assert (await send(root, b"a" * 10_240)).status == 201
    assert (await send(root, b"a")).status == 429


@pytest.mark.gen_test
async def test_clients_of_a_proxy_that_is_named_send_files_each_for_themselves(
    ann: Api, app: Chatroom, monotonic: Monotonic
) -> None:
    app.parts.rates.files_of_address = Buckets(2.0, 10, monotonic)
    proxies = app.parts.proxies
    for named, other in (("192.0.2.1", 429), ("127.0.0.1", 201)):
        proxies._networks = Proxies(named)._networks
        by = [{"X-Forwarded-For": address} for address in ("2001:db8::1", "2001:db8:0:1::1")]
        assert (await send(ann, b"a" * 10_240, **by[0])).status == 201
        assert (await send(ann, b"a" * 10_240, **by[1])).status == other
        assert (await send(ann, b"a", X_Forwarded_For="2001:db8::2")).status == 429


@pytest.mark.gen_test(timeout=30)
async def test_bombs_are_refused_and_leave_nothing(ann: Api, app: Chatroom) -> None:
    for data in (png_bomb(20_000, 20_000), gif_bomb(20_000), gif_bomb(900, (1000, 1000))):
        assert (await send(ann, data)).error == (413, "picture_too_large", None)
    bomb = gzip.compress(b"a" * 10_000_000)
    assert (await send(ann, bomb, Content_Encoding="gzip")).error == (400, "encoding_unknown", None)
    assert (await send(ann, b"")).error == (400, "file_empty", None)
    assert await rows(app) == (0, 0, 0)


@pytest.mark.gen_test
async def test_one_person_sends_only_so_many_files_at_once(
    ann: Api, app: Chatroom, logged: Callable[[str], None]
) -> None:
    logged("503 POST")
    async with ann.connected() as (_, one):
        app.parts.uploads.holds.per_person = 1
        one.write(head(ann, "Content-Length: 900000"))
        await until(lambda: app.parts.uploads.holds.held == 1)
        assert (await send(ann, b"a")).error == (503, "uploads_busy", None)
    await until(lambda: app.parts.uploads.holds.held == 0)
    await app.inflight.idle()
    await sent(ann, b"a")


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes; where it has not read everything before, the connection is reset."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
