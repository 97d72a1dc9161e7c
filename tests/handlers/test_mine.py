"""What is somebody's own: their rooms with what is unread, where they have read, whom they ignore."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.deed import FOR_EVER, Access, AnyDeed, Bar, Change, Deletion
from chatroom.errors import Unavailable
from chatroom.people import Person, Visitor
from tests.api import Api, offset

ROOMS = "/a/rooms"


async def mine(api: Api) -> Any:
    """All that is theirs."""
    reply = await api.get(ROOMS)
    assert reply.status == 200, reply
    return reply.json


async def unread(api: Api) -> dict[str, tuple[int, int]]:
    """By room, what is unread and what of it speaks to them."""
    return {it["room"]: (it["unread"], it["mentions"]) for it in (await mine(api))["rooms"]}


async def read(api: Api, message: Any, room: str = "7") -> Any:
    """Have read up to that message."""
    id_ = message if isinstance(message, str) else message["id"]
    reply = await api.post(f"/a/room/{room}/read", {"id": id_})
    assert reply.status == 200, reply
    return reply.json


@pytest.mark.gen_test
async def test_a_room_is_mine_when_i_have_read_in_it(ann: Api, bob: Api) -> None:
    first = await bob.say("hello")
    assert (await mine(ann))["rooms"] == []
    await read(ann, first)
    second = await bob.say("hello @ann")
    told = await mine(ann)
    assert told == {
        "me": told["me"],
        "rooms": [
            {
                "room": "7",
                "title": "",
                "access": "open",
                "direct": False,
                "members": [],
                "cursor": second["id"],
                "read": first["id"],
                "unread": 1,
                "mentions": 1,
            }
        ],
        "ignored": [],
    }


@pytest.mark.gen_test
async def test_my_own_messages_deleted_ones_and_acts_are_not_counted(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    await read(ann, await bob.say("first", "tea"), "tea")
    await bob.say("counts", "tea")
    gone = await bob.say("@ann", "tea")
    await ann.say("mine", "tea")
    assert await unread(ann) == {"tea": (2, 1)}
    await act(app, bob, Deletion(offset(gone)))
    assert await unread(ann) == {"tea": (1, 0)}


@pytest.mark.gen_test
async def test_reading_says_the_version_since_and_the_one_before(ann: Api, bob: Api) -> None:
    before = (await mine(ann))["me"]
    message = await bob.say("hello")
    told = await read(ann, message)
    assert told == {"me": (await mine(ann))["me"], "was": before}
    assert told["me"] != before


@pytest.mark.gen_test
async def test_what_was_read_before_changes_nothing(ann: Api, bob: Api) -> None:
    messages = [await bob.say("hello") for _ in range(3)]
    await read(ann, messages[1])
    version = (await mine(ann))["me"]
    for older in (messages[1], messages[0], messages[0]["id"].replace("-1", "-0")):
        assert await read(ann, older) == {"me": version, "was": version}
    assert await unread(ann) == {"7": (1, 0)}


@pytest.mark.gen_test
async def test_nobody_reads_beyond_the_head(ann: Api, bob: Api) -> None:
    message = await bob.say("hello")
    await read(ann, message["id"].replace("-1", "-999"))
    (room,) = (await mine(ann))["rooms"]
    assert room["read"] == room["cursor"] == message["id"]


@pytest.mark.gen_test
async def test_an_id_that_is_none_or_of_another_epoch_is_refused(ann: Api) -> None:
    for id_ in ("", "x", "aaaaaaaa-1"):
        reply = await ann.post("/a/room/7/read", {"id": id_})
        assert reply.error == (400, "cursor_invalid", "id")


@pytest.mark.gen_test
async def test_nothing_is_noted_of_a_room_in_which_nothing_was_said(ann: Api, bob: Api) -> None:
    message = await bob.say("hello")
    await read(ann, message["id"], "nowhere")
    assert (await mine(ann))["rooms"] == []


@pytest.mark.gen_test
async def test_a_room_that_is_not_mine_any_more_is_neither_told_nor_read(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    message = await bob.say("hello", "tea")
    await read(ann, message, "tea")
    assert await unread(ann) == {"tea": (0, 0)}
    await act(app, bob, Bar(person=await person_of(app, ann), until=FOR_EVER))
    assert await unread(ann) == {}
    reply = await ann.post("/a/room/tea/read", {"id": message["id"]})
    missing = await ann.post("/a/room/private-none/read", {"id": message["id"]})
    assert reply.status == missing.status == 404
    assert reply.json == missing.json


@pytest.mark.gen_test
async def test_a_room_that_was_made_private_is_told_to_its_members_only(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    message = await bob.say("hello", "tea")
    for reader in (ann, bob):
        await read(reader, message, "tea")
    await act(app, bob, Change(title="Tea", access=Access.PRIVATE))
    assert await unread(ann) == {}
    (room,) = (await mine(bob))["rooms"]
    assert (room["access"], room["title"]) == ("private", "Tea")
    assert [it["name"] for it in room["members"]] == ["Bob"]


@pytest.mark.gen_test
async def test_who_is_ignored_is_told_and_not_counted(ann: Api, bob: Api) -> None:
    message = await bob.say("hello")
    await read(ann, message)
    await bob.say("noise @ann")
    before = (await mine(ann))["me"]
    path = f"/a/person/{message['author']['id']}/ignore"
    told = (await ann.post(path, {"on": "1"})).json
    assert told == {"me": (await mine(ann))["me"], "was": before}
    assert told["me"] != before
    assert (await mine(ann))["ignored"] == [message["author"]]
    assert await unread(ann) == {"7": (0, 0)}
    assert (await ann.post_json(path, b'{"on":false}')).status == 200
    assert (await mine(ann))["ignored"] == []
    assert await unread(ann) == {"7": (1, 1)}
    assert (await mine(bob))["ignored"] == []


@pytest.mark.gen_test
async def test_nobody_ignores_themselves_or_who_is_not_there_or_neither_nor(ann: Api) -> None:
    me = (await ann.say("hello"))["author"]["id"]
    for person in (me, "nobody"):
        reply = await ann.post(f"/a/person/{person}/ignore", {"on": "1"})
        assert reply.error == (404, "not_found", "person")
    for on in ("", "2", "yes"):
        reply = await ann.post(f"/a/person/{me}/ignore", {"on": on})
        assert reply.error == (400, "invalid", "on")


@pytest.mark.gen_test
async def test_nobody_has_nothing(api: Api) -> None:
    for reply in (
        await api.get(ROOMS),
        await api.post("/a/room/7/read", {"id": "x"}),
        await api.post("/a/person/x/ignore", {"on": "1"}),
    ):
        assert reply.error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_a_form_goes_on_to_where_it_wants(ann: Api, bob: Api) -> None:
    message = await bob.say("hello")
    author = message["author"]["id"]
    for path, fields in (
        ("/a/room/7/read", {"id": message["id"]}),
        (f"/a/person/{author}/ignore", {"on": "1"}),
    ):
        reply = await ann.post(path, fields | {"next": "/room/7"})
        assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7")
        assert (await ann.post(path, fields | {"next": "//evil.test"})).status == 400


@pytest.mark.gen_test
async def test_two_who_are_one_share_it_all(
    ann: Api, bob: Api, app: Chatroom, new_api: Callable[[], Api]
) -> None:
    phone = await device(app, ann, new_api())
    messages = [await bob.say(f"no. {number}") for number in range(3)]
    await asyncio.gather(read(ann, messages[0]), read(phone, messages[2]))
    assert await mine(ann) == await mine(phone)
    assert await unread(ann) == {"7": (0, 0)}


@pytest.mark.gen_test
async def test_the_entrance_lists_my_rooms_and_how_much_is_unread(
    ann: Api, bob: Api, api: Api
) -> None:
    await read(ann, await bob.say("first", "tea"), "tea")
    assert "My rooms" in (await ann.get("/")).text
    for _ in range(101):
        await bob.say("hello @ann", "tea")
    page = (await ann.get("/")).text
    assert '<a href="/room/tea">' in page
    assert ">99+<" in page
    assert "100 unread messages" in page
    assert "100 mention you" in page
    assert "unread message" not in (await bob.get("/")).text  # it is his, and only he has spoken
    assert "My rooms" not in (await api.get("/")).text


@pytest.mark.gen_test
@pytest.mark.parametrize("asked", ["readings", "session"])
async def test_the_entrance_stays_open_where_nothing_can_be_read(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    async def unreadable(*_: object) -> None:
        raise Unavailable

    app.sessions.refresh(ann.id)
    monkeypatch.setattr(app.chat.engine.people, asked, unreadable)
    assert (await ann.get("/")).status == 200


@pytest.mark.gen_test
async def test_a_conversation_is_called_by_who_else_is_in_it(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    founder, other = [await person_of(app, it) for it in (ann, bob)]
    assert await app.chat.engine.begin("private-two-x", founder, [other.id])
    assert "<bdi>Bob</bdi>" in (await ann.get("/")).text
    assert "<bdi>Ann</bdi>" in (await bob.get("/")).text


async def person_of(app: Chatroom, api: Api) -> Person:
    """Whose session it is."""
    person = await app.sessions.person(api.token or "")
    assert person is not None
    return person


async def device(app: Chatroom, whose: Api, api: Api) -> Api:
    """One more session of the same person."""
    api.token = await app.sessions.open_for(await person_of(app, whose))
    return api


async def act(app: Chatroom, owner: Api, deed: AnyDeed) -> None:
    """Let the owner of "tea" do that there."""
    await app.chat.engine.act("tea", deed, Visitor(await person_of(app, owner)))
