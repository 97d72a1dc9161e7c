"""POST /a/private: conversations between people, which nobody else can see."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from chatroom.app import Chatroom
from chatroom.message import ROOM_LIMIT, room_from
from tests.api import Api, bodies

NO_ROOM = (404, "not_found", "room")
NOT_ALLOWED = (403, "not_allowed", None)


async def talk(founder: Api, *others: Api, **more: str) -> str:
    """The room of a new conversation."""
    reply = await founder.post("/a/private", {"person": [it.id for it in others]} | more)
    assert reply.status == 201, reply
    assert reply.json.keys() == {"room"}
    return str(reply.json["room"])


@pytest.mark.gen_test
async def test_two_always_meet_in_the_same_room(ann: Api, bob: Api, cleo: Api) -> None:
    room = await talk(ann, bob)
    assert room == room_from(room)
    assert len(room) == ROOM_LIMIT
    for one, other in ((ann, bob), (bob, ann)):
        reply = await one.post("/a/private", {"person": [other.id, other.id, one.id]})
        assert (reply.status, reply.json) == (200, {"room": room})
    assert await talk(ann, cleo) != room
    told = await bob.room(room)
    assert (told["direct"], told["access"], told["power"]) == (True, "private", "member")
    assert {it["name"]: it["role"] for it in told["members"]} == {"Ann": "member", "Bob": "member"}


@pytest.mark.gen_test
async def test_json_names_people_in_a_list(ann: Api, bob: Api, cleo: Api) -> None:
    body = f'{{"person": ["{bob.id}", "{cleo.id}"], "title": "Three"}}'.encode()
    reply = await ann.post_json("/a/private", body)
    assert reply.status == 201
    assert (await cleo.room(reply.json["room"]))["title"] == "Three"


@pytest.mark.gen_test
async def test_more_than_two_talk_in_a_new_room_each_time(ann: Api, bob: Api, cleo: Api) -> None:
    first = await talk(ann, bob, cleo, title="Trip to Köln")
    assert first == room_from(first)
    assert re.fullmatch(r"private-[0-9a-f]{32}", first)
    assert await talk(ann, bob, cleo) != first
    told = await bob.room(first)
    assert (told["title"], told["direct"], told["power"]) == ("Trip to Köln", False, "member")
    roles = {it["name"]: it["role"] for it in told["members"]}
    assert roles == {"Ann": "owner", "Bob": "member", "Cleo": "member"}


@pytest.mark.gen_test
async def test_they_talk_and_hear_each_other(ann: Api, bob: Api) -> None:
    room = await talk(ann, bob)
    cursor = await bob.standing(room)
    await ann.say("just us", room)
    assert bodies(await bob.since(cursor, room)) == ["just us"]
    await bob.say("yes", room)


@pytest.mark.gen_test
async def test_to_everybody_else_it_is_not_there_whatever_is_asked(
    ann: Api, bob: Api, cleo: Api, root: Api, api: Api
) -> None:
    """The same bytes as for a room that was never begun, with an old cursor too; administrators included."""
    direct, group = await talk(ann, bob), await talk(ann, bob, root)
    await root.do("leave", group)
    said = await ann.say("secret", direct)
    for stranger in (cleo, root, api):
        for room in (direct, group):
            for ask in _asks(said["id"], stranger):
                mine, none = await ask(room), await ask("private-none")
                assert mine.status == none.status, (room, mine)
                assert mine.status == 404 or stranger is api
                assert mine.response.body == none.response.body


def _asks(id_: str, who: Api) -> list[Callable[..., object]]:
    """Every call that names a room."""
    gets = ["", "/messages", f"/messages?after={id_}", f"/messages?before={id_}&limit=1", "/audit"]
    posts = {
        "": {"title": "x"},
        "delete": {"id": id_},
        "member": {"person": who.id, "role": "member"},
        "leave": {},
        "bar": {"person": who.id, "act": "ban"},
        "invitation": {},
        "join": {"token": "x"},
    }
    updates = [{"wait": "0"}, {"wait": "0", "cursor": id_}, {"cursor": id_}]
    new = "/a/message/new"
    return [
        *(lambda room, it=it: who.get(f"/a/room/{room}{it}") for it in gets),
        *(lambda room, it=it: who.do(it, room, **posts[it]) for it in posts),
        *(
            lambda room, it=it: who.post("/a/message/updates", {"room": room} | it)
            for it in updates
        ),
        lambda room: who.post(new, {"room": room, "body": "x"}),
        lambda room: who.post(
            "/a/message/updates",
            [("room", "7"), ("cursor", id_[:9] + "0"), ("room", room), ("cursor", id_)],
        ),
    ]


@pytest.mark.gen_test
async def test_a_conversation_of_two_is_nobody_elses_and_stays_as_it_is(
    ann: Api, bob: Api, cleo: Api
) -> None:
    room = await talk(ann, bob)
    for call, fields in [
        ("", {"title": "ours"}),
        ("", {"access": "open"}),
        ("", {"password": "correct horse battery"}),
        ("leave", {}),
        ("member", {"person": cleo.id, "role": "member"}),
        ("member", {"person": bob.id, "role": "none"}),
        ("member", {"person": bob.id, "role": "moderator"}),
        ("bar", {"person": bob.id, "act": "kick"}),
        ("bar", {"person": bob.id, "act": "mute"}),
        ("invitation", {}),
    ]:
        assert (await ann.do(call, room, **fields)).error == NOT_ALLOWED, (call, fields)
    assert (await ann.get(f"/a/room/{room}/audit")).error == NOT_ALLOWED


@pytest.mark.gen_test
async def test_each_deletes_their_own_words_and_not_the_others(ann: Api, bob: Api) -> None:
    room = await talk(ann, bob)
    said = await ann.say("oops", room)
    assert (await bob.do("delete", room, id=said["id"])).error == NOT_ALLOWED
    assert (await ann.do("delete", room, id=said["id"])).status == 200


@pytest.mark.gen_test
async def test_a_group_has_an_owner_who_runs_it_but_never_opens_it(
    ann: Api, bob: Api, cleo: Api
) -> None:
    room = await talk(ann, bob, cleo)
    assert (await ann.run(room, title="Trip", read_only="1"))["title"] == "Trip"
    assert (await bob.do("", room, title="x")).error == NOT_ALLOWED
    for fields in ({"access": "open"}, {"access": "password", "password": "correct horse staple"}):
        assert (await ann.do("", room, **fields)).error == NOT_ALLOWED
    assert (await cleo.do("", "private-none", access="open")).error == NO_ROOM
    assert (await cleo.do("leave", room)).status == 200
    assert (await cleo.get(f"/a/room/{room}")).error == NO_ROOM


@pytest.mark.gen_test
async def test_a_member_of_a_group_brings_others_in(
    ann: Api, bob: Api, cleo: Api, root: Api
) -> None:
    room = await talk(ann, bob, cleo)
    assert (await bob.do("member", room, person=root.id, role="member")).status == 200
    assert (await root.room(room))["power"] == "member"


@pytest.mark.gen_test
async def test_one_to_a_hundred_other_people_and_only_such_as_there_are(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    crowd = [(await app.sessions.open(f"p{n}"))[1].id for n in range(101)]
    for people in ([], [ann.id], crowd):
        reply = await ann.post("/a/private", {"person": people})
        assert reply.error == (400, "people_invalid", "person")
    for people in (["nobody"], [bob.id, "nobody"], ["0"], [""]):
        reply = await ann.post("/a/private", {"person": people})
        assert reply.error == (404, "not_found", "person"), people
    reply = await ann.post("/a/private", {"person": crowd[:100]})
    assert reply.status == 201
    assert len((await ann.room(reply.json["room"]))["members"]) == 101


@pytest.mark.gen_test
async def test_a_title_that_cannot_be_one_is_refused_before_anything_is_begun(
    ann: Api, bob: Api, cleo: Api
) -> None:
    fields = {"person": [bob.id, cleo.id], "title": "x" * 81}
    reply = await ann.post("/a/private", fields)
    assert reply.error == (400, "room_text_invalid", "title")


@pytest.mark.gen_test
async def test_nobody_begins_one_by_talking(ann: Api) -> None:
    for room in ("private-1", "PRIVATE-x", "private-two-x", quote("private-茶")):
        reply = await ann.post("/a/message/new", {"room": room, "body": "x"})
        assert reply.status in (400, 404)
    assert (await ann.get("/a/room/private-x")).error == NO_ROOM


@pytest.mark.gen_test
async def test_a_browser_goes_to_the_conversation_or_on_to_next(ann: Api, bob: Api) -> None:
    for fields, place in [({}, r"/room/private-two-\w+"), ({"next": "/x"}, "/x")]:
        reply = await ann.post("/a/private", {"person": bob.id} | fields, {"Accept": "text/html"})
        assert reply.status == 303
        assert re.fullmatch(place, reply.response.headers["Location"])


@pytest.mark.gen_test
async def test_conversations_are_listed_at_the_entrance_of_their_members_only(
    ann: Api, bob: Api, new_api: Callable[[], Api]
) -> None:
    room = await talk(ann, bob)
    await ann.say("hello", room)
    assert room in (await ann.get("/")).text
    assert room not in (await new_api().get("/")).text
