"""/a/room/ROOM/member, leave, bar: roles, and who is kept out or silent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.conduct import KICK_MINUTES
from chatroom.deed import Role
from chatroom.engines.sqlite import SqliteEngine
from chatroom.order import PEOPLE_LIMIT, Order
from tests.api import Api, Reply
from tests.conftest import Clock

MINUTE = 1 / 1440  # days
NOT_ALLOWED = (403, "not_allowed", None)
NO_ROOM = (404, "not_found", "room")


async def roles(api: Api, room: str = "tea") -> dict[str, str]:
    """Who is what, by name."""
    return {it["name"]: it["role"] for it in (await api.room(room))["members"]}


async def speaks(api: Api, room: str = "tea") -> Reply:
    """What comes of saying something."""
    return await api.post("/a/message/new", {"room": room, "body": "hello"})


async def last_act(api: Api, room: str = "tea") -> Any:
    """The newest entry."""
    return (await api.history(room, limit="1"))["messages"][0]


@pytest.mark.gen_test
async def test_an_owner_gives_and_takes_roles(ann: Api, bob: Api, tea: str) -> None:
    for role in ("moderator", "member", "moderator"):
        reply = await ann.do("member", tea, person=bob.id, role=role)
        told = await last_act(ann)
        assert reply.json == {"id": told["id"]}
        assert (told["kind"], told["role"]) == ("member", role)
        assert told["person"] == {"id": bob.id, "name": "Bob"}
        assert await roles(ann) == {"Ann": "owner", "Bob": role}
    await ann.do("member", tea, person=bob.id, role="none")
    assert (await last_act(ann))["role"] is None
    assert await roles(ann) == {"Ann": "owner"}
    assert (await ann.do("member", tea, person=bob.id, role="none")).json == {"id": None}


@pytest.mark.gen_test
async def test_who_makes_somebody_else_the_owner_is_a_moderator_then(
    ann: Api, bob: Api, tea: str
) -> None:
    await ann.do("member", tea, person=bob.id, role="owner")
    assert await roles(ann) == {"Ann": "moderator", "Bob": "owner"}
    assert (await ann.do("member", tea, person=bob.id, role="member")).error == NOT_ALLOWED
    assert (await bob.do("member", tea, person=ann.id, role="none")).status == 200


@pytest.mark.gen_test
async def test_a_moderator_makes_members_and_no_more(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.do("member", tea, person=bob.id, role="moderator")
    for role in ("moderator", "owner"):
        assert (await bob.do("member", tea, person=cleo.id, role=role)).error == NOT_ALLOWED
    assert (await bob.do("member", tea, person=cleo.id, role="member")).status == 200
    assert (await bob.do("member", tea, person=cleo.id, role="none")).status == 200
    for role in ("none", "member"):
        assert (await bob.do("member", tea, person=ann.id, role=role)).error == NOT_ALLOWED


@pytest.mark.gen_test
async def test_who_is_no_moderator_appoints_nobody_not_even_themselves(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    for who in (bob, cleo, ann):
        reply = await bob.do("member", tea, person=who.id, role="member")
        assert reply.error == NOT_ALLOWED
    await ann.do("member", tea, person=bob.id, role="member")
    assert (await bob.do("member", tea, person=bob.id, role="owner")).error == NOT_ALLOWED


@pytest.mark.gen_test
async def test_whoever_is_a_member_of_a_private_room_brings_others_in(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.run(tea, access="private")
    await ann.do("member", tea, person=bob.id, role="member")
    assert (await cleo.get("/a/room/tea")).error == NO_ROOM
    assert (await bob.do("member", tea, person=cleo.id, role="member")).status == 200
    assert (await cleo.room(tea))["power"] == "member"
    assert (await bob.do("member", tea, person=cleo.id, role="none")).error == NOT_ALLOWED


@pytest.mark.gen_test
async def test_what_is_no_role_act_number_or_person_is_refused(ann: Api, tea: str) -> None:
    wrong = [
        ("member", {"role": "king"}, (400, "choice_invalid", "role")),
        ("member", {}, (400, "choice_invalid", "role")),
        ("member", {"role": "member", "person": "nobody"}, (404, "not_found", "person")),
        ("member", {"role": "member", "person": "0"}, (404, "not_found", "person")),
        ("member", {"role": "member"}, (404, "not_found", "person")),
        ("bar", {"act": "curse"}, (400, "choice_invalid", "act")),
        ("bar", {}, (400, "choice_invalid", "act")),
        ("bar", {"act": "ban", "minutes": "-1"}, (400, "number_invalid", "minutes")),
        ("bar", {"act": "ban", "minutes": "5256001"}, (400, "number_invalid", "minutes")),
        ("bar", {"act": "ban", "address": "x"}, (400, "choice_invalid", "address")),
        ("bar", {"act": "ban", "person": "nobody"}, (404, "not_found", "person")),
    ]
    for call, fields, error in wrong:
        assert (await ann.do(call, tea, **fields)).error == error, (call, fields)


@pytest.mark.gen_test
async def test_whoever_is_a_member_leaves_but_the_owner_stays(ann: Api, bob: Api, tea: str) -> None:
    assert (await bob.do("leave", tea)).error == NOT_ALLOWED
    await ann.do("member", tea, person=bob.id, role="moderator")
    assert (await bob.do("leave", tea)).status == 200
    assert await roles(ann) == {"Ann": "owner"}
    assert (await ann.do("leave", tea)).error == (409, "owner_stays", None)
    for role in ("none", "member"):
        reply = await ann.do("member", tea, person=ann.id, role=role)
        assert reply.error == (409, "owner_stays", None)


@pytest.mark.gen_test
async def test_who_is_kicked_out_of_an_open_room_stays_out_for_ten_minutes(
    ann: Api, bob: Api, tea: str, clock: Clock
) -> None:
    assert KICK_MINUTES == 10
    reply = await ann.do("bar", tea, person=bob.id, act="kick")
    told = await last_act(ann)
    assert reply.json == {"id": told["id"], "address": False}
    assert (told["kind"], told["mute"]) == ("bar", False)
    assert told["person"] == {"id": bob.id, "name": "Bob"}
    assert (await speaks(bob)).error == NO_ROOM
    clock.forward(9 * MINUTE)
    assert (await speaks(bob)).error == NO_ROOM
    clock.forward(1.01 * MINUTE)
    assert (await speaks(bob)).status == 201


@pytest.mark.gen_test
async def test_who_is_kicked_out_of_a_private_room_is_no_member_any_more(
    ann: Api, bob: Api, tea: str, clock: Clock
) -> None:
    await ann.do("member", tea, person=bob.id, role="member")
    await ann.run(tea, access="private")
    assert (await bob.room(tea))["power"] == "member"
    await ann.do("bar", tea, person=bob.id, act="kick", address="1")
    assert (await last_act(ann))["kind"] == "member"
    clock.forward(days=1)
    assert (await bob.get("/a/room/tea")).error == NO_ROOM


@pytest.mark.gen_test
async def test_a_ban_holds_for_its_minutes_or_for_ever_and_can_be_lifted(
    ann: Api, bob: Api, tea: str, clock: Clock
) -> None:
    await ann.do("bar", tea, person=bob.id, act="ban", minutes="60")
    assert (await last_act(ann))["until"] == "2023-11-14T23:13:20.000Z"
    clock.forward(59 * MINUTE)
    assert (await speaks(bob)).error == NO_ROOM
    clock.forward(1.01 * MINUTE)
    assert (await speaks(bob)).status == 201
    await ann.do("bar", tea, person=bob.id, act="ban")
    assert (await last_act(ann))["until"] is None
    clock.forward(days=20)
    assert (await speaks(bob)).error == NO_ROOM


@pytest.mark.gen_test
async def test_a_ban_that_is_lifted_is_over_and_lifting_again_is_nothing(
    ann: Api, bob: Api, tea: str
) -> None:
    await ann.do("bar", tea, person=bob.id, act="ban")
    await ann.do("bar", tea, person=bob.id, act="mute")
    assert (await speaks(bob)).error == NO_ROOM
    reply = await ann.do("bar", tea, person=bob.id, act="lift")
    assert reply.json["id"] == (await last_act(ann))["id"]
    told = (await ann.history(tea, limit="2"))["messages"]
    assert [(it["mute"], it["until"][:4]) for it in told] == [(False, "1970"), (True, "1970")]
    assert (await speaks(bob)).status == 201
    reply = await ann.do("bar", tea, person=bob.id, act="lift")
    assert reply.json == {"id": None, "address": False}


@pytest.mark.gen_test
async def test_who_is_muted_reads_and_does_not_speak(
    ann: Api, bob: Api, tea: str, clock: Clock
) -> None:
    await ann.do("bar", tea, person=bob.id, act="mute", minutes="5")
    assert (await speaks(bob)).error == (403, "muted", None)
    assert (await bob.room(tea))["muted"]
    assert not (await ann.room(tea))["muted"]
    assert (await bob.history(tea))["messages"]
    clock.forward(5.01 * MINUTE)
    assert (await speaks(bob)).status == 201
    assert not (await bob.room(tea))["muted"]


@pytest.mark.gen_test
async def test_nobody_judges_themselves_or_who_is_as_much(
    ann: Api, bob: Api, cleo: Api, root: Api, tea: str
) -> None:
    for who in (bob, cleo):
        await ann.do("member", tea, person=who.id, role="moderator")
    for act in ("kick", "ban", "mute", "lift"):
        for whom in (ann, bob, cleo):
            reply = await bob.do("bar", tea, person=whom.id, act=act)
            assert reply.error == NOT_ALLOWED, (act, whom.id)
    assert (await root.do("bar", tea, person=ann.id, act="mute")).status == 200
    assert (await ann.do("bar", tea, person=bob.id, act="ban")).status == 200
    assert (await bob.get("/a/room/tea")).error == NO_ROOM


@pytest.mark.gen_test
async def test_who_is_no_moderator_judges_nobody(ann: Api, bob: Api, cleo: Api, tea: str) -> None:
    for act in ("kick", "ban", "mute", "lift"):
        reply = await bob.do("bar", tea, person=cleo.id, act=act)
        assert reply.error == NOT_ALLOWED


@pytest.mark.gen_test
async def test_with_their_address_whoever_comes_from_there_is_kept_out_but_who_has_a_role(
    ann: Api, bob: Api, cleo: Api, api: Api, tea: str
) -> None:
    await ann.do("member", tea, person=cleo.id, role="member")
    await bob.room(tea)
    reply = await ann.do("bar", tea, person=bob.id, act="ban", address="1")
    assert reply.json["address"] is True
    for whom in (bob, api):
        assert (await whom.get("/a/room/tea")).error == NO_ROOM
    for whom in (ann, cleo):
        assert (await whom.room(tea))["title"] == ""
    audit = (await ann.get(f"/a/room/{tea}/audit")).text
    assert "127.0.0.1" not in audit + str(await ann.history(tea)) + str(await ann.room(tea))
    await ann.do("bar", tea, person=bob.id, act="lift")
    assert (await api.get("/a/room/tea")).status == 200


@pytest.mark.gen_test
async def test_where_an_address_is_not_known_only_the_person_is_kept_out_and_that_is_said(
    ann: Api, bob: Api, api: Api, tea: str, app: Chatroom
) -> None:
    app.sessions.refresh(bob.id)  # nothing is in memory of him
    reply = await ann.do("bar", tea, person=bob.id, act="ban", address="1")
    assert reply.status == 200
    assert reply.json["address"] is False
    assert (await bob.get("/a/room/tea")).error == NO_ROOM
    assert (await api.get("/a/room/tea")).status == 200


@pytest.mark.gen_test
async def test_a_mute_or_nothing_asked_for_holds_for_no_address(
    ann: Api, bob: Api, api: Api, tea: str
) -> None:
    for fields in ({"act": "mute", "address": "1"}, {"act": "ban", "address": "0"}):
        reply = await ann.do("bar", tea, person=bob.id, **fields)
        assert reply.json["address"] is False
    assert (await api.get("/a/room/tea")).status == 200


@pytest.mark.gen_test
async def test_a_full_room_takes_nobody_more(
    ann: Api, bob: Api, tea: str, engine: SqliteEngine
) -> None:
    crowd = {f"p-{n}": Role.MEMBER for n in range(PEOPLE_LIMIT - 1)}
    full = msgspec.json.encode(Order(roles={ann.id: Role.OWNER} | crowd)).decode()
    await engine._store.execute('UPDATE rooms SET "order" = ?', full)
    reply = await ann.do("member", tea, person=bob.id, role="member")
    assert reply.error == (409, "room_full", None)
