"""How many polls may be held, and whose they are."""

from __future__ import annotations

import gc

import pytest

from chatroom.holds import Holder, Holds


@pytest.fixture
def holds() -> Holds:
    return Holds(total=4, per_person=2, per_address=3)


def test_a_person_has_a_limit_wherever_they_are(holds: Holds) -> None:
    ann, bob = holds.person("ann"), holds.person("bob")
    here, there = holds.address("192.0.2.1"), holds.address("192.0.2.2")
    assert holds.begin(ann, here)
    assert holds.begin(ann, there)
    assert not holds.begin(ann, holds.address("192.0.2.3"))
    assert holds.begin(bob, there)


def test_an_address_has_a_limit_whoever_is_there(holds: Holds) -> None:
    here = holds.address("192.0.2.1")
    assert all(holds.begin(person, here) for person in (None, holds.person("ann"), None))
    assert not holds.begin(holds.person("bob"), here)
    assert holds.begin(None, holds.address("192.0.2.2"))


def test_all_together_have_a_limit(holds: Holds) -> None:
    addresses = [holds.address(f"192.0.2.{last}") for last in range(5)]
    assert [holds.begin(None, it) for it in addresses] == [True] * 4 + [False]


def test_what_is_refused_is_not_counted(holds: Holds) -> None:
    ann, here = holds.person("ann"), holds.address("192.0.2.1")
    for _ in range(2):
        assert holds.begin(ann, here)
    assert not holds.begin(ann, here)
    assert (holds.held, ann.held, here.held) == (2, 2, 2)


def test_an_ended_poll_makes_room_for_another(holds: Holds) -> None:
    ann, here = holds.person("ann"), holds.address("192.0.2.1")
    for _ in range(10):
        assert holds.begin(ann, here)
        assert holds.begin(None, here)
        holds.end(ann, here)
        holds.end(None, here)
    assert (holds.held, ann.held, here.held) == (0, 0, 0)


def test_a_person_is_not_taken_for_an_address(holds: Holds) -> None:
    assert holds.person("192.0.2.1") is not holds.address("192.0.2.1")
    assert holds.person("ann") is holds.person("ann")


def test_a_holder_is_forgotten_when_nobody_refers_to_it(holds: Holds) -> None:
    ann = holds.person("ann")
    ann.held = 1
    assert list(holds._holders) == ["person ann"]
    del ann
    gc.collect()
    assert not holds._holders
    assert holds.person("ann").held == 0


@pytest.mark.parametrize(
    "same",
    [
        ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff"),
        ("2001:DB8::1", "2001:db8::2"),
        ("fe80::1%eth0", "fe80::2%eth1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("", ""),
    ],
)
def test_one_client_is_one_address(holds: Holds, same: tuple[str, str]) -> None:
    one, other = map(holds.address, same)
    assert one is other


@pytest.mark.parametrize(
    "different",
    [
        ("2001:db8::1", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1", "192.0.2.2"),
        ("::1", "127.0.0.1"),
    ],
)
def test_two_clients_are_two_addresses(holds: Holds, different: tuple[str, str]) -> None:
    holders: list[Holder] = [holds.address(it) for it in different]
    assert holders[0] is not holders[1]
