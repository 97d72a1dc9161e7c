from __future__ import annotations

from chatroom.cursor import Cursor
from chatroom.room import Presence, Room, Rooms
from tests.making import EPOCH, entries, message, messages, wire
from tests.test_buffer import Waiter


def rooms(limit: int = 100, size: int = 5) -> Rooms:
    return Rooms(wire(), size, limit)


def warm(all_: Rooms, *names: str) -> list[Room]:
    found = [all_.admit(name) for name in names]
    for room in found:
        if room.buffer.cold:
            room.buffer.warm([])
    return found


def test_a_room_tells_what_its_reader_is_owed() -> None:
    (room,) = warm(rooms(), "7")
    room.buffer.new_messages(entries(0, 3))
    news = room.news(room.owed(Cursor(EPOCH, 1)))
    assert news is not None
    assert [entry.offset for entry in news.entries] == [2, 3]
    assert news.head == 3


def test_a_room_knows_nothing_of_what_is_older_than_its_buffer() -> None:
    (room,) = warm(rooms(size=2), "7")
    room.buffer.new_messages(entries(0, 5))
    assert room.news(room.owed(Cursor(EPOCH, 1))) is None


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
    seven, _ = warm(all_, "7", "8")
    all_.admit("7")
    warm(all_, "9")
    assert all_.admit("7") is seven
    assert len(all_) == 2


def test_rooms_with_waiters_and_rooms_being_read_stay() -> None:
    all_ = rooms(limit=2)
    (seven,) = warm(all_, "7")
    cold = all_.admit("8")
    all_.park(Waiter(), [seven])
    for name in map(str, range(20, 40)):
        warm(all_, name)
    assert all_.admit("7") is seven
    assert all_.admit("8") is cold
    assert len(all_) <= 4


def test_rooms_that_were_kept_by_their_waiters_leave_when_these_have_gone() -> None:
    all_ = rooms(limit=2)
    crowd = warm(all_, *map(str, range(50)))
    waiter = Waiter()
    all_.park(waiter, crowd)
    more = warm(all_, *map(str, range(50, 100)))
    all_.park(waiter, more)
    all_.leave(waiter, crowd + more)
    for name in map(str, range(100, 130)):
        warm(all_, name)
    assert len(all_) <= 3


def test_an_entry_is_encoded_once_while_the_buffer_holds_it() -> None:
    all_ = rooms()
    (seven,) = warm(all_, "7")
    all_.deliver([message(1)])
    assert all_.entry(message(1)) is (seven.buffer.since(0) or [None])[0]
    assert all_.entry(message(1, "8")).offset == 1


def test_rooms_are_alive_while_somebody_listens_or_has_spoken() -> None:
    all_ = rooms()
    seven, eight, _ = warm(all_, "7", "8", "9")
    all_.admit("cold")
    eight.buffer.new_messages(entries(0, 1))
    all_.park(Waiter(), [seven])
    assert all_.alive() == [Presence("7", 1), Presence("8", 0)]


def test_releasing_lets_everybody_go_with_nothing() -> None:
    all_, waiter = rooms(), Waiter()
    all_.park(waiter, warm(all_, "7", "8"))
    all_.release()
    assert waiter.results == [None]
