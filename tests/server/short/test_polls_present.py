"""Who is here, told the short way: polls that ask for it are held, shared and woken like all others."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.presence import GRACE
from chatroom.server.place import Place
from tests.api import bodies
from tests.conftest import Rounds, until
from tests.handlers.test_presence import names
from tests.server.chatting import bearer, saying, told
from tests.server.hosting import Client, Host, post
from tests.server.polling import Say, admitted, form, poll, woken


async def entered(host: Host, app: Chatroom, *names: str) -> dict[str, Client]:
    """People whose heads are known, by the header that says who they are."""
    return {
        me: await admitted(host, app, lambda _: woken(app), form("room=7&cursor=", me))
        for me in [await bearer(app, name) for name in names]
    }


async def hold(app: Chatroom, clients: dict[str, Client], text: str) -> None:
    """Let them all poll the same, and be held."""
    before = app.holds.held
    for number, (me, client) in enumerate(clients.items(), 1):
        client.send(form(text, me))
        await until(lambda number=number: app.holds.held == before + number)


def waiters(app: Chatroom) -> list[Any]:
    (room,) = app.chat.rooms.warm(["7"]) or []
    return list(room.buffer.waiters)


@pytest.mark.gen_test
async def test_all_who_have_the_same_version_share_a_place_and_are_told_the_same_bytes(
    app: Chatroom, ours: Host, short: list[bytes], rounds: Rounds
) -> None:
    people = await entered(ours, app, "Ann", "Bob", "Cem")
    await hold(app, people, "room=7&cursor=&presence=")
    (place,) = waiters(app)
    assert isinstance(place, Place)
    assert len(short) == 3
    rounds.look()
    replies = [await client.answer() for client in people.values()]
    assert len({reply.body for reply in replies}) == 1
    update = told(replies[0])
    assert (update["messages"], names(update["presence"]["7"])) == ([], ["Ann", "Bob", "Cem"])
    version = update["presence"]["7"]["version"]
    await hold(app, people, f"room=7&cursor=&presence={version}")
    assert len(waiters(app)) == 1
    rounds.look(3)
    assert app.holds.held == 3
    assert len(short) == 6


@pytest.mark.gen_test
async def test_a_message_to_readers_who_know_who_is_here_is_the_plain_update(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], rounds: Rounds
) -> None:
    cursor = await say("before")
    people = await entered(ours, app, "Ann", "Bob")
    await hold(app, people, "room=7&cursor=&presence=")
    rounds.look()
    (version,) = {
        told(await client.answer())["presence"]["7"]["version"] for client in people.values()
    }
    await hold(app, people, f"room=7&cursor={cursor}&presence={version}")
    stranger = await ours.connect()
    stranger.send(poll(f"room=7&cursor={cursor}"))
    await until(lambda: app.holds.held == 3)
    await say("hello")
    replies = [await client.answer() for client in (stranger, *people.values())]
    assert len({reply.body for reply in replies}) == 1
    assert bodies(told(replies[0])) == ["hello"]
    assert len(short) == 4


@pytest.mark.gen_test
async def test_who_comes_back_with_the_old_version_is_not_lost(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], rounds: Rounds
) -> None:
    cursor = await say("before")
    people = await entered(ours, app, "Ann")
    (client,) = people.values()
    for _ in range(3):
        await hold(app, people, f"room=7&cursor={cursor}&presence=")
        rounds.look(3)
        assert names(told(await client.answer())["presence"]["7"]) == ["Ann"]
    await hold(app, people, f"room=7&cursor={cursor}&presence=")
    await say("hello")
    assert bodies(told(await client.answer())) == ["hello"]
    assert len(short) == 4


@pytest.mark.gen_test
async def test_a_look_between_a_message_and_its_delivery_loses_nothing(
    app: Chatroom, ours: Host, say: Say, rounds: Rounds
) -> None:
    cursor = await say("before")
    people = await entered(ours, app, "Ann")
    (client,) = people.values()
    await hold(app, people, f"room=7&cursor={cursor}&presence=")
    wake, app.chat.rooms._soon = app.chat.rooms._wake, lambda _: None
    await say("hello")
    rounds.look()
    first = told(await client.answer())
    assert (first["messages"], first["cursors"]) == ([], {"7": cursor})
    wake()
    version = first["presence"]["7"]["version"]
    text = f"room=7&cursor={cursor}&presence={version}"
    second = told(await client.ask(form(text, *people)))
    assert bodies(second) == ["hello"]
    assert client.reader._buffer == b""  # type: ignore[attr-defined]


@pytest.mark.gen_test
async def test_who_is_answered_at_once_is_there(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], rounds: Rounds
) -> None:
    cursor = await say("before")
    await say("hello")
    people = await entered(ours, app, "Ann")
    (client,) = people.values()
    behind = form(f"room=7&cursor={cursor}&presence=", *people)
    assert "presence" not in told(await client.ask(behind))
    rounds.look(GRACE)
    update = told(await client.ask(behind))
    assert (bodies(update), names(update["presence"]["7"])) == (["hello"], ["Ann"])
    assert len(short) == 2


@pytest.mark.gen_test
async def test_who_cannot_be_held_is_there_and_told_all_the_same(
    app: Chatroom, ours: Host, short: list[bytes], rounds: Rounds
) -> None:
    people = await entered(ours, app, "Ann")
    (client,) = people.values()
    app.holds.total = 0
    asking = form("room=7&cursor=&presence=", *people)
    assert "retry_in" in told(await client.ask(asking))
    rounds.look()
    update = told(await client.ask(asking))
    assert "retry_in" in update
    assert names(update["presence"]["7"]) == ["Ann"]
    assert len(short) == 2


@pytest.mark.gen_test
async def test_the_end_of_a_hold_tells_what_is_new(
    app: Chatroom, ours: Host, stock: Host, rounds: Rounds
) -> None:
    people = await entered(ours, app, "Ann")
    (client,) = people.values()
    app.chat.rooms.listen(app.chat.rooms.warm(["7"]) or [], 1000)  # no change wakes so many
    await hold(app, people, "room=7&cursor=&presence=")
    other = await stock.connect()
    other.send(form("room=7&cursor=&presence=", *people))
    await until(lambda: len(waiters(app)) == 2)
    rounds.look()
    assert app.holds.held == 2
    await woken(app)
    reply = await client.answer()
    assert names(told(reply)["presence"]["7"]) == ["Ann"]
    assert reply.timeless == (await other.answer()).timeless


@pytest.mark.gen_test
async def test_a_post_on_the_short_way_ends_typing(
    app: Chatroom, ours: Host, short: list[bytes], rounds: Rounds
) -> None:
    people = await entered(ours, app, "Ann")
    ((me, client),) = people.items()
    await hold(app, people, "room=7&cursor=&presence=")
    rounds.look()
    (person,) = told(await client.answer())["presence"]["7"]["people"]
    speaker = await ours.connect()
    for _ in range(2):
        typing = post("/a/room/7/typing", b"", me)
        assert (await speaker.ask(typing)).status == 204
        await hold(app, people, "room=7&cursor=&presence=")
        rounds.look(3)
        assert told(await client.answer())["presence"]["7"]["typing"] == [person["id"]]
        assert (await speaker.ask(saying("room=7&body=hello", me))).status == 201
        await hold(app, people, "room=7&cursor=&presence=")
        rounds.look(1)
        assert told(await client.answer())["presence"]["7"]["typing"] == []


@pytest.mark.gen_test
async def test_places_with_an_old_version_are_not_kept(
    app: Chatroom, ours: Host, rounds: Rounds
) -> None:
    people = await entered(ours, app, "Ann")
    kept = ours.server.short_way.polls
    app.chat.rooms.listen(app.chat.rooms.warm(["7"]) or [], 1000)  # no change wakes so many
    await hold(app, people, "room=7&cursor=&presence=")
    kept.tick()
    assert len(kept._in_body) == 1
    rounds.look()
    kept.tick()
    assert len(kept._in_body) == 0
    await woken(app)
    (client,) = people.values()
    assert "presence" in told(await client.answer())
