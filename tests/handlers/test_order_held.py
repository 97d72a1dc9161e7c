"""S10: what is done to a room while polls are held in it. Who may not be there any more hears nothing from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatroom.engines.sqlite import SqliteEngine
from tests.api import Api, bodies
from tests.handlers.test_message_storage import busy_disk

Held = Callable[..., Awaitable[None]]
NO_ROOM = (404, "not_found", "room")


#: What puts Bob out of a room in which Cleo stays: the call, and its fields.
WAYS = {
    "kicked": ("bar", {"act": "kick"}),
    "banned": ("bar", {"act": "ban", "minutes": "1"}),
    "banned with his address": ("bar", {"act": "ban", "address": "1"}),
    "the room made private": ("", {"access": "private"}),
    "a password asked for": ("", {"password": "correct horse battery"}),
    "the room closed": ("", {"closed": "1"}),
    "kicked out of a private room": ("bar", {"act": "kick"}),
    "no member any more": ("member", {"role": "none"}),
}

each_way = pytest.mark.parametrize("way", WAYS)


async def prepare(way: str, ann: Api, bob: Api, cleo: Api) -> str:
    """The room as it is before; returns where everybody stands."""
    await ann.do("member", "tea", person=cleo.id, role="moderator")
    if way in ("kicked out of a private room", "no member any more"):
        await ann.do("member", "tea", person=bob.id, role="member")
        await ann.run("tea", access="private")
    await bob.say("I was here", "tea")
    return str(await ann.standing("tea"))


async def put_out(way: str, ann: Api, bob: Api) -> None:
    """Do that to Bob."""
    call, fields = WAYS[way]
    reply = await ann.do(call, "tea", person=bob.id, **fields)
    assert (reply.status, bool(reply.json["id"])) == (200, True), reply


@each_way
@pytest.mark.gen_test(timeout=10)
async def test_a_held_poll_ends_and_nothing_from_then_on_is_heard_by_any_way(  # noqa: PLR0913, PLR0917 - fixtures
    way: str, ann: Api, bob: Api, cleo: Api, tea: str, held: Held
) -> None:
    cursor = await prepare(way, ann, bob, cleo)
    asked = {"room": tea, "cursor": cursor}
    polls = [asyncio.create_task(it.updates(asked)) for it in (bob, cleo)]
    await held(2, tea)
    await put_out(way, ann, bob)
    mine = await polls[0]
    assert (mine["messages"], mine["cursors"]) == ([], {tea: cursor})
    await ann.say("after", tea)
    await nothing_is_there(bob, cursor)
    assert [it["kind"] for it in (await polls[1])["messages"]][:1] != ["message"]
    assert bodies_of_messages(await cleo.since(cursor, tea)) == ["after"]


def bodies_of_messages(update: Any) -> list[str]:
    """What was said."""
    return [it["body"] for it in update["messages"] if it["kind"] == "message"]


async def nothing_is_there(who: Api, cursor: str, room: str = "tea") -> None:
    """Not by an old cursor nor from now on, not with another room, not in the history, not for saying something."""
    start = cursor.partition("-")[0] + "-0"
    for fields in (
        [("room", room)],
        [("room", room), ("cursor", cursor)],
        [("room", room), ("cursor", cursor), ("wait", "0")],
        [("room", room), ("cursor", start)],
        [("room", "7"), ("cursor", start), ("room", room), ("cursor", cursor)],
    ):
        reply = await who.post("/a/message/updates", fields)
        assert reply.error == NO_ROOM, fields
    for query in ("", f"?after={cursor}", f"?before={cursor}&limit=1", "?limit=1"):
        reply = await who.get(f"/a/room/{room}/messages{query}")
        assert reply.error == NO_ROOM, query
    page = await who.get(f"/room/{room}", {"Accept": "text/html"})
    assert (page.status, "I was here" in page.text) == (404, False)
    reply = await who.post("/a/message/new", {"room": room, "body": "let me in"})
    assert reply.error == NO_ROOM


@each_way
@pytest.mark.gen_test(timeout=10)
async def test_what_is_said_in_the_moment_behind_it_is_not_heard(  # noqa: PLR0913, PLR0917 - fixtures
    way: str,
    ann: Api,
    bob: Api,
    cleo: Api,
    tea: str,
    held: Held,
    engine: SqliteEngine,
) -> None:
    """The act and what follows are stored in one transaction, and delivered in one turn of the loop."""
    cursor = await prepare(way, ann, bob, cleo)
    asked = {"room": tea, "cursor": cursor}
    polls = [asyncio.create_task(it.updates(asked)) for it in (bob, cleo)]
    await held(2, tea)
    queue = engine._store._writer._queue
    async with busy_disk(engine):
        out = asyncio.create_task(put_out(way, ann, bob))
        while queue.qsize() < 1:
            await asyncio.sleep(0)
        said = asyncio.create_task(cleo.say("behind it", tea))
        while queue.qsize() < 2:
            await asyncio.sleep(0)
    await asyncio.gather(out, said)
    assert (await polls[0])["messages"] == []
    assert bodies_of_messages(await polls[1]) == ["behind it"]
    await nothing_is_there(bob, cursor)


@pytest.mark.gen_test
async def test_who_is_muted_goes_on_hearing(ann: Api, bob: Api, tea: str, held: Held) -> None:
    cursor = await ann.standing(tea)
    poll = asyncio.create_task(bob.updates({"room": tea, "cursor": cursor}))
    await held(1, tea)
    await ann.do("bar", tea, person=bob.id, act="mute")
    update = await poll
    assert [it["kind"] for it in update["messages"]] == ["bar"]
    await ann.say("you may listen", tea)
    assert bodies(await bob.since(update["cursors"][tea], tea)) == ["you may listen"]
    reply = await bob.post("/a/message/new", {"room": tea, "body": "x"})
    assert reply.error == (403, "muted", None)


@pytest.mark.gen_test
async def test_who_watches_other_rooms_too_goes_on_without_the_one(
    ann: Api, bob: Api, tea: str, held: Held
) -> None:
    cursors = {"7": (await ann.say("hello"))["id"], tea: await ann.standing(tea)}
    fields = [("room", it) for it in cursors] + [("cursor", it) for it in cursors.values()]
    poll = asyncio.create_task(bob.updates(fields))
    await held(1, tea)
    await ann.do("bar", tea, person=bob.id, act="ban")
    assert (await poll)["messages"] == []
    poll = asyncio.create_task(bob.updates({"room": "7", "cursor": cursors["7"]}))
    await held(1, "7")
    await ann.say("still here")
    assert bodies(await poll) == ["still here"]


@pytest.mark.gen_test
async def test_who_is_let_in_again_has_missed_nothing_that_the_room_keeps(
    ann: Api, bob: Api, tea: str
) -> None:
    cursor = await bob.standing(tea)
    await ann.do("bar", tea, person=bob.id, act="ban")
    await ann.say("meanwhile", tea)
    await ann.do("bar", tea, person=bob.id, act="lift")
    assert bodies_of_messages(await bob.since(cursor, tea)) == ["meanwhile"]


@pytest.mark.gen_test
async def test_a_conversation_of_others_is_not_heard_however_the_poll_is_put(
    ann: Api, bob: Api, cleo: Api, held: Held
) -> None:
    room = (await ann.post("/a/private", {"person": bob.id})).json["room"]
    cursor = await bob.standing(room)
    poll = asyncio.create_task(bob.updates({"room": room, "cursor": cursor}))
    await held(1, room)
    reply = await cleo.post("/a/message/updates", {"room": room, "cursor": cursor})
    assert reply.error == NO_ROOM
    await ann.say("just us", room)
    assert bodies(await poll) == ["just us"]
