"""Rounds through the rooms that are watched: who is noted, who is woken, and when there are none."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from tornado.ioloop import IOLoop

from chatroom import attendance as module
from chatroom.attendance import FEW_READERS, Attendance, Watch
from chatroom.engines.people import Session
from chatroom.people import Person
from chatroom.presence import CROWD, GRACE, TYPING, versions
from chatroom.room import Room
from chatroom.rooms import Rooms
from chatroom.sessions import Known
from tests.conftest import until
from tests.making import ANN, BOB
from tests.test_buffer import Waiter
from tests.test_presence import crowd, names
from tests.test_room import rooms, warm


class World:
    """Some rooms, and time that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rooms: Rooms = rooms()
        self.attendance = Attendance(versions("life"), lambda: self.now, every=3600.0)

    def room(self, name: str = "7") -> Room:
        return warm(self.rooms, name)[0]

    def wait(self, room: Room, *people: Person, version: str | None = "") -> Waiter:
        """Somebody who is held in `room`; version None: who does not want to know who else is there."""
        waiter = Waiter(*people)
        self.rooms.park(waiter, [room])
        self.rooms.listen([room], len(people))
        if version is not None:
            self.attendance.park(waiter, [Watch(room, version)])
        return waiter

    def tick(self, seconds: float = 0) -> None:
        self.now += seconds
        self.attendance.tick(self.now)


@pytest.fixture
def world(io_loop: IOLoop) -> World:
    return World()


def news(room: Room, version: str = "") -> Any:
    """What a reader of `room` with that version does not know."""
    found = Watch(room, version).news
    return None if found is None else msgspec.json.decode(found.json)


def known(person: Person) -> Known:
    return Known(b"", Session(person, 0), 1)


@pytest.mark.gen_test
async def test_all_who_are_held_in_a_watched_room_are_there(world: World) -> None:
    room = world.room()
    world.wait(room, ANN)
    world.wait(room, BOB, version=None)
    world.wait(room)
    world.tick()
    assert names(news(room)) == ["Ann", "Bob"]
    assert news(room, "life-1") is None


@pytest.mark.gen_test
async def test_a_change_wakes_who_asked_for_it_and_nobody_else(world: World) -> None:
    room, other = world.room(), world.room("8")
    asks, asks_not = world.wait(room, ANN), world.wait(room, BOB, version=None)
    elsewhere = world.wait(other, BOB, version="life-1")
    world.tick()
    assert (asks.results, asks_not.results, elsewhere.results) == ([None], [], [None])


@pytest.mark.gen_test
async def test_nothing_new_wakes_nobody(world: World) -> None:
    room = world.room()
    world.wait(room, ANN)
    world.tick()
    back = world.wait(room, ANN, version="life-1")
    for _ in range(5):
        world.tick(3)
    assert back.results == []


@pytest.mark.gen_test
async def test_who_comes_to_wait_with_an_old_version_is_woken_by_the_next_round(
    world: World,
) -> None:
    room = world.room()
    world.wait(room, ANN)
    world.tick()
    for version in ("life-0", "former-1", ""):
        late = world.wait(room, ANN, version=version)
        assert late.results == []
        world.tick(3)
        assert late.results == [None]


@pytest.mark.gen_test
async def test_a_crowd_is_not_woken_and_its_number_is_told(world: World) -> None:
    room = world.room()
    waiters = [world.wait(room, it) for it in crowd(CROWD + 1)]
    world.tick()
    assert [it.results for it in waiters] == [[]] * len(waiters)
    assert news(room) == {"version": "life-1", "count": CROWD + 1}


@pytest.mark.gen_test
async def test_a_room_tells_by_itself_when_it_is_no_crowd_any_more(world: World) -> None:
    room = world.room()
    here = Waiter(*crowd(CROWD))
    world.rooms.park(here, [room])
    reader = world.wait(room, ANN, version="life-0")
    world.tick()
    assert reader.results == []
    assert news(room)["count"] == CROWD + 1
    world.rooms.leave(here, [room])
    world.rooms.park(Waiter(*crowd(CROWD - 1)), [room])
    world.tick(GRACE)
    assert reader.results == []
    world.tick(3)
    assert reader.results == [None]
    assert news(room)["count"] == len(news(room)["people"]) == CROWD


