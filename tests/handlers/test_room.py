"""/a/room/ROOM: how a room is run, changing that, taking back what was said, and the audit."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from tests.api import Api, offset
from tests.conftest import Clock

FRESH = {
    "title": "",
    "topic": "",
    "access": "open",
    "direct": False,
    "slow": 0,
    "read_only": False,
    "closed": False,
    "keep_days": 0,
    "keep_messages": 0,
}


def _text(value: object) -> str:
    """As a form sends it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def kinds(page: Any) -> list[str]:
    """The kinds of its entries, or of its acts."""
    return [it["kind"] for it in page.get("messages", page.get("acts"))]


@pytest.mark.gen_test
async def test_a_room_in_which_nobody_has_spoken_is_open_to_everybody(api: Api) -> None:
    told = await api.room("nowhere")
    cursor = told.pop("cursor")
    assert offset(cursor) == 0
    assert told == FRESH | {"room": "nowhere", "power": "reader", "muted": False, "members": []}


@pytest.mark.gen_test
async def test_a_named_room_belongs_to_whoever_spoke_first(ann: Api, bob: Api, tea: str) -> None:
    told = await ann.room(tea)
    assert told["power"] == "owner"
    assert told["members"] == [{"id": ann.id, "name": "Ann", "role": "owner"}]
    assert offset(told["cursor"]) == 1
    assert (await bob.room(tea))["power"] == "reader"


@pytest.mark.gen_test
async def test_a_numbered_room_belongs_to_the_administrators(ann: Api, root: Api) -> None:
    await ann.say("hello", "7")
    assert (await ann.room("7"))["power"] == "reader"
    assert (await root.room("7"))["power"] == "administrator"
    assert (await root.run("7", title="Lobby"))["title"] == "Lobby"


@pytest.mark.gen_test
async def test_an_owner_changes_everything_and_it_is_one_entry_of_the_log(
    ann: Api, bob: Api, tea: str
) -> None:
    before = await ann.standing(tea)
    wanted = {
        "title": "Tea house 茶馆",
        "topic": "Green, black, white",
        "slow": 5,
        "read_only": True,
        "closed": False,
        "keep_days": 30,
        "keep_messages": 1000,
    }
    reply = await ann.do("", tea, **{it: _text(to) for it, to in wanted.items()})
    assert reply.status == 200
    told = await bob.room(tea)
    assert {it: told[it] for it in wanted} == wanted
    del wanted["closed"]
    (entry,) = (await ann.since(before, tea))["messages"]
    assert entry["id"] == reply.json["id"] == told["cursor"]
    assert (entry["kind"], entry["author"]["name"]) == ("room", "Ann")
    assert {it: entry[it] for it in wanted} == wanted
    assert not entry.keys() & {"access", "closed"}  # which are as they were


@pytest.mark.gen_test
async def test_what_changes_nothing_is_no_entry(ann: Api, tea: str) -> None:
    assert (await ann.do("", tea)).json == {"id": None}
    assert (await ann.do("", tea, title="", slow="0", closed="0")).json == {"id": None}
    assert (await ann.do("", tea, slow="")).json == {"id": None}
    assert offset(await ann.standing(tea)) == 1


@pytest.mark.gen_test
async def test_json_changes_as_well(ann: Api, tea: str) -> None:
    reply = await ann.post_json(f"/a/room/{tea}", b'{"title": "T", "read_only": true, "slow": 3}')
    assert reply.status == 200
    told = await ann.room(tea)
    assert (told["title"], told["read_only"], told["slow"]) == ("T", True, 3)


@pytest.mark.gen_test
async def test_a_moderator_changes_what_is_not_the_owners(ann: Api, bob: Api, tea: str) -> None:
    await ann.do("member", tea, person=bob.id, role="moderator")
    assert (await bob.run(tea, title="Bob's", topic="t", slow="1", read_only="1"))["slow"] == 1
    for field, value in [
        *(("closed", "1"), ("access", "private"), ("keep_days", "1"), ("keep_messages", "9")),
        ("password", "correct horse battery"),
    ]:
        assert (await bob.do("", tea, **{field: value})).error[:2] == (403, "not_allowed"), field


@pytest.mark.gen_test
async def test_who_is_nobody_in_a_room_changes_nothing(ann: Api, bob: Api, tea: str) -> None:
    assert (await bob.do("", tea, title="x")).error == (403, "not_allowed", None)
    await ann.do("member", tea, person=bob.id, role="member")
    assert (await bob.do("", tea, title="x")).error == (403, "not_allowed", None)
    assert (await bob.do("", "nowhere", title="x")).error == (403, "not_allowed", None)


