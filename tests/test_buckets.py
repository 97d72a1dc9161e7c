"""Token buckets: what goes through at once, what goes through in the long run, and what is remembered of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatroom.buckets import BUCKETS_KEPT, Buckets
from tests.conftest import Monotonic


def buckets(
    monotonic: Monotonic, rate: float = 2.0, burst: int = 3, limit: int = BUCKETS_KEPT
) -> Buckets:
    return Buckets(rate, burst, monotonic, limit)


def taken(some: Buckets, key: str = "ann") -> int:
    """How many tokens there are in a bucket; none is left."""
    tokens = 0
    while some.take(key) == 0.0:
        tokens += 1
    return tokens


def test_a_burst_goes_through_and_what_comes_then_has_to_wait(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    assert [some.take("ann") for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 0.5]


def test_whoever_waits_as_long_as_told_is_let_through_and_nobody_sooner(
    monotonic: Monotonic,
) -> None:
    some = buckets(monotonic)
    taken(some)
    monotonic.now += 0.4
    wait = some.take("ann")
    assert wait == pytest.approx(0.1)
    monotonic.now += wait
    assert some.take("ann") == 0.0
    assert some.take("ann") == 0.5


def test_tokens_come_back_one_by_one_and_never_more_than_the_burst(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    for pause, tokens in ((0.0, 3), (0.5, 1), (1.0, 2), (1.4, 2), (1.5, 3), (1e6, 3)):
        monotonic.now += pause
        assert taken(some) == tokens, pause


def test_each_key_has_a_bucket_of_its_own(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    assert taken(some, "ann") == taken(some, "bob") == 3
    assert taken(some, "ann") == 0


def test_what_is_refused_is_not_counted(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    taken(some)
    for _ in range(100):
        assert some.take("ann") == 0.5
    assert some.take("bob") == 0.0


def test_what_is_given_back_can_be_taken_again(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    taken(some)
    some.give_back("ann")
    assert taken(some) == 1


def test_many_tokens_are_taken_at_once_or_none(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    assert some.take("ann", 2) == 0.0
    assert some.take("ann", 3) == pytest.approx(1.0)
    assert some.take("ann") == 0.0
    some.give_back("ann", 2)
    assert some.take("ann", 3) == pytest.approx(0.5)
    assert taken(some) == 2


def test_what_is_given_back_to_a_bucket_that_has_filled_up_is_lost(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    some.take("ann")
    monotonic.now += 60.0
    some.give_back("ann")
    some.give_back("bob")
    assert taken(some, "ann") == taken(some, "bob") == 3


@pytest.mark.parametrize("rate", [0.001, 0.3, 1 / 3, 3.0, 7.7, 99_999.0])
@pytest.mark.parametrize("burst", [1, 7, 1000])
@pytest.mark.parametrize("now", [0.0, 1 / 3, 123_456_789.123])
def test_a_burst_is_exactly_as_large_as_it_is_said_to_be(
    monotonic: Monotonic, rate: float, burst: int, now: float
) -> None:
    monotonic.now = now
    assert taken(buckets(monotonic, rate, burst)) == burst


@given(
    rate=st.floats(0.01, 1000.0),
    burst=st.integers(1, 20),
    pauses=st.lists(st.integers(0, 3_000_000), max_size=100),
)
@example(rate=3.0, burst=1, pauses=[0, 333_333])
def test_in_no_window_goes_more_through_than_the_burst_and_what_came_back(
    rate: float, burst: int, pauses: list[int]
) -> None:
    monotonic = Monotonic()
    some = buckets(monotonic, rate, burst)
    now, let_through = 1_000_000_000, []  # microseconds
    for pause in pauses:
        now += pause
        monotonic.now = now / 1_000_000
        if some.take("ann") == 0.0:
            let_through.append(now)
    for first, since in enumerate(let_through):
        for last, until in enumerate(let_through[first:], 1):
            assert last <= burst + Fraction(rate) * (until - since) / 1_000_000


@given(
    rate=st.floats(0.01, 1000.0),
    burst=st.integers(1, 20),
    pauses=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=100),
)
def test_whoever_waits_as_long_as_told_is_let_through_whatever_was_before(
    rate: float, burst: int, pauses: list[int]
) -> None:
    monotonic = Monotonic()
    some = buckets(monotonic, rate, burst)
    for pause in pauses:
        monotonic.now += pause / 1_000_000
        wait = some.take("ann")
        monotonic.now += wait
        assert wait == 0.0 or some.take("ann") == 0.0


def test_no_more_buckets_are_kept_than_may_be_whoever_comes(monotonic: Monotonic) -> None:
    some = buckets(monotonic, rate=0.001, limit=100)
    for number in range(1000):
        some.take(f"address {number}")
        assert len(some) == min(number + 1, 100)


def test_the_one_that_was_not_used_for_longest_is_forgotten_first(monotonic: Monotonic) -> None:
    some = buckets(monotonic, limit=2)
    taken(some, "ann")
    some.take("bob")
    monotonic.now += 0.5
    some.take("ann")
    some.take("eve")
    assert taken(some, "ann") == 0
    assert len(some) == 2
    assert taken(some, "bob") == 3


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400_000)), max_size=200),
)
def test_to_be_forgotten_gives_nobody_more_than_a_full_bucket(steps: list[tuple[int, int]]) -> None:
    monotonic = Monotonic()
    some = buckets(monotonic, limit=2)
    for who, pause in steps:
        monotonic.now += pause / 1_000_000
        some.take(str(who))
        assert len(some) <= 2
    for who in range(6):
        assert taken(some, str(who)) <= 3


def test_full_buckets_are_forgotten_while_others_are_used(monotonic: Monotonic) -> None:
    some = buckets(monotonic)
    for number in range(100):
        some.take(f"address {number}")
    assert len(some) == 100
    monotonic.now += 10.0
    for _ in range(60):
        some.take("ann")
        monotonic.now += 1.0
    assert len(some) == 1