@pytest.mark.gen_test
async def test_many_readers_without_a_session_are_not_woken_either(world: World) -> None:
    room = world.room()
    reader = world.wait(room, ANN)
    world.rooms.listen([room], FEW_READERS)
    world.tick()
    assert reader.results == []
    assert names(news(room)) == ["Ann"]
    world.rooms.listen([room], -1)
    world.tick(3)
    assert reader.results == [None]


@pytest.mark.gen_test
async def test_who_is_answered_at_once_is_there_for_the_grace(world: World) -> None:
    room = world.room()
    world.attendance.note(known(ANN), [Watch(room, "")])
    world.attendance.note(None, [Watch(room, "")])
    world.tick(GRACE)
    assert names(news(room)) == ["Ann"]
    world.wait(room)
    world.tick(1)
    assert news(room)["count"] == 0


@pytest.mark.gen_test
async def test_who_types_is_shown_with_the_next_round(world: World) -> None:
    room = world.room()
    world.wait(room, ANN, BOB)
    world.tick()
    world.attendance.types("7", BOB)
    world.attendance.types("8", BOB)
    world.tick()
    assert news(room)["typing"] == [BOB.id]
    world.tick(TYPING)
    assert news(room)["typing"] == []
    world.attendance.types("7", BOB)
    world.attendance.says("7", BOB)
    world.attendance.says("8", BOB)
    world.tick()
    assert news(room)["typing"] == []


@pytest.mark.gen_test
async def test_a_room_that_nobody_asks_about_any_more_is_forgotten_and_begins_anew(
    world: World,
) -> None:
    room = world.room()
    waiter = world.wait(room, ANN)
    world.tick()
    first = news(room)
    world.rooms.leave(waiter, [room])
    world.attendance.leave(waiter, [Watch(room, "")])
    world.wait(room, BOB, version=None)
    world.tick(GRACE)
    assert room.presence is not None
    world.tick(1)
    assert room.presence is None
    assert news(room) is None
    world.attendance.leave(waiter, [Watch(room, "")])
    world.wait(room, ANN)
    world.tick()
    assert news(room)["version"] != first["version"]


@pytest.mark.gen_test
async def test_a_room_that_has_left_memory_is_forgotten_for_another_of_its_name(
    world: World,
) -> None:
    old = world.room()
    world.wait(old, ANN)
    world.tick()
    world.rooms.forget(old)
    new = world.room()
    world.wait(new, BOB)
    world.tick()
    assert names(news(new)) == ["Bob"]
    world.rooms.forget(new)
    world.tick()
    assert (old.presence is None, new.presence) == (False, None)


@pytest.mark.gen_test
async def test_there_are_rounds_only_while_a_room_is_watched(world: World) -> None:
    world.attendance.every = 0.001
    world.attendance.clock = asyncio.get_running_loop().time
    room = world.room()
    world.wait(room, BOB, version=None)
    assert not world.attendance.running
    waiter = world.wait(room, ANN)
    assert world.attendance.running
    await until(lambda: waiter.results == [None])
    await until(lambda: world.attendance.running)
    world.attendance.leave(waiter, [Watch(room, "")])
    world.attendance.clock = lambda: asyncio.get_running_loop().time() + GRACE + 1
    await until(lambda: not world.attendance.running and room.presence is None)


@pytest.mark.gen_test
async def test_a_closed_attendance_makes_no_more_rounds(world: World) -> None:
    room = world.room()
    world.wait(room, ANN)
    assert world.attendance.running
    world.attendance.close()
    assert not world.attendance.running
    world.wait(room, ANN)
    assert not world.attendance.running


@pytest.mark.gen_test
async def test_a_round_through_many_people_gives_others_their_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 10)
    people = crowd(95)
    seven, eight = world.room(), world.room("8")
    for start in range(0, 90, 9):
        world.wait(seven, *people[start : start + 9])
    last = world.wait(eight, *people[90:])
    world.tick()
    assert news(seven) is None
    turns = 0
    while not last.results:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 9
    assert (news(seven)["count"], news(eight)["count"]) == (90, 5)


@pytest.mark.gen_test
async def test_who_comes_and_goes_while_a_round_is_under_way_does_no_harm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 1)
    room = world.room()
    first, second = world.wait(room, ANN), world.wait(room, BOB)
    world.tick()
    world.rooms.leave(first, [room])
    world.rooms.leave(second, [room])
    world.wait(room, *crowd(2))
    await until(lambda: news(room) is not None)
    assert "Ann" in names(news(room))
    world.tick()
    await until(lambda: news(room)["count"] >= 3)
