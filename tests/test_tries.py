from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest

from chatroom.errors import SignInFailed, TooMany, Unavailable
from chatroom.tries import (
    FORGIVEN_AFTER,
    LONGEST_DELAY,
    PAIRS_KEPT,
    STRANGE_BURST,
    STRANGE_RATE,
    WORK_BURST,
    WRONG_BURST,
    Delays,
    Tries,
)


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def tries(seconds: Seconds) -> Tries:
    return Tries(seconds)


def wrong(tries: Tries, account: str, address: str, *, signed_in: bool = False) -> float:
    """Try a wrong password: 0.0, or the seconds until one may."""
    try:
        with suppress(SignInFailed), tries.attempt(account, address, signed_in=signed_in):
            _fail()
    except TooMany as refused:
        return refused.retry_after or 0.0
    return 0.0


def _fail() -> None:
    raise SignInFailed


def right(tries: Tries, account: str, address: str) -> None:
    with tries.attempt(account, address):
        pass


def let_through(seconds: Seconds, attack: Callable[[], float], duration: float) -> list[float]:
    """At which seconds an attacker gets to try who does so whenever there is a chance."""
    begun, found = seconds.now, []
    while seconds.now - begun < duration:
        if attack():
            seconds.now += 0.25
        else:
            found.append(seconds.now - begun)
    return found


def test_one_account_from_one_address_is_tried_ten_times_in_three_minutes_and_ever_more_slowly(
    tries: Tries, seconds: Seconds
) -> None:
    at = let_through(seconds, lambda: wrong(tries, "ann", "a"), 1800)
    assert at[:10] == [0, 0, 0, 1, 3, 7, 15, 31, 63, 127]
    assert all(sum(begin <= it < begin + 180 for it in at) <= 10 for begin in at)
    assert {later - it for it, later in pairwise(at[9:])} == {LONGEST_DELAY}


def test_many_tries_at_once_are_many(tries: Tries) -> None:
    for _ in range(3):
        tries.attempt("ann", "a").__enter__()  # and never left
    assert wrong(tries, "ann", "a") == 1


def test_who_was_right_begins_anew(tries: Tries) -> None:
    for _ in range(10):
        assert not wrong(tries, "ann", "a")
        assert not wrong(tries, "ann", "a")
        right(tries, "ann", "a")


def test_who_has_not_tried_for_long_begins_anew(tries: Tries, seconds: Seconds) -> None:
    let_through(seconds, lambda: wrong(tries, "ann", "a"), 200)
    seconds.now += LONGEST_DELAY + FORGIVEN_AFTER + 1
    assert let_through(seconds, lambda: wrong(tries, "ann", "a"), 5) == [0, 0, 0, 1, 3]


def test_what_the_server_could_not_do_counts_as_nothing(tries: Tries) -> None:
    for _ in range(2 * WRONG_BURST):
        with suppress(Unavailable), tries.attempt("ann", "a"):
            raise Unavailable
    assert not wrong(tries, "ann", "a")


def test_one_address_cannot_try_all_accounts(tries: Tries, seconds: Seconds) -> None:
    names = (f"name {number}" for number in range(100_000))
    at = let_through(seconds, lambda: wrong(tries, next(names), "a"), 600)
    assert len(at) <= WRONG_BURST + 600 / 6 + 1
    assert not wrong(tries, "ann", "b")


def test_who_is_right_may_sign_in_to_many_accounts_from_one_address(tries: Tries) -> None:
    for number in range(2 * WRONG_BURST):
        right(tries, f"name {number}", "a")


def test_the_work_of_one_address_is_bounded_even_where_it_is_right(tries: Tries) -> None:
    for _ in range(WORK_BURST):
        right(tries, "ann", "a")
    with pytest.raises(TooMany):
        right(tries, "ann", "a")
    with pytest.raises(TooMany):
        tries.work("a")
    tries.work("b")


def test_many_addresses_get_few_tries_at_one_account(tries: Tries, seconds: Seconds) -> None:
    addresses = (f"address {number}" for number in range(100_000))
    at = let_through(seconds, lambda: wrong(tries, "ann", next(addresses)), 600)
    assert len(at) <= STRANGE_BURST + 600 * STRANGE_RATE + 1


def test_the_owner_gets_in_from_a_familiar_address_while_many_addresses_attack(
    tries: Tries, seconds: Seconds
) -> None:
    right(tries, "ann", "home")
    addresses = (f"address {number}" for number in range(100_000))
    let_through(seconds, lambda: wrong(tries, "ann", next(addresses)), 65)
    assert wrong(tries, "ann", "elsewhere") > 0
    right(tries, "ann", "home")
    assert not wrong(tries, "ann", "home")


def test_the_owner_waits_ten_seconds_for_a_place_elsewhere(tries: Tries, seconds: Seconds) -> None:
    addresses = (f"address {number}" for number in range(100_000))
    let_through(seconds, lambda: wrong(tries, "ann", next(addresses)), 65)
    wait = wrong(tries, "ann", "elsewhere")
    assert 0 < wait <= 1 / STRANGE_RATE
    seconds.now += wait
    right(tries, "ann", "elsewhere")


def test_who_has_a_session_is_not_kept_waiting_by_those_who_have_none(
    tries: Tries, seconds: Seconds
) -> None:
    addresses = (f"address {number}" for number in range(100_000))
    let_through(seconds, lambda: wrong(tries, "ann", next(addresses)), 65)
    assert not wrong(tries, "ann", "elsewhere", signed_in=True)


def test_a_stolen_session_gives_no_more_tries_than_none(tries: Tries, seconds: Seconds) -> None:
    both = iter([False, True] * 100_000)
    at = let_through(seconds, lambda: wrong(tries, "ann", "a", signed_in=next(both)), 180)
    assert len(at) == 10


def test_what_is_refused_costs_nothing(tries: Tries, seconds: Seconds) -> None:
    let_through(seconds, lambda: wrong(tries, "ann", "a"), 10)
    before = wrong(tries, "ann", "a")
    assert before > 0
    for _ in range(10 * WORK_BURST):
        assert wrong(tries, "ann", "a") == before
    assert not wrong(tries, "bob", "a")


def test_no_more_pairs_are_remembered_than_the_limit(seconds: Seconds) -> None:
    delays = Delays(seconds, limit=2)
    for account in "abc":
        for _ in range(3):
            delays.begin((account, "x"))
    assert [delays.left((account, "x")) for account in "abc"] == [0.0, 1.0, 1.0]
    tries = Tries(seconds)
    for number in range(PAIRS_KEPT + 1):
        tries.welcome("ann", str(number))
    assert len(tries._familiar) == PAIRS_KEPT
