"""GET /selftest and what its page asks: replies that come later or in two parts, to anybody."""

from __future__ import annotations

import asyncio

import pytest

from chatroom.app import Chatroom
from tests.api import Api
from tests.conftest import Clock, until

PATH = "/a/selftest"


@pytest.mark.gen_test
async def test_the_page_needs_no_session_and_makes_none(api: Api) -> None:
    page = await api.get("/selftest")
    assert page.status == 200
    assert 'data-hold="60.0"' in page.text
    assert "session=" not in str(page.response.headers.get_list("Set-Cookie"))


@pytest.mark.gen_test
async def test_it_tells_the_time_of_the_server(api: Api, clock: Clock) -> None:
    clock.now = 1_700_000_000_123_000
    reply = await api.get(PATH)
    assert (reply.status, reply.json) == (
        200,
        {"at": "2023-11-14T22:13:20.123Z", "held": True},
    )
    assert reply.response.headers["X-Accel-Buffering"] == "no"


@pytest.mark.gen_test
async def test_it_is_held_and_counted_among_all_that_is_held(api: Api, app: Chatroom) -> None:
    asked = asyncio.create_task(api.get(f"{PATH}?wait=0.2"))
    await until(lambda: app.holds.held == 1)
    assert (await asked).json["held"] is True
    assert app.holds.held == 0


@pytest.mark.gen_test
async def test_it_comes_in_parts_where_that_is_asked_for(api: Api) -> None:
    async with api.connected() as (reader, writer):
        writer.write(b"GET /a/selftest?wait=0.1&begun=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(12) == 2 * b"1\r\n \r\n"
        assert b'"held":true' in await reader.readuntil(b"0\r\n\r\n")


@pytest.mark.gen_test
async def test_it_begins_at_once_and_ends_with_its_client(api: Api, app: Chatroom) -> None:
    async with api.connected() as (reader, writer):
        writer.write(b"GET /a/selftest?wait=30&begun=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Transfer-Encoding: chunked" in head
        assert await reader.readexactly(6) == b"1\r\n \r\n"
        assert app.holds.held == 1
    await until(lambda: app.holds.held == 0)


@pytest.mark.gen_test
async def test_where_too_much_is_held_already_it_says_so_at_once(api: Api, app: Chatroom) -> None:
    app.holds.total = 0
    assert (await api.get(f"{PATH}?wait=30")).json["held"] is False


@pytest.mark.gen_test
async def test_a_server_that_closes_does_not_wait_for_it(api: Api, app: Chatroom) -> None:
    asked = asyncio.create_task(api.get(f"{PATH}?wait=30"))
    await until(lambda: app.holds.held == 1)
    app.chat.closing = True
    assert (await asked).json["held"] is False


@pytest.mark.gen_test
async def test_it_is_held_no_longer_than_a_poll(
    api: Api, monkeypatch: pytest.MonkeyPatch, app: Chatroom
) -> None:
    short = type(app.chat.settings)(hold=0.05, hold_jitter=0.0)
    monkeypatch.setattr(app.chat, "settings", short)
    assert (await api.get(f"{PATH}?wait=30")).json["held"] is True


@pytest.mark.gen_test
async def test_a_wait_that_is_no_number_is_refused(api: Api) -> None:
    assert (await api.get(f"{PATH}?wait=long")).error[1:] == ("number_invalid", "wait")


@pytest.mark.gen_test
async def test_a_post_changes_nothing(api: Api) -> None:
    assert (await api.post(PATH, {})).status == 204
