"""Who is here and who types, over HTTP: told to who asks for it, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.presence import CROWD, GRACE, TYPING
from tests.api import Api, bodies
from tests.conftest import Rounds, until
from tests.handlers.site import Site

UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]


@pytest.fixture
def watch(held: Held) -> Iterator[Callable[..., Awaitable[asyncio.Task[Any]]]]:
    """Holds the poll of somebody who asks who is in a room; there are `polls` then."""
    tasks: list[asyncio.Task[Any]] = []

    async def start(api: Api, version: str = "", polls: int = 1, room: str = "7") -> Any:
        fields = {"room": room, "presence": version}
        tasks.append(asyncio.create_task(api.updates(fields)))
        await held(polls, room)
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()


Watching = Callable[..., Awaitable[asyncio.Task[Any]]]


def names(summary: Any) -> list[str]:
    return [person["name"] for person in summary["people"]]


@pytest.fixture
def fifty(app: Chatroom, api: Api) -> Callable[[], Awaitable[Api]]:
    """Lets a crowd less one ask; returns the last of them."""

    async def come() -> Api:
        for number in range(CROWD):
            api.token, _ = await app.sessions.open(f"guest {number:02}")
            await ask(api)
        return api

    return come


async def ask(api: Api, version: str = "", room: str = "7") -> Any:
    """What somebody is told at once of who is in the room, None if that is nothing."""
    update = await api.updates({"room": room, "presence": version, "wait": "0"})
    return update.get("presence", {}).get(room)


@pytest.mark.gen_test
async def test_two_people_see_each_other(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching
) -> None:
    polls = [await watch(ann), await watch(bob, polls=2)]
    rounds.look()
    for poll in polls:
        update = await poll
        assert (update["messages"], list(update["presence"])) == ([], ["7"])
        summary = update["presence"]["7"]
        assert (names(summary), summary["count"], summary["typing"]) == (["Ann", "Bob"], 2, [])
        assert list(update["cursors"]) == ["7"]


@pytest.mark.gen_test
async def test_who_was_put_out_types_there_no_more(
    ann: Api, bob: Api, tea: str, rounds: Rounds
) -> None:
    await ask(bob, room=tea)
    await ask(ann, room=tea)
    rounds.look()
    assert names(await ask(ann, room=tea)) == ["Ann", "Bob"]
    await ann.do("bar", tea, person=bob.id, act="ban")
    assert (await bob.do("typing", tea)).status == 204
    rounds.look()
    assert (await ask(ann, room=tea))["typing"] == []


@pytest.mark.gen_test
async def test_a_summary_is_told_once_and_the_next_one_when_there_is_one(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching, held: Held
) -> None:
    first = await watch(ann)
    rounds.look()
    version = (await first)["presence"]["7"]["version"]
    assert await ask(ann, version) is None
    second = await watch(ann, version)
    rounds.look(3)
    await held(1)
    other = await watch(bob, polls=2)
    rounds.look(3)
    assert (await second)["presence"] == (await other)["presence"]
    assert names((await second)["presence"]["7"]) == ["Ann", "Bob"]


@pytest.mark.gen_test
async def test_a_summary_goes_along_with_messages_that_were_missed(
    ann: Api, bob: Api, rounds: Rounds
) -> None:
    message = await bob.say("hello")
    behind = {"room": "7", "cursor": f"{message['id'][:8]}-0", "presence": ""}
    update = {"messages": [message], "cursors": {"7": message["id"]}}
    for api in (ann, bob):
        assert await api.updates(behind) == update
    rounds.look()
    told = await ann.updates(behind)
    assert names(told.pop("presence")["7"]) == ["Ann", "Bob"]
    assert told == update


@pytest.mark.gen_test
async def test_who_leaves_is_there_for_the_grace_and_then_gone(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching
) -> None:
    await ask(bob)
    poll = await watch(ann)
    rounds.look()
    both = (await poll)["presence"]["7"]
    assert names(both) == ["Ann", "Bob"]
    poll = await watch(ann, both["version"])
    rounds.look(GRACE)
    assert not poll.done()
    rounds.look(0.1)
    assert names((await poll)["presence"]["7"]) == ["Ann"]


@pytest.mark.gen_test
async def test_a_closed_connection_alone_changes_nothing(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching, held: Held
) -> None:
    polls = [await watch(ann), await watch(bob, polls=2)]
    rounds.look()
    version = (await polls[0])["presence"]["7"]["version"]
    await polls[1]
    poll = await watch(ann, version)
    async with bob.connected() as (_, writer):
        query = f"room=7&presence={version}"
        bearer = f"Authorization: Bearer {bob.token}"
        writer.write(f"GET {UPDATES}?{query} HTTP/1.1\r\nHost: x\r\n{bearer}\r\n\r\n".encode())
        await held(2)
    await held(1)
    rounds.look(3)
    rounds.look(GRACE / 2)
    assert await ask(ann, version) is None
    assert not poll.done()
    assert names(await ask(ann)) == ["Ann", "Bob"]


@pytest.mark.gen_test
async def test_nobody_who_comes_or_goes_is_in_the_log(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching
) -> None:
    message = await ann.say("before")
    poll = await watch(ann)
    await ask(bob)
    assert (await bob.post("/a/room/7/typing", {})).status == 204
    rounds.look()
    assert (await poll)["messages"] == []
    rounds.look(GRACE + 1)
    assert await ann.standing() == message["id"]
    assert bodies(await ann.history()) == ["before"]


@pytest.mark.gen_test
async def test_who_does_not_ask_is_told_as_ever_and_is_there_all_the_same(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching, held: Held
) -> None:
    poll = asyncio.create_task(bob.post(UPDATES, {"room": "7"}))
    watching = await watch(ann, polls=2)
    rounds.look()
    assert names((await watching)["presence"]["7"]) == ["Ann", "Bob"]
    await held(1)
    message = await ann.say("hello")
    told = {"messages": [message], "cursors": {"7": message["id"]}}
    assert (await poll).response.body == msgspec.json.encode(told)
    for fields in ({"wait": "0"}, {"wait": "0.01"}):
        asked = {"room": "7", "cursor": message["id"]} | fields
        reply = await bob.post(UPDATES, asked)
        nothing = {"messages": [], "cursors": {"7": message["id"]}}
        assert reply.response.body == msgspec.json.encode(nothing)


@pytest.mark.gen_test
async def test_nobody_looks_into_rooms_while_nobody_asks(
    ann: Api, app: Chatroom, held: Held, watch: Watching
) -> None:
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    assert (await ann.post("/a/room/7/typing", {})).status == 204
    await ann.say("hello")
    await poll
    assert not app.chat.attendance.running
    await watch(ann)
    assert app.chat.attendance.running
    app.chat.close()
    assert not app.chat.attendance.running


@pytest.mark.gen_test
async def test_the_server_looks_by_itself(ann: Api, app: Chatroom, watch: Watching) -> None:
    app.chat.attendance.every = 0.01
    update = await (await watch(ann))
    assert names(update["presence"]["7"]) == ["Ann"]


@pytest.mark.gen_test
async def test_a_person_in_two_places_is_there_once_and_leaves_with_the_last(
    ann: Api, new_api: Callable[[], Api], rounds: Rounds, watch: Watching
) -> None:
    phone = new_api()
    phone.token = ann.token
    polls = [await watch(ann), await watch(phone, polls=2)]
    rounds.look()
    summary = (await polls[0])["presence"]["7"]
    assert (names(summary), summary["count"]) == (["Ann"], 1)
    await polls[1]
    still = await watch(phone, summary["version"])
    rounds.look(GRACE + 5)
    assert not still.done()


@pytest.mark.gen_test
async def test_who_has_no_session_is_told_and_is_nobody(
    ann: Api, api: Api, rounds: Rounds, watch: Watching
) -> None:
    polls = [await watch(ann), await watch(api, polls=2)]
    await ask(api)
    rounds.look()
    for poll in polls:
        assert names((await poll)["presence"]["7"]) == ["Ann"]


@pytest.mark.gen_test
async def test_a_new_name_comes_with_the_next_look(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching
) -> None:
    await ask(bob)
    poll = await watch(ann)
    rounds.look()
    version = (await poll)["presence"]["7"]["version"]
    poll = await watch(ann, version)
    await ann.post("/a/session", {"name": "Zoë"})
    rounds.look(3)
    assert names((await poll)["presence"]["7"]) == ["Bob", "Zoë"]


@pytest.mark.gen_test
async def test_typing_is_shown_with_the_next_look_and_ends_with_what_is_said(
    ann: Api, bob: Api, rounds: Rounds, watch: Watching
) -> None:
    await ask(bob)
    poll = await watch(ann)
    rounds.look()
    version, bob_is = (
        (await poll)["presence"]["7"]["version"],
        await bob.post("/a/room/7/typing", {}),
    )
    assert (bob_is.status, bob_is.response.body) == (204, b"")
    poll = await watch(ann, version)
    rounds.look(1)
    summary = (await poll)["presence"]["7"]
    (typing,) = summary["typing"]
    assert {"id": typing, "name": "Bob"} in summary["people"]
    message = await bob.say("hello")
    rounds.look(1)
    update = await ann.updates({"room": "7", "cursor": message["id"], "presence": "", "wait": "0"})
    assert update["presence"]["7"]["typing"] == []


@pytest.mark.gen_test
async def test_typing_ends_by_itself(ann: Api, bob: Api, rounds: Rounds, watch: Watching) -> None:
    await ask(bob)
    await ask(ann)
    rounds.look()
    for _ in range(3):
        await bob.post("/a/room/7/typing", {})
    poll = await watch(ann)
    rounds.look(3)
    summary = (await poll)["presence"]["7"]
    assert len(summary["typing"]) == 1
    poll = await watch(ann, summary["version"])
    rounds.look(TYPING - 3.1)
    assert not poll.done()
    rounds.look(0.1)
    assert (await poll)["presence"]["7"]["typing"] == []


@pytest.mark.gen_test
async def test_typing_needs_a_session_and_a_room(ann: Api, api: Api) -> None:
    assert (await api.post("/a/room/7/typing", {})).error == (401, "not_signed_in", None)
    assert (await ann.post("/a/room/%00/typing", {})).error[:2] == (400, "room_invalid")
    reply = await ann.get("/a/room/7/typing")
    assert (reply.status, reply.response.headers["Allow"]) == (405, "POST")


@pytest.mark.gen_test
async def test_of_more_than_fifty_only_the_number_is_told_and_nobody_is_woken(
    ann: Api, fifty: Callable[[], Awaitable[Api]], rounds: Rounds, watch: Watching
) -> None:
    last = await fifty()
    poll = await watch(ann)
    rounds.look()
    summary = await ask(last)
    assert summary == {"version": summary["version"], "count": CROWD + 1}
    await last.post("/a/room/7/typing", {})
    rounds.look(3)
    assert await ask(last, summary["version"]) is None
    assert not poll.done()
    rounds.look(GRACE)
    small = (await poll)["presence"]["7"]
    assert names(small) == ["Ann", f"guest {CROWD - 1:02}"]
    assert small["typing"] == []


@pytest.mark.gen_test
async def test_a_crowd_is_told_its_number_with_the_next_message(
    ann: Api, fifty: Callable[[], Awaitable[Api]], rounds: Rounds, watch: Watching
) -> None:
    poll = await watch(ann)
    await (await fifty()).post("/a/session", {"name": "Last"})
    rounds.look()
    message = await ann.say("hello")
    update = await poll
    assert update["messages"] == [message]
    assert update["presence"]["7"]["count"] == CROWD + 1


@pytest.mark.gen_test
async def test_a_poll_of_many_rooms_is_told_of_those_it_asks_about(
    ann: Api, bob: Api, rounds: Rounds, held: Held
) -> None:
    rooms = [("room", room) for room in "789"]
    poll = asyncio.create_task(ann.updates([*rooms, ("presence", ""), ("presence", "x-1")]))
    await held(1, "9")
    rounds.look()
    update = await poll
    assert list(update["cursors"]) == ["7", "8", "9"]
    assert sorted(update["presence"]) == ["7", "8"]
    versions = [("presence", update["presence"][room]["version"]) for room in "78"]
    assert len(set(versions)) == 2
    poll = asyncio.create_task(ann.updates([*rooms, *versions]))
    await held(1, "9")
    await ask(bob, room="8")
    rounds.look(3)
    assert list((await poll)["presence"]) == ["8"]


@pytest.mark.gen_test
async def test_more_versions_than_rooms_are_refused_and_foreign_ones_are_none(
    ann: Api, rounds: Rounds
) -> None:
    fields = [("room", "7"), ("presence", ""), ("presence", ""), ("wait", "0")]
    assert (await ann.post(UPDATES, fields)).error == (400, "pairing_invalid", "presence")
    await ask(ann)
    rounds.look()
    for foreign in ("", "abc-1", "-", "ü", "x" * 10_000, "\x00"):
        assert names(await ask(ann, foreign)) == ["Ann"]


@pytest.mark.gen_test
async def test_a_get_and_json_ask_the_same(ann: Api, rounds: Rounds) -> None:
    await ask(ann)
    rounds.look()
    for reply in (
        await ann.get(f"{UPDATES}?room=7&presence=&wait=0"),
        await ann.post_json(UPDATES, b'{"room": 7, "presence": [""], "wait": 0}'),
    ):
        assert names(reply.json["presence"]["7"]) == ["Ann"]


@pytest.mark.gen_test
async def test_a_closing_server_lets_those_go_who_wait_for_others(
    ann: Api, app: Chatroom, watch: Watching
) -> None:
    poll = await watch(ann)
    app.chat.close()
    assert "retry_in" in await poll
    await until(lambda: not app.holds.held)


@pytest.mark.gen_test
async def test_a_version_of_another_life_is_none(site: Site) -> None:
    site.api()
    ann = site.api()
    await ann.sign_in()
    versions = []
    for _ in range(2):
        rounds = Rounds(site.app)
        await ask(ann)
        rounds.look()
        versions.append((await ask(ann, *versions))["version"])
        await site.restart()
    assert len(set(versions)) == 2
