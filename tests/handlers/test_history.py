"""GET /a/room/ROOM/messages: ranges of a log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from chatroom.settings import Settings
from tests.api import Api, offset

PATH = "/a/room/7/messages"
Fill = Callable[..., Awaitable[list[Any]]]


def places(page: Any) -> list[int]:
    """The offsets of a page."""
    return [offset(message) for message in page["messages"]]


@pytest.mark.gen_test
async def test_an_empty_room_has_an_empty_history(api: Api) -> None:
    assert await api.history() == {"messages": [], "more": False}


@pytest.mark.gen_test
async def test_history_is_50_entries_when_nobody_says_how_many(ann: Api, fill: Fill) -> None:
    said = await fill(51)
    assert await ann.history() == {"messages": said[1:], "more": True}


@pytest.mark.parametrize("cache_size", [200, 3])
class TestARange:
    """Whether the entries are in the buffer or not."""

    @pytest.fixture
    def settings(self, settings: Settings, cache_size: int) -> Settings:
        return Settings(hold=settings.hold, hold_jitter=0.0, cache_size=cache_size)

    @pytest.mark.gen_test
    async def test_it_lies_strictly_between_two_ids_and_keeps_the_newest(
        self, ann: Api, fill: Fill
    ) -> None:
        epoch = (await fill(12))[0]["id"][:8]
        for after in (0, 5, 12, 999):
            for before in (0, 1, 6, 7, 13, 999):
                for limit in (1, 4, 200):
                    await self.check(ann, epoch, after, before, limit)

    async def check(self, ann: Api, epoch: str, after: int, before: int, limit: int) -> None:
        page = await ann.history(
            after=f"{epoch}-{after}", before=f"{epoch}-{before}", limit=str(limit)
        )
        inside = [place for place in range(1, 13) if after < place < before]
        assert places(page) == inside[-limit:]
        assert page["more"] == (len(inside) > limit)

    @pytest.mark.gen_test
    async def test_one_end_may_be_left_open(self, ann: Api, fill: Fill) -> None:
        said = await fill(12)
        assert places(await ann.history(after=said[8]["id"])) == [10, 11, 12]
        assert places(await ann.history(before=said[3]["id"])) == [1, 2, 3]
        assert places(await ann.history(before=said[11]["id"], limit="2")) == [10, 11]


@pytest.mark.gen_test
async def test_a_limit_goes_from_1_to_200(ann: Api, fill: Fill) -> None:
    said = await fill(201)
    assert await ann.history(limit="200") == {"messages": said[1:], "more": True}
    assert await ann.history(limit="1") == {"messages": said[200:], "more": True}
    for limit in ("0", "201", "-1", "1.5", "x", "1e2", " 1", "٣", "9" * 30):
        reply = await ann.send("GET", f"{PATH}?limit={quote(limit)}")
        assert reply.error == (400, "number_invalid", "limit")


@pytest.mark.gen_test
async def test_what_is_no_id_of_this_log_is_refused(ann: Api) -> None:
    epoch = (await ann.standing())[:8]
    for end in ("after", "before"):
        for id_ in ("x", "1", f"{epoch}-", f"{epoch}--1", "zzzzzzzz-1", f"{epoch}-{10**40}"):
            reply = await ann.get(f"{PATH}?{end}={id_}")
            assert reply.error == (400, "cursor_invalid", end)


@pytest.mark.gen_test
async def test_the_room_in_the_path_has_every_spelling_and_no_other(ann: Api) -> None:
    message = await ann.say("hello", "Café")
    for room in ("café", "CAFE\u0301"):
        assert await ann.history(room) == {"messages": [message], "more": False}
    for room in ("%00", "a%20b", "a%2Fb", "%F0%9F%99%82", "x" * 65, "%ED%A0%80", "%FF", "..."):
        reply = await ann.get(f"/a/room/{room}/messages")
        assert reply.error[0] == 400, room


@pytest.mark.gen_test
async def test_reading_needs_no_session_but_a_wrong_token_is_told(ann: Api, api: Api) -> None:
    message = await ann.say("hello")
    assert (await api.history())["messages"] == [message]
    reply = await api.get(PATH, {"Authorization": "Bearer wrong"})
    assert reply.error[:2] == (401, "not_signed_in")
