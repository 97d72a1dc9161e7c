"""The updates call: which rooms, how long, and from where."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api import Api, bodies, offset

UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]


@pytest.mark.gen_test
async def test_a_held_poll_is_answered_by_the_next_message_of_its_room(
    ann: Api, held: Held
) -> None:
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    message = await ann.say("hello")
    assert await poll == {"messages": [message], "cursors": {"7": message["id"]}}


@pytest.mark.gen_test
async def test_a_message_of_another_room_wakes_nobody(ann: Api, held: Held) -> None:
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    await ann.say("elsewhere", "8")
    await held(1)
    message = await ann.say("here", "7")
    assert (await poll)["messages"] == [message]


@pytest.mark.gen_test
async def test_all_who_wait_in_a_room_hear_the_same(
    ann: Api, new_api: Callable[[], Api], held: Held
) -> None:
    polls = [asyncio.create_task(new_api().updates({"room": "7"})) for _ in range(30)]
    await held(30)
    message = await ann.say("hello")
    for update in await asyncio.gather(*polls):
        assert update == {"messages": [message], "cursors": {"7": message["id"]}}
    await held(0)


@pytest.mark.gen_test
async def test_a_poll_of_many_rooms_hears_the_first_that_speaks_and_leaves_the_others_out(
    ann: Api, held: Held
) -> None:
    cursors = [(await ann.say("old", room))["id"] for room in ("7", "8", "9")]
    fields = [*(("room", room) for room in "789"), *(("cursor", it) for it in cursors)]
    poll = asyncio.create_task(ann.updates(fields))
    for room in "789":
        await held(1, room)
    message = await ann.say("hello", "8")
    assert await poll == {"messages": [message], "cursors": {"8": message["id"]}}
    for room in "789":
        await held(0, room)


@pytest.mark.gen_test
async def test_a_poll_from_now_on_of_many_rooms_names_the_cursor_of_each(
    ann: Api, held: Held
) -> None:
    old = await ann.say("old", "7")
    poll = asyncio.create_task(ann.updates([("room", room) for room in "789"]))
    await held(1, "9")
    message = await ann.say("hello", "8")
    update = await poll
    epoch = message["id"].partition("-")[0]
    assert update["messages"] == [message]
    assert update["cursors"] == {"7": old["id"], "8": message["id"], "9": f"{epoch}-0"}


@pytest.mark.gen_test
async def test_one_reply_tells_of_every_room_in_which_something_was_missed(ann: Api) -> None:
    start = await ann.standing("7")
    said = {room: [await ann.say(f"{room}{n}", room) for n in range(3)] for room in "78"}
    fields = [*(("room", room) for room in "789"), *(("cursor", start) for _ in "789")]
    update = await ann.updates(fields)
    assert update["cursors"] == {room: said[room][-1]["id"] for room in "78"}
    for room in "78":
        assert [it for it in update["messages"] if it["room"] == room] == said[room]


@pytest.mark.gen_test
async def test_no_cursor_or_an_empty_one_is_from_now_on(ann: Api) -> None:
    said = {room: await ann.say("old", room) for room in "789"}
    for rooms in ("7", "789"):
        for empty in ([], [("cursor", "")]):
            fields = [*(("room", room) for room in rooms), *empty, ("wait", "0")]
            update = await ann.updates(fields)
            assert update == {"messages": [], "cursors": {it: said[it]["id"] for it in rooms}}


@pytest.mark.gen_test
async def test_no_room_is_room_1(ann: Api) -> None:
    message = await ann.say("hello", "1")
    assert (await ann.updates({"wait": "0"}))["cursors"] == {"1": message["id"]}


@pytest.mark.gen_test
async def test_rooms_are_answered_under_their_canonical_name(ann: Api) -> None:
    await ann.say("hello", "TEA")
    assert list((await ann.updates({"room": "Tea", "wait": "0"}))["cursors"]) == ["tea"]


@pytest.mark.gen_test
async def test_get_a_form_and_json_ask_the_same(ann: Api) -> None:
    start = await ann.standing()
    message = await ann.say("hello", "7")
    fields = [("room", "7"), ("room", "8"), ("cursor", start), ("cursor", start), ("wait", "0")]
    json = f'{{"room": [7, "8"], "cursor": ["{start}", "{start}"], "wait": 0}}'
    for reply in (
        await ann.get(f"{UPDATES}?{urlencode(fields)}"),
        await ann.post(UPDATES, fields),
        await ann.post_json(UPDATES, json.encode()),
    ):
        assert reply.json["messages"] == [message]


@pytest.mark.gen_test
async def test_a_poll_watches_100_rooms_and_no_more(ann: Api, held: Held) -> None:
    rooms = [("room", f"r{number}") for number in range(100)]
    poll = asyncio.create_task(ann.updates(rooms))
    await held(1, "r99")
    message = await ann.say("hello", "r50")
    update = await poll
    assert update["messages"] == [message]
    assert len(update["cursors"]) == 100
    reply = await ann.post(UPDATES, [*rooms, ("room", "r100"), ("wait", "0")])
    assert reply.error == (400, "too_many_rooms", "room")


@pytest.mark.gen_test
async def test_rooms_come_once_each_and_with_as_many_cursors(ann: Api) -> None:
    start = await ann.standing()
    for rooms, cursors in [("7", 2), ("78", 1), ("78", 3), ("77", 0), ("77", 2)]:
        fields = [*(("room", room) for room in rooms), *[("cursor", start)] * cursors]
        status, code, field = (await ann.post(UPDATES, [*fields, ("wait", "0")])).error
        assert (status, code) == (400, "pairing_invalid")
        assert field in ("room", "cursor")


@pytest.mark.gen_test
async def test_two_spellings_of_a_room_are_a_room_asked_for_twice(ann: Api) -> None:
    reply = await ann.post(UPDATES, [("room", "tea"), ("room", "TEA"), ("wait", "0")])
    assert reply.error == (400, "pairing_invalid", "room")


@pytest.mark.gen_test
async def test_what_is_no_number_of_seconds_is_refused(ann: Api) -> None:
    bad = ["-1", "abc", "nan", "inf", "1e3", "0x1", " 1", "1 ", "٣", "1,5", "9" * 400, "\0"]
    for wait in bad:
        reply = await ann.post(UPDATES, {"room": "7", "wait": wait})
        assert reply.error == (400, "number_invalid", "wait")


@pytest.mark.gen_test
async def test_a_short_wait_ends_with_nothing_and_the_cursors_of_all_rooms(
    ann: Api, held: Held
) -> None:
    message = await ann.say("old", "7")
    epoch = message["id"].partition("-")[0]
    fields = [("room", "7"), ("room", "8"), ("cursor", message["id"]), ("cursor", "")]
    for wait in ("0", "0.0", "0.01"):
        update = await ann.updates([*fields, ("wait", wait)])
        assert update == {"messages": [], "cursors": {"7": message["id"], "8": f"{epoch}-0"}}
    await held(0)


class TestAShortHold:
    """Where the server holds a request for a moment only."""

    @pytest.fixture
    def settings(self, settings: Any) -> Any:
        return type(settings)(hold=0.02, hold_jitter=0.01)

    @pytest.mark.gen_test
    async def test_a_poll_is_held_no_longer_than_the_setting(self, api: Api) -> None:
        for wait in ({}, {"wait": "30"}, {"wait": "86400"}):
            update = await api.updates({"room": "7"} | wait)
            assert update["messages"] == []
            assert offset(update["cursors"]["7"]) == 0


@pytest.mark.gen_test
async def test_nothing_slips_through_between_looking_and_waiting(ann: Api, bob: Api) -> None:
    start = await ann.standing("1")
    for number in range(25):
        room = str(number % 5)
        fields = {"room": room, "cursor": f"{start[:8]}-{number // 5}"}
        update, message = await asyncio.gather(ann.updates(fields), bob.say("hello", room))
        assert update["messages"] == [message]


@pytest.mark.gen_test
async def test_a_chain_of_polls_is_the_log(ann: Api, bob: Api, held: Held) -> None:
    cursor, heard = await ann.standing(), []
    for number in range(5):
        poll = asyncio.create_task(ann.updates({"room": "7", "cursor": cursor}))
        await held(1)
        await asyncio.gather(*[bob.say(f"{number}.{part}") for part in range(3)])
        first = await poll
        rest = await ann.since(first["cursors"]["7"])
        heard += first["messages"] + rest["messages"]
        cursor = rest["cursors"]["7"]
    assert [offset(message) for message in heard] == list(range(1, 16))
    assert bodies({"messages": heard}) == bodies(await ann.history())
