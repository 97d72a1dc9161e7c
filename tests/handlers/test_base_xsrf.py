"""Who may change something (S7): not another site with the cookies of this one's users."""

from __future__ import annotations

import re

import pytest
from tornado.ioloop import IOLoop

from tests.api import Api, Reply, bodies, offset

NEW = "/a/message/new"
Headers = dict[str, str]


class Browser:
    """What a browser has after opening a room: cookies, and the token that the page's forms bring."""

    def __init__(self, api: Api, page: Reply) -> None:
        pairs = (it.partition(";")[0] for it in page.response.headers.get_list("Set-Cookie"))
        found = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert found is not None
        self.api = api
        self.xsrf = found[1]
        self.cookies = {"Cookie": "; ".join(pairs)}

    async def say(self, headers: Headers | None = None, **fields: str) -> Reply:
        """Post with the cookies that the browser adds to whatever any site makes it send."""
        fields = {"room": "7", "body": "hello"} | fields
        return await self.api.post(NEW, fields, self.cookies | (headers or {}))


@pytest.fixture
def browser(io_loop: IOLoop, api: Api) -> Browser:
    """A browser in room 7."""
    return Browser(api, io_loop.run_sync(lambda: api.get("/room/7")))


def here(browser: Browser) -> Headers:
    """What a browser says of a request from a page of this site."""
    return {"Origin": browser.api.base, "Sec-Fetch-Site": "same-origin"}


@pytest.mark.gen_test
async def test_a_cookie_without_the_xsrf_token_is_refused(browser: Browser) -> None:
    for wrong in ({}, {"_xsrf": ""}, {"_xsrf": "x"}, {"_xsrf": "2|aaaa|bbbb|1"}):
        reply = await browser.say(**wrong)
        assert reply.error == (403, "forbidden", None)
    assert offset(await browser.api.standing()) == 0


@pytest.mark.gen_test
async def test_the_token_is_taken_from_the_form_or_a_header(browser: Browser) -> None:
    assert (await browser.say(_xsrf=browser.xsrf, body="form")).status == 201
    headers = {"X-XSRFToken": browser.xsrf}
    assert (await browser.say(headers, body="header")).status == 201
    json = await browser.api.send(
        "POST",
        NEW,
        b'{"room": "7", "body": "json"}',
        browser.cookies | headers | {"Content-Type": "application/json"},
    )
    assert json.status == 201
    assert bodies(await browser.api.history()) == ["form", "header", "json"]


@pytest.mark.gen_test
async def test_the_token_of_somebody_else_is_refused(browser: Browser, api: Api) -> None:
    other = Browser(api, await api.get("/room/7"))
    assert (await browser.say(_xsrf=other.xsrf)).status == 403


@pytest.mark.gen_test
async def test_every_call_that_is_posted_is_guarded(browser: Browser) -> None:
    for path in (NEW, "/a/session", "/a/message/updates"):
        fields = {"name": "Eve", "body": "x", "wait": "0"}
        assert (await browser.api.post(path, fields, browser.cookies)).status == 403
        fields["_xsrf"] = browser.xsrf
        assert (await browser.api.post(path, fields, browser.cookies)).status in (200, 201)


@pytest.mark.gen_test
async def test_a_page_of_this_site_may_post(browser: Browser) -> None:
    for headers in (
        here(browser),
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": browser.api.base},
        {"Sec-Fetch-Site": "none"},
    ):
        assert (await browser.say(headers, _xsrf=browser.xsrf)).status == 201, headers


@pytest.mark.gen_test
async def test_another_site_is_refused_even_with_the_token(browser: Browser) -> None:
    for headers in (
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": browser.api.base.replace("//", "//sub.")},
        {"Origin": f"{browser.api.base}0"},
        {"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://sub.localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ):
        reply = await browser.say(headers, _xsrf=browser.xsrf)
        assert reply.error == (403, "forbidden", None), headers
    assert offset(await browser.api.standing()) == 0


@pytest.mark.gen_test
async def test_json_dressed_as_plain_text_is_refused(browser: Browser) -> None:
    headers = browser.cookies | {"Content-Type": "text/plain", "X-XSRFToken": browser.xsrf}
    body = b'{"room": "7", "body": "x"}'
    assert (await browser.api.send("POST", NEW, body, headers)).status == 400
    del headers["X-XSRFToken"]
    assert (await browser.api.send("POST", NEW, body, headers)).status == 403


@pytest.mark.gen_test
async def test_a_program_without_cookies_needs_no_token(ann: Api) -> None:
    await ann.say("hello")


@pytest.mark.gen_test
async def test_a_program_with_a_bearer_token_needs_none_whatever_cookies_it_carries(
    browser: Browser, ann: Api
) -> None:
    reply = await browser.say({"Authorization": f"Bearer {ann.token}"})
    assert (reply.status, reply.json["author"]["name"]) == (201, "Ann")
    other = await browser.say({"Authorization": "Basic YTpi"})
    assert other.status == 403


@pytest.mark.gen_test
async def test_a_wrong_bearer_token_does_not_fall_back_to_the_cookie(browser: Browser) -> None:
    for token in ("wrong", ""):
        reply = await browser.say({"Authorization": f"Bearer {token}"})
        assert reply.error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_a_browser_cannot_be_made_to_ask_for_a_token(browser: Browser) -> None:
    fields = {"name": "Eve", "token": "1", "_xsrf": browser.xsrf}
    renamed = await browser.api.post("/a/session", fields, browser.cookies)
    assert renamed.json.keys() == {"id", "name"}
    for lost in ("session=x", "other="):
        stale = {"Cookie": browser.cookies["Cookie"].replace("session=", lost)}
        assert (await browser.api.post("/a/session", fields, stale)).status == 401