@pytest.mark.gen_test
async def test_who_has_no_session_changes_nothing(api: Api, tea: str) -> None:
    calls = ["", "delete", "member", "leave", "bar", "invitation", "join"]
    fields = {"id": "k3f9q2ab-1", "person": "x", "role": "member", "act": "ban", "token": "x"}
    fields["id"] = (await api.room(tea))["cursor"]
    for call in calls:
        assert (await api.do(call, tea, **fields)).error[:2] == (401, "not_signed_in"), call
    assert (await api.post("/a/private", {"person": "x"})).error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_what_a_field_may_not_hold_is_refused_by_name(ann: Api, tea: str) -> None:
    wrong = [
        *(("title", "x" * 81, "room_text_invalid"), ("topic", "x" * 301, "room_text_invalid")),
        *(("title", "a\nb\0", "room_text_invalid"), ("title", "a\u202eb", "room_text_invalid")),
        *(("slow", "3601", "number_invalid"), ("slow", "-1", "number_invalid")),
        *(("keep_days", "36501", "number_invalid"), ("keep_messages", "x", "number_invalid")),
        *(("read_only", "maybe", "choice_invalid"), ("closed", "2", "choice_invalid")),
        *(("access", "public", "choice_invalid"), ("access", "OPEN", "choice_invalid")),
    ]
    for field, value, code in wrong:
        assert (await ann.do("", tea, **{field: value})).error == (400, code, field), value
    assert offset(await ann.standing(tea)) == 1


@pytest.mark.gen_test
async def test_a_title_is_one_line_in_nfc_and_may_be_cleared(ann: Api, tea: str) -> None:
    assert (await ann.run(tea, title="  Cafe\u0301 \n au\tlait "))["title"] == "Café au lait"
    assert (await ann.run(tea, title=""))["title"] == ""


@pytest.mark.gen_test
async def test_every_script_is_a_title_and_what_turns_the_text_is_none(ann: Api, tea: str) -> None:
    for title in ("茶馆", "مقهى", "चाय", "🫖", "Z" + "\u0351" * 20, "x" * 80, "界" * 80):
        assert (await ann.run(tea, title=title, topic=title))["title"] == title
    for it in ("\u202e", "\u2066", "\u200b", "\ufeff", "\0", "\x1b", "\ue000", "\U000e0041"):
        for field in ("title", "topic"):
            reply = await ann.do("", tea, **{field: f"a{it}b"})
            assert reply.error == (400, "room_text_invalid", field), ascii(it)
    reply = await ann.post_json(f"/a/room/{tea}", b'{"title": "\\ud800"}')
    assert reply.status == 400


@pytest.mark.gen_test
async def test_a_form_goes_on_to_next_and_nothing_is_done_if_that_leaves_the_site(
    ann: Api, tea: str
) -> None:
    reply = await ann.do("", tea, title="T", next=f"/room/{tea}/order")
    assert (reply.status, reply.response.headers["Location"]) == (303, f"/room/{tea}/order")
    for call in ("", "delete", "member", "leave", "bar", "join"):
        assert (await ann.do(call, tea, next="//evil.test/")).error == (400, "next_invalid", "next")
    reply = await ann.post("/a/private", {"next": "//evil.test/"})
    assert reply.error == (400, "next_invalid", "next")


@pytest.mark.gen_test
async def test_the_author_takes_back_what_they_said_and_it_is_gone_everywhere(
    ann: Api, bob: Api, tea: str
) -> None:
    secret = await bob.say("my password is hunter2", tea)
    reply = await bob.do("delete", tea, id=secret["id"])
    assert reply.status == 200
    history = await ann.history(tea)
    assert kinds(history) == ["message", "message", "deletion"]
    assert history["messages"][2]["target"] == secret["id"]
    assert history["messages"][2]["id"] == reply.json["id"]
    gone = history["messages"][1]
    assert (gone["body"], gone["html"], gone["deleted"]) == ("", "", True)
    assert (await bob.do("delete", tea, id=secret["id"])).json == {"id": None}


