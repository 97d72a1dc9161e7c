from __future__ import annotations

import msgspec

from chatroom.cursor import Cursor
from chatroom.people import Person
from chatroom.poll import Ask, Poll
from chatroom.presence import CROWD, Presence, versions
from chatroom.room import Room
from chatroom.standing import PRESENCE_BYTES, Standing
from tests.making import EPOCH, message, messages, wire
from tests.test_room import rooms, warm


def standing(found: list[Room], *cursors: int | None) -> Standing:
    """Of a reader who has come so far in those rooms."""
    asks = [
        Ask(room.name, None if at is None else Cursor(EPOCH, at))
        for room, at in zip(found, cursors, strict=True)
    ]
    return Standing(Poll(tuple(asks), None), found)


def test_a_standing_is_current_until_somebody_speaks() -> None:
    all_ = rooms()
    found = warm(all_, "7", "8")
    here = standing(found, 0, None)
    assert here.current()
    all_.deliver([message(1, "9")])
    assert here.current()
    all_.deliver([message(1, "8")])
    assert not here.current()


def test_a_standing_is_not_current_any_more_when_a_room_has_left_memory() -> None:
    all_ = rooms()
    (room,) = warm(all_, "7")
    here = standing([room], 0)
    all_.forget(room)
    assert not here.current()


def test_nobody_joins_a_standing_that_has_been_answered() -> None:
    here = standing(warm(rooms(), "7"), 0)
    here.end()
    assert not here.current()


def test_one_is_answered_with_the_rooms_that_are_behind_and_those_where_one_is_new() -> None:
    all_ = rooms()
    found = warm(all_, "7", "8", "9")
    for name in ("7", "8", "9"):
        all_.deliver(messages(0, 2, name))
    here = standing(found, 1, 2, None)
    assert (here.nothing, here.plain) == (False, False)
    told = msgspec.json.decode(here.answer(wire(), here.news()))
    assert [it["body"] for it in told["messages"]] == ["7/2"]
    assert told["cursors"] == {"9": f"{EPOCH}-2", "7": f"{EPOCH}-2"}


def test_summaries_come_as_far_as_they_fit_and_the_others_with_the_next_reply() -> None:
    names = [str(number) for number in range(100)]
    counter = versions("other life")
    found = warm(rooms(), *names)
    for room in found:
        room.presence = Presence(counter, 0.0)
        room.presence.sample([Person(f"{n:016}", "\U0001f600" * 32) for n in range(CROWD)], 0)
        room.presence.update(0)
    known, replies = dict.fromkeys(names, ""), 0
    while "" in known.values():
        asks = tuple(Ask(name, None, version) for name, version in known.items())
        body = Standing(Poll(asks, 0), found).nothing_new(wire(), None)
        update = msgspec.json.decode(body)
        assert len(body) < PRESENCE_BYTES + 20_000
        assert len(update["presence"]) >= 2
        known |= {name: told["version"] for name, told in update["presence"].items()}
        replies += 1
    assert replies <= 50
