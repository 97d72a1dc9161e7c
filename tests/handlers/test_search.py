"""Looking for what was said: GET /a/search and the page /search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest

from chatroom.app import Chatroom
from chatroom.engines import sqlite_search, writer
from tests.api import Api, Reply, bodies
from tests.conftest import Clock

Fill = Callable[..., Awaitable[list[Any]]]


async def ask(api: Api, **fields: str) -> Reply:
    """GET /a/search; `since` stands for `from`."""
    if "since" in fields:
        fields["from"] = fields.pop("since")
    return await api.get(f"/a/search?{urlencode(fields)}")


async def look(api: Api, **fields: str) -> list[str]:
    """What is found."""
    reply = await ask(api, **fields)
    assert reply.status == 200, reply
    return bodies(reply.json)


async def page(api: Api, **fields: str) -> Reply:
    return await api.get(f"/search?{urlencode(fields)}", headers={"Accept": "text/html"})


@pytest.mark.gen_test
async def test_what_is_found_is_what_the_history_has(ann: Api) -> None:
    said = [await ann.say(text) for text in ("green tea", "*black* tea", "coffee")]
    reply = await ask(ann, q="tea", room="7")
    assert reply.json == {"messages": [said[1], said[0]], "more": False, "complete": True}


@pytest.mark.gen_test
async def test_pages_follow_each_other(ann: Api) -> None:
    for n in range(5):
        await ann.say(f"tea {n}")
    first = (await ask(ann, q="tea", room="7", limit="3")).json
    assert first["more"]
    before = f"7/{first['messages'][-1]['id']}"
    rest = (await ask(ann, q="tea", room="7", limit="3", before=before)).json
    assert bodies(first) + bodies(rest) == [f"tea {n}" for n in (4, 3, 2, 1, 0)]
    assert not rest["more"]


@pytest.mark.gen_test
async def test_a_reply_has_as_many_as_fit_and_says_that_there_are_more(ann: Api) -> None:
    for n in range(7):
        await ann.say(f"tea{n} " + "&" * 3900)
        await ann.say(f"needle {n} " + "<>" * 1900)
    reply = await ask(ann, q="needle", room="7")
    assert len(reply.response.body) < 250_000
    assert reply.json["more"] == (len(reply.json["messages"]) < 7)


@pytest.mark.gen_test
async def test_without_a_room_all_of_ones_own_are_searched(ann: Api, bob: Api) -> None:
    for room in ("tea", "7", "8"):
        said = await bob.say(f"word in {room}", room)
        if room != "8":
            await ann.do("read", room, id=said["id"])
    assert await look(ann, q="word") == ["word in 7", "word in tea"]
    assert await look(ann, q="word", room="8") == ["word in 8"]


@pytest.mark.gen_test
async def test_a_person_and_dates_narrow_it_down(ann: Api, bob: Api, clock: Clock) -> None:
    await ann.say("tea by ann")
    clock.forward(days=2)
    await bob.say("tea by bob")
    assert await look(ann, room="7", q="tea", author="Bob") == ["tea by bob"]
    assert await look(ann, room="7", author=ann.id) == ["tea by ann"]
    assert await look(ann, room="7", q="tea", until="2023-11-14") == ["tea by ann"]
    assert await look(ann, room="7", q="tea", since="2023-11-15") == ["tea by bob"]
    assert (
        await look(ann, room="7", q="tea", since="2023-11-15T00:00:00Z", until="2023-11-15") == []
    )


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, (400, "query_invalid", "q")),
        ({"q": "!"}, (400, "query_invalid", "q")),
        ({"q": "x" * 201}, (400, "query_invalid", "q")),
        ({"q": "a b c d e f g h i j k l m"}, (400, "query_invalid", "q")),
        ({"q": "a", "author": "x" * 300}, (400, "invalid", "author")),
        ({"q": "a", "since": "today"}, (400, "moment_invalid", "from")),
        ({"q": "a", "until": "2026-02-30"}, (400, "moment_invalid", "until")),
        ({"q": "a", "room": "no room"}, (400, "room_invalid", "room")),
        ({"q": "a", "limit": "201"}, (400, "number_invalid", "limit")),
        ({"q": "a", "before": "7/x"}, (400, "cursor_invalid", "before")),
        ({"q": "a", "before": "7/k3f9q2ab-1"}, (400, "cursor_invalid", "before")),
    ],
)
@pytest.mark.gen_test
async def test_what_is_wrong_is_named(
    ann: Api, fields: dict[str, str], error: tuple[int, str, str]
) -> None:
    assert (await ask(ann, **fields)).error == error


@pytest.mark.gen_test
async def test_a_page_before_a_message_elsewhere_is_not_found(ann: Api) -> None:
    await ann.say("tea")
    elsewhere = await ann.say("tea", "8")
    reply = await ask(ann, q="tea", room="7", before=f"8/{elsewhere['id']}")
    assert reply.error == (404, "not_found", "before")


@pytest.mark.gen_test
async def test_a_private_room_is_like_one_that_never_was(ann: Api, bob: Api) -> None:
    talk = (await ann.post("/a/private", {"person": bob.id})).json["room"]
    await ann.say("secret", talk)
    assert await look(bob, q="secret") == ["secret"]
    stranger = await ask(Api(ann.base), q="secret", room=talk)
    never = await ask(Api(ann.base), q="secret", room="private-never")
    assert stranger.error == never.error == (404, "not_found", "room")


@pytest.mark.gen_test
async def test_who_takes_too_long_is_told_when_to_come_back(
    ann: Api, monkeypatch: pytest.MonkeyPatch, logged: Callable[[str], None]
) -> None:
    logged("503 GET")
    await ann.say("tea")
    monkeypatch.setattr(sqlite_search, "_SECONDS", -1.0)
    reply = await ask(ann, q="tea", room="7")
    assert reply.error == (503, "search_busy", None)
    assert reply.response.headers["Retry-After"] == "2"
    shown = await page(ann, q="tea", room="7")
    assert shown.status == 503
    assert shown.response.headers["Retry-After"] == "2"
    assert 'role="alert"' in shown.text


@pytest.mark.gen_test
async def test_who_looks_for_much_at_once_is_asked_to_come_back(
    ann: Api, bob: Api, app: Chatroom, logged: Callable[[str], None]
) -> None:
    logged("503 GET")
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(app.parts.rates.searching(ann.id, "192.0.2.1"))
        assert (await ask(ann, q="tea", room="7")).error == (503, "search_busy", None)
        assert (await page(ann, q="tea", room="7")).status == 503
        assert await look(bob, q="tea", room="7") == []
    assert await look(ann, q="tea", room="7") == []


@pytest.mark.gen_test
async def test_the_page_shows_what_was_found_and_marks_it(ann: Api) -> None:
    said = await ann.say("**Green** tea & 北京 <i>", "tea")
    shown = await page(ann, q="green 北京", room="tea")
    assert shown.status == 200
    assert "**<mark>Green</mark>** tea &amp; <mark>北京</mark> &lt;i&gt;" in shown.text
    assert f'href="/room/tea?at={said["id"]}"' in shown.text
    assert 'value="green 北京"' in shown.text


@pytest.mark.parametrize("text", ["<script>x</script>", '"><img src=x onerror=x>', "</mark><b>"])
@pytest.mark.gen_test
async def test_nothing_that_was_said_or_asked_is_html_on_the_page(ann: Api, text: str) -> None:
    await ann.say(f"x {text}")
    shown = await page(ann, q=f"x {text}", room="7", author="Ann")
    assert shown.status == 200
    assert text not in shown.text
    assert "<mark>x</mark>" in shown.text


@pytest.mark.gen_test
async def test_the_page_leads_on_to_older_ones(ann: Api) -> None:
    for n in range(25):
        await ann.say(f"tea {n}")
    shown = await page(ann, q="tea", room="7")
    assert shown.text.count("<mark>") == 20
    link = shown.text.partition('class="button" href="/search')[2].partition('"')[0]
    older = await ann.get("/search" + link.replace("&amp;", "&"))
    assert older.text.count("<mark>") == 5
    assert "Older" not in older.text


@pytest.mark.gen_test
async def test_the_page_names_the_rooms_of_what_was_found_in_all_of_them(
    ann: Api, bob: Api
) -> None:
    await ann.say("word", "tea")
    await ann.run("tea", title="Tea & cake")
    await ann.post("/a/private", {"person": bob.id})
    shown = await page(ann, q="word")
    assert "Tea &amp; cake</bdi>" in shown.text
    assert "Tea &amp; cake" in (await page(ann, room="tea")).text


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 200, "Your rooms are those"),
        ({"room": "7"}, 200, "Back to the room"),
        ({"q": "nothing", "room": "7"}, 200, "Nothing was found"),
        ({"q": "!", "room": "7"}, 400, "Look for 1 to 12 words"),
        ({"q": "tea", "room": "7", "from": "x"}, 400, "A date is needed here"),
        ({"q": "tea", "room": "no room"}, 400, "A room is named by"),
        ({"q": "tea", "room": "private-x"}, 404, "There is nothing here"),
        ({"room": "private-x"}, 404, "There is nothing here"),
    ],
)
@pytest.mark.gen_test
async def test_the_page_says_in_words_what_there_is(
    ann: Api, fields: dict[str, str], status: int, words: str
) -> None:
    shown = await page(ann, **fields)
    assert shown.status == status
    assert words in shown.text


@pytest.mark.gen_test
async def test_the_page_tells_nobody_that_they_need_a_session(api: Api) -> None:
    shown = await page(api, q="tea")
    assert shown.status == 401
    assert "This needs a session" in shown.text


@pytest.mark.gen_test
async def test_an_index_that_is_behind_is_told_on_the_page(
    ann: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_QUIET", 3600.0)
    monkeypatch.setattr(sqlite_search, "_CATCH_UP", 0)
    await ann.say("tea")
    assert (await ask(ann, q="tea", room="7")).json["complete"] is False
    assert "cannot be found yet" in (await page(ann, q="tea", room="7")).text


@pytest.mark.gen_test
async def test_looking_counts_as_a_request(ann: Api, app: Chatroom) -> None:
    counted: list[object] = []
    app.parts.rates.count_request = counted.append  # type: ignore[method-assign, assignment]
    await ask(ann, q="tea", room="7")
    await page(ann, q="tea", room="7")
    assert len(counted) == 2


@pytest.mark.gen_test
async def test_rooms_and_the_entrance_lead_to_it(ann: Api) -> None:
    await ann.say("tea")
    assert 'href="/search?room=7"' in (await ann.get("/room/7")).text
    assert 'href="/search"' in (await ann.get("/")).text
