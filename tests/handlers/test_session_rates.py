"""How many new sessions one address may have: a program is told to wait, a page comes without one."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api, Reply
from tests.conftest import Monotonic
from tests.handlers.test_pages import cookie_header, cookies
from tests.server_process import UNLIMITED

HERE, THERE = ({"X-Forwarded-For": f"198.51.100.{number}"} for number in (1, 2))


@pytest.fixture
def settings() -> Settings:
    """An address may have two new sessions at once; the tests come through a proxy."""
    slow = {"sessions_per_address": 0.1, "sessions_per_address_burst": 2}
    return Settings(hold=60.0, hold_jitter=0.0, proxies="127.0.0.1", **UNLIMITED | slow)


async def token(api: Api, headers: dict[str, str]) -> Reply:
    """Ask for a session."""
    return await api.post("/a/session", {"name": "bot", "token": "1"}, headers)


@pytest.mark.gen_test
async def test_a_program_that_wants_too_many_sessions_has_to_wait(
    api: Api, monotonic: Monotonic
) -> None:
    assert [(await token(api, HERE)).status for _ in range(2)] == [201, 201]
    refused = await token(api, HERE)
    assert refused.error == (429, "too_many_requests", None)
    assert refused.response.headers["Retry-After"] == "10"
    assert (await token(api, THERE)).status == 201
    monotonic.now += 10.0
    assert (await token(api, HERE)).status == 201


@pytest.mark.gen_test
async def test_where_there_are_too_many_guests_a_page_can_be_read_and_is_never_refused(
    ann: Api, api: Api, monotonic: Monotonic
) -> None:
    await ann.say("hello")
    pages = [await api.get("/room/7", HERE) for _ in range(4)]
    assert [it.status for it in pages] == [200] * 4
    assert ["session" in cookies(it) for it in pages] == [True, True, False, False]
    assert ['action="/a/message/new"' in it.text for it in pages] == [True, True, False, False]
    assert all("<p>hello</p>" in it.text for it in pages)
    assert "session" in cookies(await api.get("/room/7", THERE))
    monotonic.now += 10.0
    assert "session" in cookies(await api.get("/room/7", HERE))


@pytest.mark.gen_test
async def test_pages_and_programs_are_counted_together_and_whoever_has_a_session_is_not(
    api: Api,
) -> None:
    guest = HERE | cookie_header(cookies(await api.get("/room/7", HERE)))
    for _ in range(5):
        assert cookies(await api.get("/room/7", guest))["session"].value in guest["Cookie"]
        assert (await api.send("HEAD", "/room/7", None, HERE)).status == 200
    assert [(await token(api, HERE)).status for _ in range(2)] == [201, 429]
    assert 'action="/a/message/new"' in (await api.get("/room/7", guest)).text


@pytest.mark.gen_test
async def test_whoever_asks_for_no_session_is_not_counted(api: Api, app: Chatroom) -> None:
    for _ in range(3):
        assert (await api.post("/a/session", {"name": "bot"}, HERE)).status == 401
        assert (await api.post("/a/session", {"name": "", "token": "1"}, HERE)).status == 400
    assert len(app.parts.rates.sessions) == 0
