"""POST /a/message/new: what may be said, where, by whom, and how often."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.deed import Deletion
from chatroom.people import Person, Visitor
from tests.api import Api, bodies, offset
from tests.handlers.site import Site

NEW = "/a/message/new"


@pytest.mark.gen_test
async def test_a_posted_message_is_answered_with_all_that_the_log_knows_of_it(api: Api) -> None:
    me = await api.sign_in("Ann")
    fields = {"room": "7", "body": "hello", "client_id": "c1"}
    reply = await api.post(NEW, fields)
    assert reply.status == 201
    id_, html = reply.json.pop("id"), reply.json.pop("html")
    assert re.fullmatch(r"[a-z0-9]{8}-1", id_)
    assert "hello" in html
    author = {"id": me, "name": "Ann"}
    at = "2023-11-14T22:13:20.000Z"
    assert reply.json == fields | {"kind": "message", "author": author, "at": at}


@pytest.mark.gen_test
async def test_ids_are_dense_from_1_in_each_room_and_share_the_epoch(ann: Api) -> None:
    said = [await ann.say("x", room) for room in ("7", "8", "7", "7", "8")]
    assert [offset(message) for message in said] == [1, 1, 2, 3, 2]
    assert len({message["id"].partition("-")[0] for message in said}) == 1


@pytest.mark.gen_test
async def test_4000_characters_after_trimming_are_kept_whole(ann: Api) -> None:
    for character in "x界\U0001f600":
        body = character * 4000
        message = await ann.say(f"  \n\t{body}\u3000\n ")
        assert message["body"] == body


@pytest.mark.gen_test
async def test_a_body_out_of_bounds_is_refused_and_not_said(ann: Api) -> None:
    for body, code in [
        ("", "message_empty"),
        (" \n\t\u3000 ", "message_empty"),
        ("x" * 4001, "message_too_long"),
        ("\U0001f600" * 4001, "message_too_long"),
        ("a\0b", "message_unprintable"),
    ]:
        reply = await ann.post(NEW, {"room": "7", "body": body})
        assert reply.error == (400, code, "body")
    assert offset(await ann.standing()) == 0


@pytest.mark.gen_test
async def test_a_message_without_a_body_is_empty(ann: Api) -> None:
    assert (await ann.post(NEW, {"room": "7"})).error == (400, "message_empty", "body")


@pytest.mark.gen_test
async def test_what_was_said_comes_back_character_by_character(ann: Api) -> None:
    said = [
        "<\u202eright to left\u2066>",
        "👨\u200d👩\u200d👧",
        "Z" + "\u0351\u0319" * 100,
        "e\u0301 stays in NFD",
        "<\ufeff\x01\x1b[31m\x7f\x85>",
        "a\u2028b",
    ]
    for body in said:
        await ann.say(body)
    assert bodies(await ann.history()) == said


@pytest.mark.gen_test
async def test_the_html_of_a_message_holds_no_tag_that_its_author_wrote(ann: Api) -> None:
    message = await ann.say("<script>alert(1)</script><img src=x onerror=alert(1)>")
    assert "<script" not in message["html"]
    assert "<img" not in message["html"]


@pytest.mark.gen_test
async def test_a_message_that_names_no_room_goes_to_room_1(ann: Api) -> None:
    reply = await ann.post(NEW, {"body": "hello"})
    assert reply.json["room"] == "1"


ROOMS = ["7", "0", "a_b-C", "комната", "房间", "غرفة", "कमरा", "ห้อง", "部屋٧", "x" * 64, "界" * 64]

ONE_ROOM = [
    ("Tea-Room", "tEA-rOOM"),
    (unicodedata.normalize("NFC", "Café"), unicodedata.normalize("NFD", "CAFÉ")),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("straße", "STRASSE"),
    ("한국", unicodedata.normalize("NFD", "한국")),
]

NO_ROOMS = [
    *("", " ", "a b", "a/b", "a.b", "a#b", "-\n", "a\0", "a\u200bb", "a\u200d", "\ufeff7"),
    *("\u202e7", "\u3164", "a\ufe0f", "\u034f", "🙂", "\u0301", "½", "x" * 65, "界" * 65),
]


@pytest.mark.gen_test
async def test_rooms_are_named_in_every_script(ann: Api) -> None:
    for room in ROOMS:
        message = await ann.say("hello", room)
        assert message["room"] == room.lower()
        assert bodies(await ann.history(room)) == ["hello"]


@pytest.mark.gen_test
async def test_two_spellings_of_a_room_are_one_room(ann: Api) -> None:
    for one, other in ONE_ROOM:
        first = await ann.say("1", one)
        second = await ann.say("2", other)
        assert first["room"] == second["room"] == unicodedata.normalize("NFC", first["room"])
        assert bodies(await ann.history(other)) == ["1", "2"]


@pytest.mark.gen_test
async def test_what_is_no_room_name_is_refused(ann: Api) -> None:
    for room in NO_ROOMS:
        posted = await ann.post(NEW, {"room": room, "body": "x"})
        polled = await ann.post("/a/message/updates", {"room": room, "wait": "0"})
        assert posted.error == polled.error == (400, "room_invalid", "room"), ascii(room)


@pytest.mark.gen_test
async def test_a_repeated_client_id_returns_the_first_message_and_says_nothing_more(
    ann: Api,
) -> None:
    fields = {"room": "Tea", "body": "hello", "client_id": "c1"}
    first = await ann.post(NEW, fields)
    await ann.say("between", "tea")
    for again in (fields, fields | {"room": "tEA"}, fields | {"body": " hello\n"}):
        repeat = await ann.post(NEW, again)
        assert (first.status, repeat.status) == (201, 200)
        assert repeat.json == first.json
    assert bodies(await ann.history("tea")) == ["hello", "between"]


@pytest.mark.gen_test
async def test_a_deleted_message_that_is_posted_again_is_that_message(
    app: Chatroom, api: Api
) -> None:
    me = Visitor(Person(await api.sign_in("Ann"), "Ann"))
    fields = {"room": "7", "body": "hello", "client_id": "c1"}
    first = await api.post(NEW, fields)
    await app.chat.engine.act("7", Deletion(1), me)
    again = await api.post(NEW, fields)
    gone = {"body": "", "html": "", "deleted": True}
    assert (again.status, again.json) == (200, first.json | gone)


@pytest.mark.gen_test
async def test_twenty_posts_at_once_with_one_client_id_are_one_message(ann: Api) -> None:
    fields = {"room": "7", "body": "hello", "client_id": "c1"}
    replies = await asyncio.gather(*[ann.post(NEW, fields) for _ in range(20)])
    assert sorted(reply.status for reply in replies) == [200] * 19 + [201]
    assert {reply.json["id"] for reply in replies} == {replies[0].json["id"]}
    assert bodies(await ann.history()) == ["hello"]


@pytest.mark.gen_test
async def test_a_client_id_that_stands_for_another_text_is_a_conflict(ann: Api) -> None:
    await ann.say("one", client_id="c1")
    reply = await ann.post(NEW, {"room": "7", "body": "two", "client_id": "c1"})
    assert reply.error[:2] == (409, "client_id_reused")
    assert bodies(await ann.history()) == ["one"]


@pytest.mark.gen_test
async def test_a_client_id_means_nothing_in_another_room_or_to_somebody_else(
    ann: Api, bob: Api
) -> None:
    said = [
        await ann.say("one", "7", client_id="c1"),
        await ann.say("two", "8", client_id="c1"),
        await bob.say("three", "7", client_id="c1"),
        await ann.say("four", "7", client_id="C1"),
    ]
    assert [message["body"] for message in said] == ["one", "two", "three", "four"]


@pytest.mark.gen_test
async def test_a_client_id_is_remembered_after_a_restart_and_under_another_name(
    site: Site,
) -> None:
    api = site.api()
    await api.sign_in()
    first = await api.say("hello", client_id="c1")
    await api.post("/a/session", {"name": "Anna"})
    await site.restart()
    reply = await api.post(NEW, {"room": "7", "body": "hello", "client_id": "c1"})
    assert (reply.status, reply.json) == (200, first)
    other = await api.post(NEW, {"room": "7", "body": "bye", "client_id": "c1"})
    assert other.error[:2] == (409, "client_id_reused")


@pytest.mark.gen_test
async def test_a_client_id_is_up_to_64_printable_ascii_characters(ann: Api) -> None:
    for client_id in ("~", "a b", "x" * 64, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}"):
        assert (await ann.say("hello", client_id=client_id))["client_id"] == client_id


@pytest.mark.gen_test
async def test_any_other_client_id_is_refused(ann: Api) -> None:
    for client_id in ("x" * 65, "é", "a\n", "\x7f", "\0", "\t"):
        reply = await ann.post(NEW, {"room": "7", "body": "x", "client_id": client_id})
        assert reply.error == (400, "client_id_invalid", "client_id")
    assert offset(await ann.standing()) == 0


@pytest.mark.gen_test
async def test_json_says_the_same_as_a_form_and_may_hold_numbers(ann: Api) -> None:
    reply = await ann.post_json(NEW, b'{"room": 7, "body": "hello", "client_id": null}')
    assert (reply.status, reply.json["room"], reply.json["client_id"]) == (201, "7", None)


@pytest.mark.gen_test
async def test_a_post_reads_its_body_and_never_its_query_string(ann: Api) -> None:
    reply = await ann.post(f"{NEW}?body=query&room=8", {"room": "7", "other": "ignored"})
    assert reply.error == (400, "message_empty", "body")


@pytest.mark.gen_test
async def test_only_somebody_with_a_session_speaks(new_api: Callable[[], Api]) -> None:
    fields: dict[str, Any] = {"room": "7", "body": "hello"}
    nobody, stranger = new_api(), new_api()
    stranger.token = "never-given"
    for api in (nobody, stranger):
        assert (await api.post(NEW, fields)).error[:2] == (401, "not_signed_in")
    assert offset(await nobody.standing()) == 0


@pytest.mark.gen_test
async def test_what_one_person_wrote_is_never_said_by_another(ann: Api, bob: Api) -> None:
    said = await ann.say("hello", "7")
    mine = {"room": "7", "body": "mine", "person": said["author"]["id"]}
    assert (await bob.post(NEW, mine)).error[:2] == (401, "somebody_else")
    assert (await ann.post(NEW, mine)).status == 201
    assert bodies(await ann.history()) == ["hello", "mine"]


@pytest.mark.gen_test
async def test_a_form_that_names_a_next_path_is_sent_there(ann: Api) -> None:
    fields = {"room": "7", "body": "hello", "client_id": "c1", "next": "/room/7?before=a-1#end"}
    for _ in ("first", "repeat"):
        reply = await ann.post(NEW, fields)
        assert reply.status == 303
        assert reply.response.headers["Location"] == fields["next"]
    assert bodies(await ann.history()) == ["hello"]
