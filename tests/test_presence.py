from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.people import Person
from chatroom.presence import CROWD, GRACE, TYPING, TYPING_PAUSE, Presence, versions
from tests.making import ANN, BOB
from tests.test_buffer import Waiter


def presence() -> Presence:
    return Presence(versions("life"), 0.0)


def crowd(size: int) -> list[Person]:
    return [Person(f"p-{number:03}", f"guest {number:03}") for number in range(size)]


def told(presence: Presence, now: float) -> Any:
    """What is told at `now`."""
    presence.update(now)
    assert presence.summary is not None
    summary = msgspec.json.decode(presence.summary.json)
    assert summary["version"] == presence.summary.version
    return summary


def names(summary: Any) -> list[str]:
    return [person["name"] for person in summary["people"]]


def test_nothing_is_told_before_anybody_has_looked() -> None:
    assert presence().summary is None


def test_whoever_was_seen_is_told_with_id_and_name() -> None:
    here = presence()
    here.sample([BOB, ANN], 0)
    assert told(here, 0) == {
        "version": "life-1",
        "count": 2,
        "people": [{"id": "p-ann", "name": "Ann"}, {"id": "p-bob", "name": "Bob"}],
        "typing": [],
    }


def test_an_empty_room_is_told_as_such() -> None:
    assert told(presence(), 0) == {"version": "life-1", "count": 0, "people": [], "typing": []}


def test_people_are_in_the_order_of_their_names_and_then_ids_whoever_came_first() -> None:
    here = presence()
    here.sample([Person("2", "Zoë"), Person("3", "Eve"), Person("1", "Zoë")], 0)
    assert [it["id"] for it in told(here, 0)["people"]] == ["3", "1", "2"]


def test_who_is_not_seen_stays_for_the_grace_and_not_longer() -> None:
    here = presence()
    here.sample([ANN, BOB], 0)
    here.sample([ANN], 1)
    assert names(told(here, GRACE)) == ["Ann", "Bob"]
    assert names(told(here, GRACE + 0.5)) == ["Ann"]
    assert names(told(here, GRACE + 1.5)) == []


def test_the_grace_is_more_than_two_holds_and_at_most_a_minute_and_a_half() -> None:
    assert 60 <= GRACE <= 90


@given(st.lists(st.tuples(st.integers(0, 40), st.sets(st.sampled_from(crowd(4))))))
def test_there_is_who_was_seen_within_the_grace_and_nobody_else(
    looks: list[tuple[int, set[Person]]],
) -> None:
    here, now, seen = presence(), 0, {}
    for seconds, people in looks:
        now += seconds
        here.sample(people, now)
        seen |= dict.fromkeys(people, now)
        present = sorted(person.name for person, at in seen.items() if now - at <= GRACE)
        assert names(told(here, now)) == present


def test_somebody_seen_in_two_places_is_there_once_and_leaves_with_the_last_of_them() -> None:
    here = presence()
    here.sample([ANN, ANN], 0)
    here.sample([ANN], 10)
    assert told(here, 0)["count"] == 1
    assert told(here, GRACE + 5)["count"] == 1
    assert told(here, GRACE + 15)["count"] == 0


def test_a_new_name_replaces_the_old_one() -> None:
    here = presence()
    here.sample([ANN], 0)
    first = told(here, 0)
    here.sample([Person(ANN.id, "Anna")], 3)
    assert names(told(here, 3)) == ["Anna"]
    assert told(here, 3)["version"] != first["version"]


def test_the_same_summary_is_the_same_bytes_and_made_once() -> None:
    here = presence()
    here.sample([ANN], 0)
    here.update(0)
    first = here.summary
    here.sample([ANN], 3)
    here.update(3)
    assert here.summary is first


def test_no_version_is_given_twice_in_any_room_of_any_life() -> None:
    counter = versions("one")
    rooms = [Presence(counter, 0.0), Presence(counter, 0.0), Presence(versions("two"), 0.0)]
    seen = []
    for person in crowd(5):
        for room in rooms:
            room.sample([person], 0)
            seen.append(told(room, 0)["version"])
    assert len(set(seen)) == len(seen)