@pytest.mark.gen_test
async def test_a_moderator_deletes_what_anybody_said_and_nobody_else_does(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    said = await bob.say("rude", tea)
    assert (await cleo.do("delete", tea, id=said["id"])).error[:2] == (403, "not_allowed")
    assert (await ann.do("delete", tea, id=said["id"])).status == 200
    assert (await ann.history(tea))["messages"][1]["body"] == ""


@pytest.mark.gen_test
async def test_what_is_no_message_cannot_be_deleted(ann: Api, tea: str) -> None:
    changed = (await ann.do("", tea, title="T")).json["id"]
    ahead = changed.partition("-")[0] + "-99"
    for id_ in (changed, ahead):
        assert (await ann.do("delete", tea, id=id_)).error == (404, "not_found", "id")
    for id_ in ("", "x", "k3f9q2ab-1"):
        assert (await ann.do("delete", tea, id=id_)).error == (400, "cursor_invalid", "id")


@pytest.mark.gen_test
async def test_the_audit_tells_moderators_what_was_done_the_newest_first(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    said = await bob.say("rude", tea)
    await ann.do("", tea, title="T")
    await ann.do("member", tea, person=cleo.id, role="moderator")
    await cleo.do("delete", tea, id=said["id"])
    await cleo.do("bar", tea, person=bob.id, act="ban", minutes="5", address="1")
    reply = await cleo.get(f"/a/room/{tea}/audit")
    assert kinds(reply.json) == ["bar", "deletion", "member", "room"]
    assert not reply.json["more"]
    numbers = [it["number"] for it in reply.json["acts"]]
    assert numbers == sorted(numbers, reverse=True)
    assert reply.json["acts"][1]["author"] == {"id": cleo.id, "name": "Cleo"}
    assert reply.json["acts"][1]["target"] == said["id"]
    assert reply.json["acts"][2]["role"] == "moderator"
    assert "127.0.0.1" not in reply.text
    assert (await bob.get(f"/a/room/{tea}/audit")).error == (404, "not_found", "room")


@pytest.mark.gen_test
async def test_the_audit_is_read_page_by_page(ann: Api, tea: str) -> None:
    for n in range(5):
        await ann.do("", tea, title=str(n))
    seen: list[str] = []
    query, more = "?limit=2", True
    while more:
        page = (await ann.get(f"/a/room/{tea}/audit{query}")).json
        seen += [it["title"] for it in page["acts"]]
        query, more = f"?limit=2&before={page['acts'][-1]['number']}", page["more"]
    assert seen == ["4", "3", "2", "1", "0"]
    for query in ("limit=0", "limit=201", "before=0", "before=x"):
        field = query.partition("=")[0]
        reply = await ann.get(f"/a/room/{tea}/audit?{query}")
        assert reply.error == (400, "number_invalid", field)


@pytest.mark.gen_test
async def test_readers_and_members_may_not_read_the_audit(ann: Api, bob: Api, tea: str) -> None:
    assert (await bob.get(f"/a/room/{tea}/audit")).error == (403, "not_allowed", None)
    await ann.do("member", tea, person=bob.id, role="member")
    assert (await bob.get(f"/a/room/{tea}/audit")).error == (403, "not_allowed", None)


@pytest.mark.gen_test
async def test_reading_only_and_slow_rooms_tell_who_may_not_speak(
    ann: Api, bob: Api, tea: str, clock: Clock
) -> None:
    await ann.run(tea, slow="60")
    await bob.say("once", tea)
    reply = await bob.post("/a/message/new", {"room": tea, "body": "twice"})
    assert reply.error == (429, "slow_mode", None)
    assert 0 < int(reply.response.headers["Retry-After"]) <= 60
    await ann.say("moderators are not slow", tea)
    await ann.say("at all", tea)
    clock.now += 1_000_000
    said = (await ann.history(tea))["messages"]
    once = next(it["id"] for it in said if it.get("body") == "once")
    assert (await bob.do("edit", tea, id=once, body="once more")).status == 200
    reply = await bob.do("edit", tea, id=once, body="and again")
    assert reply.error == (429, "slow_mode", None)
    await ann.run(tea, read_only="1", slow="0")
    reply = await bob.post("/a/message/new", {"room": tea, "body": "x"})
    assert reply.error == (403, "room_read_only", None)
    await ann.say("owners speak", tea)


@pytest.mark.gen_test
async def test_administrators_run_every_room_but_private_ones(
    ann: Api, root: Api, tea: str, app: Chatroom
) -> None:
    assert (await root.run(tea, closed="1"))["power"] == "administrator"
    await ann.run(tea, closed="0", access="private")
    assert (await root.do("", tea, title="mine")).status == 404
    assert (await root.get(f"/a/room/{tea}")).status == 404
