"""GET /me, /sign-in and /first: what stands on the pages."""

from __future__ import annotations

import re

import pytest

from chatroom.app import Chatroom
from tests.api import Api
from tests.handlers.browsing import OTHER, SECRET, Browser

HOSTILE = '<b>"&\u05d0'


def autocompletes(page: str) -> set[str]:
    return set(re.findall(r'autocomplete="([\w-]+)"', page))


@pytest.mark.gen_test
async def test_whoever_comes_to_their_page_is_a_guest_who_may_keep_a_name(api: Api) -> None:
    browser = Browser(api)
    page = await browser.open("/me")
    assert page.status == 200
    assert browser.session
    assert 'action="/a/account"' in page.text
    assert {"username", "new-password"} <= autocompletes(page.text)
    assert page.text.count('name="_xsrf"') == page.text.count("<form")
    again = await browser.open("/me")
    assert (await browser.me())["name"] in again.text
    head = await browser.api.send("HEAD", "/me")
    assert head.status == 401
    assert "Set-Cookie" not in head.response.headers


@pytest.mark.gen_test
async def test_the_page_of_an_account_has_all_its_forms(api: Api) -> None:
    browser = Browser(api)
    await browser.claim()
    page = (await browser.open("/me")).text
    actions = set(re.findall(r'action="([^"]+)"', page))
    assert actions == {
        *("/a/session", "/a/session/end", "/a/session/token"),
        *("/a/account/password", "/a/account/delete"),
    }
    assert {"username", "current-password", "new-password"} <= autocompletes(page)
    assert page.count('name="_xsrf"') == page.count("<form")
    assert "You are an administrator" not in page


@pytest.mark.gen_test
async def test_sessions_are_listed_and_the_others_may_be_ended(api: Api) -> None:
    ann, other = Browser(api), Browser(api)
    await ann.claim()
    await other.open("/sign-in")
    await other.sign_in()
    await ann.post("/a/session/token", name=HOSTILE[:4])
    page = (await ann.open("/me")).text
    assert page.count("(this one)") == 1
    ends = re.findall(r'name="id" value="([0-9a-f]+)"', page)
    assert len(ends) == 2
    for id_ in ends:
        assert (await ann.post("/a/session/revoke", id=id_, next="/me")).status == 303
    assert (await other.get("/a/session")).status == 401
    assert len((await ann.me())["sessions"]) == 1


@pytest.mark.gen_test
async def test_what_people_are_called_stands_in_no_markup(api: Api) -> None:
    browser = Browser(api)
    await browser.claim(HOSTILE)
    for path in ("/", "/me", "/sign-in", "/room/7"):
        page = (await browser.open(path)).text
        assert "<b>" not in page
        assert "&lt;b&gt;&quot;&amp;" in page
    typed = await browser.open("/sign-in?name=%3Cb%3E%22")
    assert 'value="&lt;b&gt;&quot;"' in typed.text


@pytest.mark.gen_test
async def test_the_page_says_that_the_password_was_changed(api: Api) -> None:
    browser = Browser(api)
    await browser.claim()
    fields = {"old": SECRET, "password": OTHER, "next": "/me?changed=1"}
    reply = await browser.post("/a/account/password", **fields)
    page = await browser.open(reply.response.headers["Location"])
    assert "Your password is changed" in page.text
    assert "Your password is changed" not in (await browser.open("/me")).text


@pytest.mark.gen_test
async def test_signing_in_leads_to_where_one_came_from(api: Api) -> None:
    browser = Browser(api)
    page = await browser.open("/sign-in?next=%2Froom%2F%25E8%258C%25B6")
    assert 'name="next" value="/room/%E8%8C%B6"' in page.text
    assert {"username", "current-password"} == autocompletes(page.text)
    assert browser.session is None
    assert 'name="next" value="/"' in (await browser.open("/sign-in")).text
    assert (await browser.open("/sign-in?next=//evil.test")).status == 400


@pytest.mark.gen_test
async def test_a_room_and_the_entrance_lead_there(api: Api) -> None:
    browser = Browser(api)
    room = (await browser.open("/room/%E8%8C%B6")).text
    assert 'href="/sign-in?next=%2Froom%2F%25E8%258C%25B6"' in room
    assert 'href="/me"' in room
    assert 'action="/a/session/end"' not in room
    assert 'href="/sign-in"' in (await browser.open("/")).text
    await browser.claim()
    room = (await browser.open("/room/7")).text
    assert "/sign-in" not in room
    assert 'action="/a/session/end"' in room
    entrance = (await browser.open("/")).text
    assert "Ann" in entrance
    assert "/sign-in" not in entrance


@pytest.mark.gen_test
async def test_signing_out_of_a_room_leaves_a_new_guest_there(api: Api) -> None:
    browser = Browser(api)
    me = await browser.claim()
    reply = await browser.post("/a/session/end", next="/room/7")
    assert browser.session is None
    await browser.open(reply.response.headers["Location"])
    now = await browser.me()
    assert now["account"] is False
    assert now["id"] != me["id"]


@pytest.mark.gen_test
async def test_the_colour_of_a_name_is_that_of_the_person_everywhere(
    api: Api, app: Chatroom
) -> None:
    browser = Browser(api)
    await browser.open()
    said = (await browser.post("/a/message/new", room="7", body="x")).json
    hue = re.findall(r'class="message (hue-\d+)"', said["html"])
    await browser.post("/a/account", name="Ann", password=SECRET)
    room = (await browser.open("/room/7")).text
    assert re.findall(r'class="message (hue-\d+)"', room) == hue * 2  # what was said, and the echo
    assert re.findall(r'class="own-name (hue-\d+)"', room) == hue
    assert re.findall(r'<bdi class="(hue-\d+)">', (await browser.open("/me")).text) == hue
