"""What a reader is owed at each place where a cursor can stand (R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api, bodies
from tests.handlers.site import Site

UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]
Fill = Callable[..., Awaitable[list[Any]]]


def at(cursor: str, place: int) -> str:
    """The id at another place of the same log."""
    return f"{cursor.partition('-')[0]}-{place}"


@pytest.mark.gen_test
async def test_a_message_is_a_cursor_behind_itself(ann: Api) -> None:
    said = [await ann.say(body) for body in "abc"]
    assert bodies(await ann.since(at(said[0]["id"], 0))) == ["a", "b", "c"]
    assert bodies(await ann.since(said[0]["id"])) == ["b", "c"]
    assert await ann.since(said[2]["id"]) == {"messages": [], "cursors": {"7": said[2]["id"]}}


@pytest.mark.gen_test
async def test_200_missed_come_whole_and_201_leave_a_gap_that_history_fills(
    ann: Api, fill: Fill
) -> None:
    said = await fill(203)
    update = await ann.since(said[2]["id"])
    assert update == {"messages": said[3:], "cursors": {"7": said[-1]["id"]}}
    update = await ann.since(said[1]["id"])
    assert update["messages"] == said[3:]
    gap = {"after": said[1]["id"], "before": said[3]["id"]}
    assert update["gaps"] == {"7": gap}
    assert await ann.between(**gap) == [said[2]]


@pytest.mark.gen_test
async def test_a_gap_in_one_room_leaves_the_others_whole(ann: Api, fill: Fill) -> None:
    many, few = await fill(201, "7"), await fill(2, "8")
    start = at(many[0]["id"], 0)
    update = await ann.updates([*(("room", it) for it in "78"), *[("cursor", start)] * 2])
    assert update["gaps"] == {"7": {"after": start, "before": many[1]["id"]}}
    assert [it for it in update["messages"] if it["room"] == "8"] == few


@pytest.mark.gen_test
async def test_a_cursor_of_another_epoch_or_ahead_of_the_head_starts_over(
    ann: Api, fill: Fill
) -> None:
    said = await fill(3)
    foreign = [f"aaaaaaaa-{place}" for place in (0, 1, 3, 4)]
    ahead = [at(said[0]["id"], place) for place in (4, 10**6, 2**53 + 1)]
    for cursor in foreign + ahead:
        update = await ann.since(cursor)
        assert update == {"messages": said, "cursors": {"7": said[2]["id"]}, "resets": ["7"]}


@pytest.mark.gen_test
async def test_a_huge_offset_is_a_reset_or_refused_but_never_an_error_of_ours(ann: Api) -> None:
    start = await ann.standing()
    for place in (2**63 - 1, 2**63, 2**64, 10**40):
        fields = {"room": "7", "cursor": at(start, place), "wait": "0"}
        reply = await ann.post(UPDATES, fields)
        assert reply.status == 400 or reply.json["resets"] == ["7"]


@pytest.mark.gen_test
async def test_a_reset_of_an_empty_room_stands_at_its_beginning(ann: Api) -> None:
    start = await ann.standing()
    update = await ann.since(at(start, 5))
    assert update == {"messages": [], "cursors": {"7": start}, "resets": ["7"]}


@pytest.mark.gen_test
async def test_a_reset_of_a_long_room_brings_the_newest_200_and_a_gap(ann: Api, fill: Fill) -> None:
    said = await fill(205)
    update = await ann.since(at(said[0]["id"], 206))
    assert update["resets"] == ["7"]
    assert update["messages"] == said[5:]
    gap = update["gaps"]["7"]
    assert gap == {"after": at(said[0]["id"], 0), "before": said[5]["id"]}
    assert await ann.between(**gap) == said[:5]


@pytest.mark.gen_test
async def test_the_cursor_of_a_longer_room_never_brings_that_rooms_messages(
    ann: Api, fill: Fill
) -> None:
    long = await fill(5, "7")
    short = await fill(2, "8")
    update = await ann.since(long[4]["id"], "8")
    assert (update["messages"], update["resets"]) == (short, ["8"])


MALFORMED = [
    *("x", "-", "-1", "1", "abcdefgh", "abcdefgh-", "abcdefgh--1", "abcdefgh-+1"),
    *("abcdefgh-01", "abcdefgh-1.0", "abcdefgh-1e1", "abcdefgh-1 ", " abcdefgh-1"),
    *("ABCDEFGH-1", "abcdefg-1", "abcdefghi-1", "äbcdefgh-1", "abcdefgh-١", "abcdefgh-1\n"),
    *("abcdefgh-1\0", "abcdefgh-1-1", "' OR 1=1 --", "9" * 5000),
]


@pytest.mark.gen_test
async def test_a_malformed_cursor_is_refused(ann: Api) -> None:
    for cursor in MALFORMED:
        reply = await ann.post(UPDATES, {"room": "7", "cursor": cursor, "wait": "0"})
        assert reply.error == (400, "cursor_invalid", "cursor")


#: The longest message there is: some 32,000 bytes.
LONGEST = "\U0001f600" * 4000


@pytest.mark.gen_test
async def test_what_does_not_fit_into_one_reply_comes_with_the_next(ann: Api, fill: Fill) -> None:
    said = [*await fill(50, "7", LONGEST), *await fill(50, "8", LONGEST)]
    cursors = dict.fromkeys("78", at(said[0]["id"], 0))
    heard: list[Any] = []
    while len(heard) < 100:
        fields = [*(("room", it) for it in "78"), *(("cursor", cursors[it]) for it in "78")]
        update = await ann.updates(fields)
        assert update["messages"]
        assert len(str(update).encode()) < 2**21
        heard += update["messages"]
        cursors |= update["cursors"]
    for room in "78":
        assert [it for it in heard if it["room"] == room] == [
            it for it in said if it["room"] == room
        ]
        assert cursors[room] == at(cursors[room], 50)


@pytest.mark.gen_test
async def test_a_held_poll_that_hears_too_much_at_once_hears_the_rest_with_the_next(
    ann: Api, held: Held, fill: Fill
) -> None:
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    said = await fill(50, "7", LONGEST)
    update = await poll
    heard, cursor = update["messages"], update["cursors"]["7"]
    while cursor != said[-1]["id"]:
        update = await ann.since(cursor)
        heard += update["messages"]
        cursor = update["cursors"]["7"]
    assert heard == said


@pytest.mark.gen_test
async def test_a_range_that_does_not_fit_into_one_reply_says_that_there_is_more(
    ann: Api, fill: Fill
) -> None:
    said = await fill(50, "7", LONGEST)
    page = await ann.history(limit="200")
    assert page["more"]
    assert page["messages"] == said[-len(page["messages"]) :]
    assert await ann.between(at(said[0]["id"], 0), at(said[0]["id"], 51)) == said


class TestASmallCache:
    """Where a buffer holds 5 entries, older ones come from the engine."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(hold=settings.hold, hold_jitter=0.0, cache_size=5)

    @pytest.mark.gen_test
    async def test_what_left_the_buffer_still_comes_in_order(self, ann: Api, fill: Fill) -> None:
        said = await fill(12)
        for place in range(13):
            update = await ann.since(at(said[0]["id"], place))
            assert update["messages"] == said[place:]
            assert "gaps" not in update

    @pytest.mark.gen_test
    async def test_a_reader_far_behind_gets_200_and_a_gap(self, ann: Api, fill: Fill) -> None:
        said = await fill(203)
        update = await ann.since(said[0]["id"])
        assert update["messages"] == said[3:]
        missing = await ann.between(**update["gaps"]["7"], limit=1)
        assert missing == said[1:3]

    @pytest.mark.gen_test
    async def test_history_joins_what_is_cached_and_what_is_not(self, ann: Api, fill: Fill) -> None:
        said = await fill(12)
        for limit in range(1, 13):
            page = await ann.history(limit=str(limit))
            assert page == {"messages": said[12 - limit :], "more": limit < 12}


