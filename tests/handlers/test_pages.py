"""The pages, as a browser without JavaScript has them."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from tests.api import Api, Reply

Held = Callable[..., Awaitable[None]]
Fill = Callable[..., Awaitable[list[Any]]]
FORM = {"Accept": "text/html,application/xhtml+xml"}


def cookies(reply: Reply) -> SimpleCookie:
    """The cookies that a reply sets."""
    found: SimpleCookie = SimpleCookie()
    for line in reply.response.headers.get_list("Set-Cookie"):
        found.load(line)
    return found


def cookie_header(jar: SimpleCookie) -> dict[str, str]:
    """What a browser sends back."""
    return {"Cookie": "; ".join(f"{it.key}={it.value}" for it in jar.values())}


def value(page: str, name: str) -> str:
    """The value of a hidden input."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match is not None, f"no input {name}"
    return unescape(match[1])


def shown(page: str) -> list[str]:
    """The texts of the messages on a page, as far as they are one paragraph."""
    return [unescape(text) for text in re.findall(r"<p>(no\. \d+|hello)</p>", page)]


def cursor_of(page: str) -> str:
    """Where the page stands."""
    match = re.search(r'data-cursor="([^"]*)"', page)
    assert match is not None
    return match[1]


@pytest.mark.gen_test
async def test_the_entrance_asks_for_a_room_and_lists_those_that_are_alive(
    ann: Api, held: Held
) -> None:
    poll = asyncio.create_task(ann.updates({"room": "tea"}))
    await held(1, "tea")
    await ann.say("hello", "комната")
    await ann.standing("комната")
    page = (await ann.get("/")).text
    assert re.search(r'<form[^>]*action="/room"', page)
    assert 'name="room"' in page
    for room in ("tea", "комната"):
        assert f'href="/room/{quote(room)}"' in page
    await ann.say("bye", "tea")
    await poll


@pytest.mark.gen_test
async def test_the_door_leads_to_the_room_under_its_canonical_name(api: Api) -> None:
    for asked, path in [("7", "7"), (" Café ", quote("café")), ("", None)]:
        reply = await api.get(f"/room?room={quote(asked)}")
        assert reply.status == 303
        assert reply.response.headers["Location"] == (f"/room/{path}" if path else "/")
    assert (await api.get("/room?room=a%2Fb")).status == 400
    assert (await api.get("/room")).response.headers["Location"] == "/"


@pytest.mark.gen_test
async def test_another_spelling_of_a_room_is_redirected_within_the_site(api: Api) -> None:
    for spelling in ("CAFÉ", "cafe\u0301"):
        reply = await api.get(f"/room/{quote(spelling)}?before=x")
        assert reply.status in (301, 302, 303, 307, 308)
        assert reply.response.headers["Location"].startswith(f"/room/{quote('café')}")


@pytest.mark.gen_test
async def test_what_is_no_room_has_an_error_page(api: Api) -> None:
    for room in ("a%20b", "%00", "%FF", "x" * 65, "a%2Fb", "%2E%2E"):
        reply = await api.get(f"/room/{room}", FORM)
        assert reply.status == 400
        assert "<html" in reply.text


@pytest.mark.gen_test
async def test_a_room_shows_what_was_said_and_stands_behind_it(ann: Api, fill: Fill) -> None:
    said = await fill(3)
    page = (await ann.get("/room/7")).text
    assert shown(page) == ["no. 0", "no. 1", "no. 2"]
    assert cursor_of(page) == said[-1]["id"]
    assert (await ann.since(cursor_of(page)))["messages"] == []


@pytest.mark.gen_test
async def test_an_empty_room_stands_at_its_beginning(ann: Api) -> None:
    page = (await ann.get("/room/7")).text
    message = await ann.say("hello")
    assert (await ann.since(cursor_of(page)))["messages"] == [message]


