"""Polls that also want to know of changes of what is their reader's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.deed import Membership, Role
from chatroom.people import Person, Visitor
from tests.api import Api
from tests.handlers.site import Site

UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]


async def person_of(app: Chatroom, api: Api) -> Person:
    """Whose session it is."""
    person = await app.sessions.person(api.token or "")
    assert person is not None
    return person


@pytest.fixture
def phone(app: Chatroom, ann: Api, new_api: Callable[[], Api], io_loop: Any) -> Api:
    """One more session of Ann's."""

    async def sign_in() -> Api:
        api = new_api()
        api.token = await app.sessions.open_for(await person_of(app, ann))
        return api

    made: Api = io_loop.run_sync(sign_in)
    return made


async def version(api: Api) -> str:
    return str((await api.get("/a/rooms")).json["me"])


async def read(api: Api, message: Any) -> Any:
    return (await api.post("/a/room/7/read", {"id": message["id"]})).json


def poll(api: Api, cursor: str, me: str) -> asyncio.Task[Any]:
    """A poll of room 7 that is held if there is nothing to tell."""
    fields = {"room": "7", "cursor": cursor, "me": me}
    return asyncio.create_task(api.updates(fields, headers={"Connection": "keep-alive"}))


@pytest.mark.gen_test
async def test_another_version_is_told_at_once_and_the_newest_is_held(
    ann: Api, bob: Api, held: Held
) -> None:
    at = (await bob.say("hello"))["id"]
    newest = await version(ann)
    for old in ("", "x", "k3f9-1", f"{newest}0"):
        told = await poll(ann, at, old)
        assert told == {"messages": [], "cursors": {"7": at}, "me": newest}
    for _ in range(3):
        waiting = poll(ann, at, newest)
        await held(1)
        message = await bob.say("news")
        at = message["id"]
        assert await waiting == {"messages": [message], "cursors": {"7": at}}


@pytest.mark.gen_test
async def test_what_is_owed_comes_with_another_version(ann: Api, bob: Api) -> None:
    first, second = await bob.say("one"), await bob.say("two")
    told = await poll(ann, first["id"], "old")
    newest = await version(ann)
    assert told == {"messages": [second], "cursors": {"7": second["id"]}, "me": newest}
    old = await poll(ann, first["id"].replace("-1", "-0"), newest)
    assert old == {"messages": [first, second], "cursors": {"7": second["id"]}}


@pytest.mark.gen_test
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_reading_on_one_device_ends_the_poll_of_the_other(
    ann: Api, phone: Api, bob: Api, held: Held, times: int
) -> None:
    me = await version(ann)
    for _ in range(times):  # later ones go the short way
        message = await bob.say("hello")
        waiting = poll(phone, message["id"], me)
        await held(1)
        told = await read(ann, message)
        assert told["was"] == me
        me = told["me"]
        assert await waiting == {"messages": [], "cursors": {"7": message["id"]}, "me": me}
        await held(0)


@pytest.mark.gen_test
async def test_reading_ends_the_polls_of_the_same_session_too(
    ann: Api, bob: Api, held: Held
) -> None:
    message = await bob.say("hello")
    me = await version(ann)
    polls = [poll(ann, message["id"], me) for _ in range(2)]
    await held(2)
    newest = (await read(ann, message))["me"]
    for waiting in polls:
        assert (await waiting)["me"] == newest


@pytest.mark.gen_test
async def test_somebody_else_s_reading_ends_nothing(ann: Api, bob: Api, held: Held) -> None:
    message = await bob.say("hello")
    waiting = poll(ann, message["id"], await version(ann))
    await held(1)
    await read(bob, message)
    await held(1)
    news = await bob.say("news")
    assert (await waiting)["messages"] == [news]


@pytest.mark.gen_test
async def test_a_poll_that_does_not_care_is_not_ended(
    ann: Api, phone: Api, bob: Api, held: Held
) -> None:
    message = await bob.say("hello")
    fields = {"room": "7", "cursor": message["id"]}
    polls = [asyncio.create_task(it.updates(fields)) for it in (phone, phone)]
    await held(2)
    await read(ann, message)
    await held(2)
    news = await bob.say("news")
    for waiting in polls:
        assert await waiting == {"messages": [news], "cursors": {"7": news["id"]}}


@pytest.mark.gen_test
async def test_who_becomes_a_member_is_told(ann: Api, bob: Api, app: Chatroom, held: Held) -> None:
    await bob.say("mine", "tea")
    message = await bob.say("hello")
    me = await version(ann)
    waiting = poll(ann, message["id"], me)
    await held(1)
    owner = Visitor(await person_of(app, bob))
    await app.chat.engine.act("tea", Membership(await person_of(app, ann), Role.MEMBER), owner)
    newest = (await waiting)["me"]
    assert newest != me
    told = (await ann.get("/a/rooms")).json
    assert (told["me"], [it["room"] for it in told["rooms"]]) == (newest, ["tea"])


@pytest.mark.gen_test
async def test_nobody_has_no_version(api: Api, bob: Api, held: Held) -> None:
    message = await bob.say("hello")
    for _ in range(2):
        waiting = poll(api, message["id"], "x")
        await held(1)
        message = await bob.say("news")
        assert await waiting == {"messages": [message], "cursors": {"7": message["id"]}}


@pytest.mark.gen_test
async def test_a_room_that_is_not_mine_is_not_found_whatever_the_version(ann: Api) -> None:
    reply = await ann.post(UPDATES, {"room": "private-x", "wait": "0", "me": "old"})
    assert reply.error[:2] == (404, "not_found")


@pytest.mark.gen_test
async def test_a_change_while_the_room_is_read_from_the_disk_is_not_missed(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await version(ann)
    person = await person_of(app, ann)
    tail = app.chat.engine.tail

    async def slow(room: str, limit: int) -> Any:
        app.parts.marks.changed(person.id)
        return await tail(room, limit)

    monkeypatch.setattr(app.chat.engine, "tail", slow)
    told = await ann.updates({"room": "cold", "me": me})
    assert told["me"] == await version(ann) != me
    assert app.holds.held == 0


@pytest.mark.gen_test
async def test_a_poll_that_is_left_is_forgotten(
    ann: Api, bob: Api, app: Chatroom, held: Held
) -> None:
    message = await bob.say("hello")
    me = await version(ann)
    body = f"room=7&cursor={message['id']}&me={me}".encode()
    head = (
        f"POST {UPDATES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ann.token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with ann.connected() as (_, writer):
        writer.write(head.encode() + body)
        await held(1)
        assert app.parts.marks._held
    await held(0)
    assert not app.parts.marks._held


@pytest.mark.gen_test
async def test_after_a_restart_every_version_is_another_one(site: Site) -> None:
    api = site.api()
    await api.sign_in()
    before = await version(api)
    await site.restart()
    told = await api.updates({"room": "7", "me": before})
    assert told["me"] == await version(api) != before