class TestRoomsThatLeaveMemory:
    """Where 100 quiet rooms fit in memory, they come back from the engine as they were."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(hold=settings.hold, hold_jitter=0.0, rooms_in_memory=100)

    @pytest.mark.gen_test
    async def test_a_room_that_left_memory_keeps_its_log_and_goes_on(
        self, ann: Api, app: Chatroom
    ) -> None:
        first = await ann.say("first")
        await ann.standing()
        await self.enter_100_others(ann)
        assert "7" not in app.chat.rooms._rooms
        second = await ann.say("second")
        assert await ann.since(at(first["id"], 0)) == {
            "messages": [first, second],
            "cursors": {"7": second["id"]},
        }

    @pytest.mark.gen_test
    async def test_a_room_with_a_listener_stays(self, ann: Api, held: Held) -> None:
        poll = asyncio.create_task(ann.updates({"room": "7"}))
        await held(1)
        await self.enter_100_others(ann)
        message = await ann.say("hello")
        assert (await poll)["messages"] == [message]

    @pytest.mark.gen_test
    async def test_many_polls_of_many_rooms_at_once_all_get_their_turn(
        self, new_api: Callable[[], Api], app: Chatroom
    ) -> None:
        api = new_api()
        asked = [[f"p{poll}r{room}" for room in range(100)] for poll in range(5)]
        updates = await asyncio.gather(
            *[api.updates([*(("room", it) for it in rooms), ("wait", "0")]) for rooms in asked]
        )
        assert [list(update["cursors"]) for update in updates] == asked
        assert len(app.chat.rooms) <= 500

    async def enter_100_others(self, api: Api) -> None:
        fields = [*(("room", f"r{number}") for number in range(100)), ("wait", "0")]
        assert len((await api.updates(fields))["cursors"]) == 100


@pytest.mark.gen_test
async def test_a_reader_goes_on_where_it_stood_after_a_restart(site: Site) -> None:
    api = site.api()
    await api.sign_in()
    first = await api.say("before")
    await site.restart()
    second = await api.say("after")
    update = await api.since(first["id"])
    assert update == {"messages": [second], "cursors": {"7": second["id"]}}
    assert second["id"] == at(first["id"], 2)