@pytest.mark.gen_test
async def test_a_long_room_shows_the_newest_50_and_leads_back_to_its_beginning(
    ann: Api, fill: Fill
) -> None:
    await fill(120)
    path, seen = "/room/7", list[str]()
    for _ in range(3):
        page = (await ann.get(path)).text
        seen[:0] = shown(page)
        path = older(page)
    assert path == ""
    assert seen == [f"no. {number}" for number in range(120)]


def older(page: str) -> str:
    """Where a page leads to what was said before, "" for nowhere."""
    link = re.search(r'href="(\?before=[^"]+)"', page)
    return f"/room/7{link[1]}" if link else ""


def later(page: str) -> str:
    """Where a page leads to what was said behind it, "" for nowhere."""
    link = re.search(r'href="(\?after=[^"]+)"', page)
    return f"/room/7{link[1]}" if link else ""


@pytest.mark.gen_test
async def test_a_link_to_a_message_shows_it_marked_among_others_and_leads_on_both_ways(
    ann: Api, fill: Fill
) -> None:
    said = await fill(120)
    at = said[59]["id"]
    page = (await ann.get(f"/room/7?at={at}")).text
    assert shown(page) == [f"no. {number}" for number in range(34, 84)]
    assert re.findall(r'pointed" id="at">\s*<article[^>]* data-id="([^"]*)"', page) == [at]
    assert cursor_of(page) == said[-1]["id"]
    assert shown((await ann.get(older(page))).text) == [f"no. {number}" for number in range(34)]
    behind = (await ann.get(later(page))).text
    assert shown(behind) == [f"no. {number}" for number in range(84, 120)]
    assert later(behind) == ""


@pytest.mark.gen_test
async def test_pages_that_go_forward_show_every_message_once(ann: Api, fill: Fill) -> None:
    said = await fill(120)
    page = (await ann.get(f"/room/7?at={said[0]['id']}")).text
    seen = shown(page)
    while path := later(page):
        assert cursor_of(page) == said[-1]["id"]
        page = (await ann.get(path)).text
        seen += shown(page)
    assert seen == [f"no. {number}" for number in range(120)]


@pytest.mark.gen_test
async def test_a_link_to_a_message_that_is_gone_shows_what_was_said_around_it(
    ann: Api, fill: Fill
) -> None:
    await fill(60)
    gone = await ann.say("hello")
    await fill(60)
    assert (await ann.do("delete", "7", id=gone["id"])).status == 200
    page = (await ann.get(f"/room/7?at={gone['id']}")).text
    assert shown(page) == [f"no. {number}" for number in [*range(35, 60), *range(24)]]
    assert "pointed" not in page
    epoch = gone["id"].partition("-")[0]
    ahead = (await ann.get(f"/room/7?at={epoch}-9999")).text
    assert shown(ahead) == [f"no. {number}" for number in range(11, 60)]


@pytest.mark.gen_test
async def test_a_link_to_no_message_of_this_log_is_refused(ann: Api) -> None:
    for at in ("x", "zzzzzzzz-1"):
        reply = await ann.get(f"/room/7?at={at}")
        assert reply.status == 400


@pytest.mark.gen_test
async def test_the_page_of_a_message_leads_to_it_in_the_conversation(ann: Api) -> None:
    message = await ann.say("hello")
    page = (await ann.get(f"/room/7/message/{message['id']}")).text
    assert f'href="/room/7?at={message["id"]}#at"' in page


@pytest.mark.gen_test
async def test_what_people_wrote_is_text_on_every_page(api: Api) -> None:
    evil = "<b onclick=1>\"&'<"
    await api.sign_in(evil)
    await api.say(f"{evil}<script>")
    page = (await api.get("/room/7")).text
    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


@pytest.mark.gen_test
async def test_a_guest_gets_a_session_that_scripts_cannot_read_and_other_sites_cannot_send(
    api: Api,
) -> None:
    jar = cookies(await api.get("/room/7"))
    assert jar.keys() == {"session", "_xsrf"}
    for cookie in jar.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert not cookie["secure"]  # over http a browser would not keep it
        assert cookie["expires"]
    assert len(jar["session"].value) >= 22  # 128 bits in base64


