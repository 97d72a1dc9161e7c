"""Versions of what is somebody's own: never the same again, and whoever is held with an old one is ended."""

from __future__ import annotations

import pytest

from chatroom.deed import Act, AnyDeed, Bar, Change, Membership, Role
from chatroom.marks import Marks
from tests.making import ANN, BOB, message

BOOT = "k3f9"


@pytest.fixture
def marks() -> Marks:
    return Marks(BOOT, limit=3)


@pytest.fixture
def ended() -> list[str]:
    """Who was ended."""
    return []


def hold(marks: Marks, ended: list[str], who: str) -> None:
    """Hold somebody for Ann, who leaves when that is ended."""

    def end(who: str) -> None:
        marks.leave(ANN.id, who)
        ended.append(who)

    marks.hold(ANN.id, who, end)


def test_a_version_stays_until_something_changes(marks: Marks) -> None:
    before = marks.version(ANN.id)
    assert before == marks.version(ANN.id)
    assert marks.changed(ANN.id) == (before, marks.version(ANN.id))
    assert marks.version(ANN.id) != before
    assert before.startswith(f"{BOOT}-")


def test_what_has_not_changed_has_one_version(marks: Marks) -> None:
    version = marks.version(ANN.id)
    assert marks.unchanged(ANN.id) == (version, version)


def test_a_change_of_one_is_none_of_another(marks: Marks) -> None:
    bob = marks.version(BOB.id)
    marks.changed(ANN.id)
    assert marks.version(BOB.id) == bob


def test_no_version_comes_twice_whoever_is_forgotten_meanwhile(marks: Marks) -> None:
    seen = [marks.version(ANN.id)]
    for turn in range(5):
        for other in range(3):
            marks.version(f"other {other}")
        seen.append(marks.version(ANN.id))
        if turn % 2:
            seen.append(marks.changed(ANN.id).after)
    assert len(set(seen)) == len(seen)


def test_who_asks_is_not_forgotten(marks: Marks) -> None:
    version = marks.version(ANN.id)
    for other in range(10):
        marks.version(f"other {other}")
        assert marks.version(ANN.id) == version


def test_memory_is_bounded(marks: Marks) -> None:
    for other in range(10):
        marks.changed(f"other {other}")
    assert len(marks._versions) == 3


def test_another_life_of_the_process_has_other_versions() -> None:
    assert Marks("aaaa", 1).version(ANN.id) != Marks("bbbb", 1).version(ANN.id)


def test_a_change_ends_who_is_held_for_that_person_and_nobody_else(
    marks: Marks, ended: list[str]
) -> None:
    for who in ("left", "right"):
        hold(marks, ended, who)
    marks.changed(BOB.id)
    assert ended == []
    marks.changed(ANN.id)
    assert ended == ["left", "right"]
    marks.changed(ANN.id)
    assert ended == ["left", "right"]
    assert marks._held == {}


def test_who_has_left_is_not_ended(marks: Marks, ended: list[str]) -> None:
    for who in ("left", "right"):
        hold(marks, ended, who)
    marks.leave(ANN.id, "left")
    marks.changed(ANN.id)
    assert ended == ["right"]


@pytest.mark.parametrize(
    ("deed", "changes"),
    [
        (Membership(BOB, Role.MEMBER), True),
        (Membership(BOB, None), True),
        (Bar(person=BOB, until=5), True),
        (Change(title="Tea"), False),
    ],
)
def test_an_act_changes_whose_rooms_are_others_now(
    marks: Marks, deed: AnyDeed, changes: bool
) -> None:
    ann, bob = marks.version(ANN.id), marks.version(BOB.id)
    marks.deliver([message(1), Act(room="7", offset=2, author=ANN, at=0, deed=deed)])
    assert (marks.version(BOB.id) != bob) == changes
    assert marks.version(ANN.id) == ann
