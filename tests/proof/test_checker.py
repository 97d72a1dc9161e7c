"""The checker can say no: every kind of damage is refused, and an undamaged log is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proof.caller import Broken, expect
from tests.proof.checker import (
    Entry,
    check_acknowledged,
    check_order,
    check_reader,
    check_stderr,
    check_tokens,
)
from tests.proof.outcome import Outcome


def entry(offset: int, client_id: str = "") -> Entry:
    at = "2024-05-01T12:00:00.000Z"
    return Entry(f"k3f9q2ab-{offset}", "p1", "Ann", client_id or f"c{offset}", "hello", at)


TRUTH = [entry(offset) for offset in range(1, 6)]


def lose(log: list[Entry]) -> None:
    del log[2]


def lose_the_last(log: list[Entry]) -> None:
    del log[-1]


def double(log: list[Entry]) -> None:
    log.insert(3, log[2])


def swap(log: list[Entry]) -> None:
    log[2], log[3] = log[3], log[2]


def alter(log: list[Entry]) -> None:
    log[2] = log[2]._replace(body="something else")


def invent(log: list[Entry]) -> None:
    log.append(entry(6))


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lose, "lost"),
        (lose_the_last, "lost"),
        (double, "twice"),
        (swap, "out of order"),
        (alter, "altered"),
        (invent, "not in the log"),
    ],
)
def test_the_checker_refuses_a_damaged_log(
    damage: Callable[[list[Entry]], None], kind: str
) -> None:
    log = list(TRUTH)
    assert check_reader("a reader", log, TRUTH) == []
    damage(log)
    assert kind in {violation.kind for violation in check_reader("a reader", log, TRUTH)}


def test_the_checker_refuses_a_hole_and_a_token_stored_twice() -> None:
    assert check_order("file", TRUTH) == []
    assert check_tokens("file", TRUTH) == []
    assert [v.kind for v in check_order("file", [entry(1), entry(3)])] == ["out of order"]
    assert [v.kind for v in check_tokens("file", [entry(1, "c"), entry(2, "c")])] == ["twice"]


@pytest.mark.parametrize(
    ("acknowledged", "kind"),
    [
        ({"c1": "k3f9q2ab-1", "c9": "k3f9q2ab-9"}, "lost"),
        ({"c2": "k3f9q2ab-1"}, "lost"),
        ({"c1": "k3f9q2ab-1", "c2": "k3f9q2ab-1"}, "twice"),
        ({"c1": "k3f9q2ab-1"}, "never acknowledged"),
    ],
)
def test_the_checker_refuses_what_was_acknowledged_and_is_not_there(
    acknowledged: dict[str, str], kind: str
) -> None:
    all_of_it = {str(entry.client_id): entry.id for entry in TRUTH}
    assert check_acknowledged("file", all_of_it, TRUTH, complete=True) == []
    found = check_acknowledged("file", acknowledged, TRUTH, complete=True)
    assert kind in {violation.kind for violation in found}


def test_the_checker_refuses_a_traceback() -> None:
    assert check_stderr("INFO listening") == []
    assert [v.kind for v in check_stderr("Traceback (most recent call last):")] == ["traceback"]


def test_an_outcome_does_not_hold_when_something_never_happened() -> None:
    assert Outcome("a run", {"kills": 1, "stops": 0}, ["kills"], []).holds
    assert not Outcome("a run", {"kills": 0, "stops": 1}, ["kills"], []).holds
    with pytest.raises(Broken):
        expect(holds=False, what="a premise", evidence=None)
