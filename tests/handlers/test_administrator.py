"""The first administrator by the link, and what administrators do: POST /a/administrator and below /a/person/."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom
from tests.api import Api
from tests.handlers.browsing import SECRET, Browser

FIRST = "/a/administrator"


@pytest.fixture
def link(io_loop: IOLoop, app: Chatroom) -> str:
    """The token of the link that the server would have printed."""
    token = io_loop.run_sync(app.accounts.offer_first)
    assert token
    return str(token)


@pytest.fixture
def chief(io_loop: IOLoop, api: Api, link: str) -> Browser:
    """An administrator."""
    browser = Browser(api)

    async def rise() -> None:
        await browser.claim("Chief")
        assert (await browser.post(FIRST, token=link)).status == 200

    io_loop.run_sync(rise)
    return browser


@pytest.fixture
def ann(io_loop: IOLoop, api: Api) -> Browser:
    """Somebody with an account."""
    browser = Browser(api)
    io_loop.run_sync(browser.claim)
    return browser


@pytest.mark.gen_test
async def test_the_link_leads_a_guest_to_a_name_a_password_and_the_office(
    api: Api, link: str
) -> None:
    browser = Browser(api)
    page = await browser.open(f"/first/{link}")
    assert page.status == 200
    assert f'name="token" value="{link}"' in page.text
    before = await browser.me()
    session = browser.session
    fields = {"token": link, "name": "Chief", "password": SECRET}
    assert (await browser.post(FIRST, **fields, next="//evil.test")).status == 400
    short = await browser.post(FIRST, {"Accept": "text/html"}, **fields | {"password": "short"})
    assert short.status == 400
    assert f'href="/first/{link}?name=Chief"' in short.text
    reply = await browser.post(FIRST, **fields, next="/me")
    assert (reply.status, reply.response.headers["Location"]) == (303, "/me")
    assert browser.session != session
    me = await browser.me()
    assert (me["id"], me["name"]) == (before["id"], "Chief")
    assert (me["account"], me["administrator"]) == (True, True)


@pytest.mark.gen_test
async def test_who_has_an_account_becomes_it_without_a_password(ann: Browser, link: str) -> None:
    page = await ann.open(f"/first/{link}")
    assert 'type="password"' not in page.text
    session = ann.session
    reply = await ann.post(FIRST, token=link)
    me = await ann.me()
    assert (reply.status, reply.json) == (200, {"id": me["id"], "name": "Ann"})
    assert (me["administrator"], ann.session) == (True, session)


@pytest.mark.gen_test
async def test_a_program_becomes_it_too(api: Api, link: str) -> None:
    await api.sign_in("bot")
    reply = await api.post(FIRST, {"token": link, "name": "Chief", "password": SECRET})
    assert (reply.status, reply.json.keys()) == (200, {"id", "name", "token"})
    api.token = reply.json["token"]
    assert (await api.get("/a/session")).json["administrator"] is True


@pytest.mark.gen_test
async def test_a_link_that_is_wrong_or_was_used_is_not_there(
    chief: Browser, ann: Browser, api: Api, link: str
) -> None:
    for token in (link, "", "x", link[:-1]):
        assert (await ann.post(FIRST, token=token)).error[:2] == (404, "not_found")
        if token:
            assert (await ann.open(f"/first/{token}")).status == 404
    assert (await ann.post(FIRST)).error[:2] == (404, "not_found")
    assert (await api.post(FIRST, {"token": link})).error[:2] == (401, "not_signed_in")
    assert (await ann.me())["administrator"] is False
    assert (await chief.me())["administrator"] is True


@pytest.mark.gen_test
async def test_of_two_who_use_the_link_at_once_one_wins(api: Api, link: str) -> None:
    guests = [Browser(api) for _ in range(3)]
    for guest in guests:
        await guest.open()
    replies = await asyncio.gather(
        *(
            guest.post(FIRST, token=link, name=f"Chief {number}", password=SECRET)
            for number, guest in enumerate(guests)
        )
    )
    assert sorted(it.status for it in replies) == [200, 404, 404]


@pytest.mark.gen_test
async def test_an_administrator_makes_others_and_unmakes_them(
    chief: Browser, ann: Browser, api: Api
) -> None:
    id_ = (await ann.me())["id"]
    path = f"/a/person/{id_}/administrator"
    assert (await chief.post(path, on="1")).status == 204
    assert (await ann.me())["administrator"] is True
    mine = f"/a/person/{(await chief.me())['id']}/administrator"
    assert (await ann.post(mine, on="0")).status == 204
    assert (await chief.post(path, on="0")).error[:2] == (404, "not_found")
    guest = await api.sign_in("Guest")
    reply = await ann.post(f"/a/person/{guest}/administrator", on="1")
    assert reply.error == (404, "not_found", "person")


@pytest.mark.gen_test
async def test_who_is_barred_is_signed_out_and_stays_so_until_they_are_not(
    chief: Browser, ann: Browser, api: Api
) -> None:
    id_ = (await ann.me())["id"]
    path = f"/a/person/{id_}/bar"
    assert (await chief.post(path, on="1")).status == 204
    assert (await ann.get("/a/session")).status == 401
    assert (await ann.post("/a/message/new", room="7", body="x")).status == 401
    ann.cookies.pop("session")
    assert (await ann.sign_in()).error == (401, "sign_in_failed", None)
    reply = await chief.post(path, on="0", next="/me")
    assert (reply.status, reply.response.headers["Location"]) == (303, "/me")
    assert (await ann.sign_in()).status == 200


@pytest.mark.gen_test
async def test_a_guest_is_barred_too_but_no_administrator(chief: Browser, api: Api) -> None:
    id_ = await api.sign_in("Guest")
    assert (await chief.post(f"/a/person/{id_}/bar", on="1")).status == 204
    assert (await api.get("/a/session")).status == 401
    me = (await chief.me())["id"]
    assert (await chief.post(f"/a/person/{me}/bar", on="1")).error[:2] == (403, "not_allowed")
    assert (await chief.me())["administrator"] is True


@pytest.mark.gen_test
@pytest.mark.parametrize("act", ["administrator", "bar"])
async def test_for_others_there_is_nothing_to_rule(
    chief: Browser, ann: Browser, api: Api, act: str
) -> None:
    id_ = (await chief.me())["id"]
    for person in (id_, "0", "nobody"):
        path = f"/a/person/{person}/{act}"
        assert (await ann.post(path, on="1")).error == (404, "not_found", None)
        assert (await api.post(path, {"on": "1"})).error[:2] == (401, "not_signed_in")
    for person in ("0", "nobody"):
        reply = await chief.post(f"/a/person/{person}/{act}", on="1")
        assert reply.error == (404, "not_found", "person")
    for on in ({}, {"on": "2"}, {"on": ""}):
        reply = await chief.post(f"/a/person/{id_}/{act}", **on)
        assert reply.error == (400, "choice_invalid", "on")
    away = await chief.post(f"/a/person/{id_}/{act}", on="0", next="//evil.test")
    assert away.error == (400, "next_invalid", "next")


@pytest.mark.gen_test
async def test_the_link_is_not_in_the_log(
    api: Api, link: str, logged: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for path in (f"/first/{link}", f"/first/{link}/"):
        assert (await api.get(path)).status == 200
    assert caplog.text.count("GET /first/*** ") == 2
    assert link not in caplog.text