@pytest.mark.gen_test
async def test_a_guest_stays_the_same_person_and_sees_their_own_name(api: Api) -> None:
    first = await api.get("/room/7")
    again = await api.get("/room/8", cookie_header(cookies(first)))
    me = [re.findall(r'data-me="([0-9a-f]+)"', page.text) for page in (first, again)]
    assert len(me[0]) == 1
    assert me[0] == me[1]


@pytest.mark.gen_test
async def test_a_cookie_of_a_dead_session_gets_a_new_guest(api: Api) -> None:
    reply = await api.get("/room/7", {"Cookie": "session=stale"})
    assert cookies(reply)["session"].value != "stale"


@pytest.mark.gen_test
async def test_head_of_a_room_makes_no_session(api: Api) -> None:
    reply = await api.send("HEAD", "/room/7")
    assert (reply.status, reply.response.body) == (200, b"")
    assert "session" not in cookies(reply)


@pytest.mark.gen_test
async def test_the_forms_of_the_page_post_and_rename_without_javascript(api: Api) -> None:
    page = await api.get("/room/7")
    headers = FORM | cookie_header(cookies(page))
    xsrf, back = value(page.text, "_xsrf"), value(page.text, "next")
    for path, field, text in [
        ("/a/session", "name", "Zoë"),
        ("/a/message/new", "body", "hello"),
    ]:
        fields = {"_xsrf": xsrf, "next": back, "room": "7", field: text}
        reply = await api.post(path, fields, headers)
        assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7")
    after = (await api.get("/room/7", headers)).text
    assert shown(after) == ["hello"]
    assert "Zoë" in after


@pytest.mark.gen_test
async def test_a_page_can_be_read_where_no_session_can_be_kept(
    ann: Api, api: Api, engine: SqliteEngine, logged: Callable[[str], None]
) -> None:
    logged("writes failed")
    await ann.say("hello")

    def break_sessions(connection: sqlite3.Connection) -> None:
        connection.execute(
            "CREATE TEMP TRIGGER broken BEFORE INSERT ON main.sessions "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )

    await engine._store._writer.write(break_sessions)
    reply = await api.get("/room/7")
    assert reply.status == 200
    assert shown(reply.text) == ["hello"]
    assert 'action="/a/message/new"' not in reply.text
    assert "session" not in cookies(reply)


@pytest.mark.gen_test
async def test_an_address_that_is_not_there_is_not_found_whatever_the_method(api: Api) -> None:
    for path in ("/nowhere", "/room/7/", "/a/", "/a/message", "/..", "/room/7/x"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            assert (await api.send(method, path)).status == 404
    assert (await api.get("/a/nowhere")).error[:2] == (404, "not_found")


@pytest.mark.gen_test
async def test_a_page_has_the_language_that_the_browser_asks_for(api: Api) -> None:
    for asked, language in [
        ("zh", "zh-CN"),
        ("zh-TW,en;q=0.5", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("fr, zh;q=0.2", "zh-CN"),
        ("en", "en"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh;q=0.1,en;q=0.9", "en"),
        ("zh;q=0", "en"),
        ("fr", "en"),
        ("", "en"),
        (";;q=,\xff,zh;q=x,*;q=nan", "en"),
    ]:
        page = (await api.get("/", {"Accept-Language": asked})).text
        assert f'<html lang="{language}"' in page, asked
        assert bool(re.search("[\u4e00-\u9fff]", page)) == (language == "zh-CN"), asked


@pytest.mark.gen_test
async def test_errors_speak_the_language_of_the_browser(ann: Api, app: Chatroom) -> None:
    assert app.chat.settings.max_body > 4001
    fields = {"room": "7", "body": "x" * 4001}
    english, chinese = [
        (await ann.post("/a/message/new", fields, {"Accept-Language": language})).json["error"]
        for language in ("en", "zh")
    ]
    assert english["code"] == chinese["code"]
    assert english["message"] != chinese["message"]
    assert "4000" in english["message"]
    assert "4000" in chinese["message"]