def test_of_a_crowd_only_the_number_is_told() -> None:
    here = presence()
    here.sample(crowd(CROWD), 0)
    assert len(told(here, 0)["people"]) == CROWD
    assert not here.crowded
    here.sample([ANN], 1)
    assert told(here, 1) == {"version": "life-2", "count": CROWD + 1}
    assert here.crowded
    here.sample(crowd(CROWD), GRACE)
    assert told(here, GRACE + 2)["count"] == len(told(here, GRACE + 2)["people"]) == CROWD


def test_who_types_is_shown_for_a_moment() -> None:
    here = presence()
    here.sample([ANN, BOB], 0)
    here.types(BOB, 0)
    assert told(here, 0)["typing"] == [BOB.id]
    assert told(here, TYPING - 0.1)["typing"] == [BOB.id]
    assert told(here, TYPING)["typing"] == []


def test_who_types_on_is_shown_on() -> None:
    here = presence()
    here.sample([ANN], 0)
    here.types(ANN, 0)
    here.types(ANN, TYPING_PAUSE)
    assert told(here, TYPING + 1)["typing"] == [ANN.id]
    assert told(here, TYPING + TYPING_PAUSE)["typing"] == []


def test_who_types_on_is_told_again_before_readers_stop_to_believe_it_and_not_more_often() -> None:
    here = presence()
    here.sample([ANN, BOB], 0)
    found = []
    for second in range(0, 60, 3):
        here.types(ANN, second)
        found.append(told(here, second)["version"])
    assert all(len(set(found[i : i + 4])) > 1 for i in range(len(found) - 3))
    assert len(set(found)) == len(found) / 2
    quiet = told(here, 70)["version"]
    assert told(here, 74)["version"] == quiet


def test_what_is_said_of_typing_too_often_changes_nothing() -> None:
    here = presence()
    here.sample([ANN], 0)
    here.types(ANN, 0)
    for tenth in range(1, 20):
        here.types(ANN, tenth / 10)
    assert told(here, TYPING)["typing"] == []


def test_who_has_spoken_types_no_more_until_beginning_anew() -> None:
    here = presence()
    here.sample([ANN], 0)
    here.types(ANN, 0)
    here.says(ANN)
    here.says(BOB)
    assert told(here, 0.5)["typing"] == []
    here.types(ANN, 0.6)
    assert told(here, 0.6)["typing"] == [ANN.id]


def test_nobody_types_in_a_crowd_or_without_being_there() -> None:
    here = presence()
    here.sample(crowd(2), 0)
    here.types(ANN, 0)
    assert told(here, 0)["typing"] == []
    here.sample([*crowd(CROWD), ANN], 0)
    here.types(ANN, 0)
    here.sample([ANN], GRACE)
    assert told(here, GRACE + 1) == {
        "version": "life-2",
        "count": 1,
        "people": [{"id": ANN.id, "name": ANN.name}],
        "typing": [],
    }


def test_who_types_and_goes_is_not_shown_to_type_on() -> None:
    here = presence()
    here.sample([ANN, BOB], 0)
    here.types(BOB, GRACE)
    here.sample([ANN], GRACE)
    assert told(here, GRACE + 1)["typing"] == []


def test_who_is_unwelcome_goes_at_once_and_types_no_more_and_may_return() -> None:
    here = presence()
    here.sample([ANN, BOB], 0)
    here.types(BOB, 0)
    here.leave(lambda visitor: visitor.person == BOB)
    here.types(BOB, 0)
    assert names(told(here, 0)) == ["Ann"]
    here.sample([BOB], 1)
    update = told(here, 1)
    assert (names(update), update["typing"]) == (["Ann", "Bob"], [])


def test_whoever_waits_with_another_version_is_woken_with_nothing() -> None:
    here = presence()
    here.sample([ANN], 0)
    here.update(0)
    newest, older, none, done = (Waiter() for _ in range(4))
    done.set_result(None)
    here.waiters = {newest: "life-1", older: "life-0", none: "", done: ""}
    assert here.wake() == 3
    assert [it.results for it in (newest, older, none, done)] == [[], [None], [None], [None]]


@pytest.mark.parametrize("waits", [True, False])
def test_it_is_idle_when_nobody_waits_or_has_asked_for_the_grace(waits: bool) -> None:
    here = presence()
    if waits:
        here.waiters[Waiter()] = ""
    assert not here.idle(GRACE)
    assert here.idle(GRACE + 1) is not waits
    here.asked = GRACE
    assert not here.idle(GRACE + 1)
