from __future__ import annotations

import pytest

from chatroom.deed import Change
from chatroom.founding import unwritten
from chatroom.rooms import Alive
from tests.making import act, entries, message, messages
from tests.test_buffer import Waiter
from tests.test_room import rooms, warm


def test_deliveries_reach_their_own_rooms_in_order() -> None:
    all_ = rooms()
    seven, eight = warm(all_, "7", "8")
    all_.deliver([message(1, "8"), message(1, "7"), message(2, "8")])
    assert (seven.buffer.head, eight.buffer.head) == (1, 2)


def test_a_waiter_in_many_rooms_hears_the_first_that_speaks() -> None:
    all_, waiter = rooms(), Waiter()
    both = warm(all_, "7", "8")
    all_.park(waiter, both)
    all_.deliver([message(1, "8"), message(1, "7")])
    (heard,) = waiter.results
    assert heard is not None
    assert heard.news.room in ("7", "8")
    all_.leave(waiter, both)
    assert (all_.listening("7"), all_.listening("8")) == (0, 0)


def test_nothing_is_kept_for_a_room_that_nobody_asked_for() -> None:
    all_ = rooms()
    all_.deliver(messages(0, 3))
    assert len(all_) == 0


def test_quiet_rooms_leave_memory_the_least_used_first() -> None:
    all_ = rooms(limit=2)
    seven, eight = warm(all_, "7", "8")
    warm(all_, "7")
    warm(all_, "9")
    assert warm(all_, "7") == [seven]
    assert warm(all_, "8") != [eight]
    assert len(all_) == 2


def test_a_room_stays_while_it_has_visitors_and_leaves_in_its_turn() -> None:
    all_ = rooms(limit=2)
    with all_.visit(["7", "8", "9"]) as here, all_.visit(["7"]):
        for name in map(str, range(20, 40)):
            warm(all_, name)
        with all_.visit(["9", "8", "7"]) as again:
            assert again == here[::-1]
        assert len(all_) == 5
    assert len(all_) == 2


def test_visits_of_many_rooms_leave_no_more_than_the_limit() -> None:
    all_ = rooms(limit=2)
    for start in range(0, 1000, 100):
        warm(all_, *map(str, range(start, start + 100)))
    assert len(all_) == 2


def test_a_fault_in_one_room_is_told_and_no_other_room_suffers() -> None:
    all_, waiter = rooms(), Waiter()
    with all_.visit(["6", "7", "8"]) as here:
        for room in here:
            room.warm(unwritten(room.name), [])
        all_.park(waiter, here[1:2])
        with pytest.raises(ExceptionGroup) as told:
            all_.deliver([message(1, "6"), message(2, "7"), message(1, "8")])
        assert told.group_contains(RuntimeError, match="a hole in 7")
        assert waiter.results == [None]
    heads = [room.buffer.head for room in warm(all_, "6", "8")]
    assert heads == [1, 1]
    with all_.visit(["7"]) as (again,):
        assert again.buffer.cold


def test_an_entry_is_encoded_once_while_the_buffer_holds_it() -> None:
    all_ = rooms()
    (seven,) = warm(all_, "7")
    all_.deliver([message(1)])
    assert all_.entry(message(1)) is (seven.buffer.since(0) or [None])[0]
    assert all_.entry(message(1, "8")).offset == 1


def test_rooms_are_alive_while_somebody_listens_or_has_spoken() -> None:
    all_ = rooms()
    seven, eight, _ = warm(all_, "7", "8", "9")
    eight.buffer.new_messages(entries(0, 1))
    all_.listen([seven], 1)
    with all_.visit(["cold"]):
        assert all_.alive(10) == [Alive("7", 1), Alive("8", 0)]
        assert all_.alive(1) == [Alive("7", 1)]


def test_releasing_lets_everybody_go_with_nothing() -> None:
    all_, waiter = rooms(), Waiter()
    all_.park(waiter, warm(all_, "7", "8"))
    all_.release()
    assert waiter.results == [None]


def test_a_room_that_is_not_open_to_all_is_not_alive_to_all() -> None:
    all_ = rooms()
    tea, seven = warm(all_, "tea", "7")
    for room in (tea, seven):
        room.deliver([message(1, room.name)])
    tea.deliver([act(Change(closed=True), 2, "tea")])
    assert all_.alive(10) == [Alive("7", 0)]
