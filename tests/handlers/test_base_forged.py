"""Forged requests (S7), at every address that takes a POST: what one route forgets, this finds.

The table is made of ROUTES, so a new route stands in it by itself.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from chatroom.app import ROUTES
from chatroom.arguments import _NAMES
from tests.api import Api, Reply
from tests.handlers.browsing import Browser

POSTED = [
    re.sub(r"\(\[\^/\]\+\)", "nobody", pattern).replace("/?", "")
    for pattern, handler in ROUTES
    if handler.post is not RequestHandler.post
]
EVERYWHERE = pytest.mark.parametrize("path", POSTED)

#: An argument for everybody: each handler finds what it needs, and what it cannot use is refused behind the door.
FIELDS = {name: "1" for name in _NAMES if name not in ("cursor", "next", "wait")} | {"wait": "0"}
#: Whose body is a file, and not arguments: the token is in the head or nowhere.
RAW = "/a/room/nobody/file"
#: Who does not look at what is sent: only whether it comes through is of interest.
UNREAD = {RAW, "/a/selftest"}
FORBIDDEN = (403, "forbidden", None)


@pytest.fixture
def browser(io_loop: IOLoop, api: Api) -> Browser:
    """A guest at a browser."""
    browser = Browser(api)
    io_loop.run_sync(browser.open)
    return browser


def refused(reply: Reply) -> bool:
    """At the door, before anything was looked at."""
    return reply.json is not None and "error" in reply.json and reply.error == FORBIDDEN


async def send(browser: Browser, path: str, headers: dict[str, str], **fields: Any) -> Reply:
    """Post with the cookies of the browser, as any site can make it do."""
    return await browser.api.post(path, FIELDS | fields, browser._headers() | headers)


def test_the_table_has_every_call() -> None:
    assert {"/a/message/new", "/a/account/sign-in", "/a/person/nobody/bar"} <= set(POSTED)
    assert len(POSTED) >= 13


@EVERYWHERE
@pytest.mark.gen_test
async def test_a_form_of_another_site_is_refused_even_with_the_token(
    browser: Browser, path: str
) -> None:
    base = browser.api.base
    for headers in (
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": base.replace("//", "//sub.")},
        {"Origin": f"{base}0"},
        {"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://sub.localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://[evil"},
    ):
        assert refused(await send(browser, path, headers, _xsrf=browser.xsrf)), headers
    assert (await browser.me())["name"].startswith("guest-")


@EVERYWHERE
@pytest.mark.gen_test
async def test_a_browser_without_a_session_is_not_signed_in_by_another_site(
    api: Api, path: str
) -> None:
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = await api.post(path, FIELDS, headers)
        assert refused(reply), headers
        assert "Set-Cookie" not in reply.response.headers


@EVERYWHERE
@pytest.mark.gen_test
async def test_a_cookie_without_the_token_is_refused(browser: Browser, path: str) -> None:
    other = Browser(browser.api)
    await other.open()
    for wrong in ({}, {"_xsrf": ""}, {"_xsrf": "x"}, {"_xsrf": other.xsrf}):
        assert refused(await send(browser, path, {}, **wrong)), wrong
    assert refused(await send(browser, path, {"X-XSRFToken": "x"}))


@EVERYWHERE
@pytest.mark.gen_test
async def test_json_dressed_as_plain_text_is_refused(browser: Browser, path: str) -> None:
    body = msgspec.json.encode(FIELDS)
    plain = browser._headers() | {"Content-Type": "text/plain"}
    assert refused(await browser.api.send("POST", path, body, plain))
    known = await browser.api.send("POST", path, body, plain | {"X-XSRFToken": browser.xsrf})
    assert not refused(known)
    assert path in UNREAD or known.error[:2] == (400, "content_type_unknown")


@EVERYWHERE
@pytest.mark.gen_test
async def test_a_page_of_this_site_and_a_program_come_through_the_door(
    browser: Browser, path: str
) -> None:
    here = {"Origin": browser.api.base, "Sec-Fetch-Site": "same-origin"}
    assert not refused(await send(browser, path, here | {"X-XSRFToken": browser.xsrf}))
    await browser.open()
    assert refused(await send(browser, path, here, _xsrf=browser.xsrf)) is (path == RAW)
    api = browser.api
    await api.sign_in()
    assert not refused(await api.post(path, FIELDS))
    assert not refused(await api.post_json(path, msgspec.json.encode(FIELDS)))
