"""How often one person and one address may ask: what is counted for whom, and what the defaults let through."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from chatroom.errors import SearchBusy, TooMany
from chatroom.holds import Holder, Holds
from chatroom.rates import Rates
from chatroom.settings import Settings
from tests.conftest import Monotonic
from tests.server_process import UNLIMITED

ANN, BOB = Holder("person ann"), Holder("person bob")
HERE, THERE = Holder("address 192.0.2.1"), Holder("address 192.0.2.2")

Count = Callable[..., None]


def rates(monotonic: Monotonic, **settings: float) -> Rates:
    return Rates(Settings(**UNLIMITED | settings), monotonic)


def let_through(count: Count, *whom: Holder) -> int:
    """How often that may be done before it is too much."""
    times = 0
    try:
        while True:
            count(*whom)
            times += 1
    except TooMany:
        return times


def test_requests_and_sessions_are_counted_for_an_address(monotonic: Monotonic) -> None:
    some = rates(monotonic, requests_per_address_burst=3, sessions_per_address_burst=2)
    for address in (HERE, THERE):
        assert let_through(some.count_request, address) == 3
        assert let_through(some.count_session, address) == 2


def test_posts_are_counted_for_a_person_wherever_they_are(monotonic: Monotonic) -> None:
    some = rates(monotonic, posts_per_person_burst=3)
    assert let_through(some.count_post, ANN, HERE) == 3
    assert let_through(some.count_post, ANN, THERE) == 0
    assert let_through(some.count_post, BOB, HERE) == 3


def test_posts_are_counted_for_an_address_whoever_is_there(monotonic: Monotonic) -> None:
    some = rates(monotonic, posts_per_address_burst=3)
    assert let_through(some.count_post, ANN, HERE) == 3
    assert let_through(some.count_post, BOB, HERE) == 0
    assert let_through(some.count_post, BOB, THERE) == 3


def test_files_are_counted_by_bytes_for_the_guests_and_for_the_accounts_of_an_address(
    monotonic: Monotonic,
) -> None:
    some = rates(monotonic, max_file=1024, files_per_address=4096)
    for address in (HERE, THERE):
        for account in (False, True):
            count = partial(some.count_file, 1025, account=account)
            assert let_through(count, address) == 2
            with pytest.raises(TooMany) as refused:
                some.count_file(1, address, account=account)
            assert refused.value.retry_after == 86_400 / 4
            some.forgive_file(1025, address, account=account)
            assert let_through(count, address) == 1


def test_a_post_that_is_refused_for_one_reason_is_not_counted_for_the_other(
    monotonic: Monotonic,
) -> None:
    some = rates(monotonic, posts_per_person_burst=2, posts_per_address_burst=3)
    assert let_through(some.count_post, ANN, HERE) == 2
    assert let_through(some.count_post, BOB, HERE) == 1
    assert let_through(some.count_post, BOB, THERE) == 1
    assert let_through(some.count_post, Holder("person eve"), THERE) == 2


def test_what_is_forgiven_was_never_counted(monotonic: Monotonic) -> None:
    limits = {f"{what}_burst": 2 for what in ("posts_per_person", "requests_per_address")}
    some = rates(monotonic, **limits, posts_per_address_burst=2)
    for _ in range(10):
        some.count_request(HERE)
        some.forgive_request(HERE)
        some.count_post(ANN, HERE)
        some.forgive_post(ANN, HERE)
    assert let_through(some.count_request, HERE) == 2
    assert let_through(some.count_post, ANN, HERE) == 2


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("requests_per_address", lambda some: some.count_request(HERE)),
        ("sessions_per_address", lambda some: some.count_session(HERE)),
        ("posts_per_person", lambda some: some.count_post(ANN, HERE)),
        ("posts_per_address", lambda some: some.count_post(ANN, HERE)),
    ],
)
def test_each_limit_has_its_burst_and_its_rate(
    monotonic: Monotonic, name: str, ask: Callable[[Rates], None]
) -> None:
    some = rates(monotonic, **{name: 0.25, f"{name}_burst": 2})
    ask(some)
    ask(some)
    with pytest.raises(TooMany) as refused:
        ask(some)
    assert refused.value.retry_after == 4
    monotonic.now += 4.0
    ask(some)
    with pytest.raises(TooMany):
        ask(some)


def test_a_thousand_people_behind_one_address_may_all_come_at_the_same_moment(
    monotonic: Monotonic,
) -> None:
    """A page, a session, a poll that is told what was missed and one that waits, and something to say."""
    some, holds = Rates(Settings(), monotonic), Holds(1, 1, 1)
    for number in range(1000):
        for _ in range(3):
            some.count_request(HERE)
        some.count_session(HERE)
        some.count_post(holds.person(str(number)), HERE)


def test_somebody_takes_one_room_away_at_a_time(monotonic: Monotonic) -> None:
    some = rates(monotonic)
    for _ in range(2):
        with some.exporting(ANN), some.exporting(BOB):
            again = some.exporting(ANN)
            with pytest.raises(TooMany):
                again.__enter__()


def test_whoever_failed_to_take_a_room_away_may_try_again(monotonic: Monotonic) -> None:
    some = rates(monotonic)
    for _ in range(2):
        with suppress(ZeroDivisionError), some.exporting(ANN):
            raise ZeroDivisionError


def test_nobody_looks_for_so_much_at_once_that_others_do_not_get_their_turn(
    monotonic: Monotonic,
) -> None:
    some = rates(monotonic)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(some.searching("ann", "192.0.2.1"))
        with pytest.raises(SearchBusy):
            stack.enter_context(some.searching("ann", "192.0.2.2"))
        for _ in range(21):
            stack.enter_context(some.searching(None, "192.0.2.1"))
        with pytest.raises(SearchBusy):
            stack.enter_context(some.searching("bob", "192.0.2.1"))
        stack.enter_context(some.searching("bob", "192.0.2.2"))
    with some.searching("ann", "192.0.2.1"):
        pass
