"""Behind a proxy: a cookie that is Secure where the proxy speaks https, and limits for those for whom it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api

HTTPS = {"X-Forwarded-Proto": "https"}
Held = Callable[..., Awaitable[None]]


@pytest.fixture(params=["127.0.0.1", "192.0.2.1"])
def proxies(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(proxies: str) -> Settings:
    """The proxy is where the tests come from, or elsewhere."""
    return Settings(proxies=proxies, polls_per_address=1, log_level="error")


@pytest.mark.gen_test
async def test_cookies_are_secure_where_the_proxy_speaks_https(api: Api, proxies: str) -> None:
    for headers, secure in ((HTTPS, proxies == "127.0.0.1"), ({}, False)):
        page = await api.get("/room/7", headers)
        cookies = page.response.headers.get_list("Set-Cookie")
        assert cookies
        assert all(("secure" in it.lower()) == secure for it in cookies)


@pytest.mark.gen_test
async def test_polls_are_counted_for_whom_the_proxy_speaks(
    api: Api, app: Chatroom, held: Held, proxies: str
) -> None:
    path = "/a/message/updates?room=7"
    polls = [asyncio.create_task(api.get(path, {"X-Forwarded-For": "198.51.100.1"}))]
    await held(1)
    assert "retry_in" in (await api.get(path, {"X-Forwarded-For": "198.51.100.1"})).json
    other = {"X-Forwarded-For": "198.51.100.2"}
    if proxies == "127.0.0.1":
        polls.append(asyncio.create_task(api.get(path, other)))
        await held(2)
    else:
        assert "retry_in" in (await api.get(path, other)).json
    app.chat.close()
    assert all("retry_in" in reply.json for reply in await asyncio.gather(*polls))
