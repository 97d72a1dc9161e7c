"""What a page offers to do: just what the room's order lets the visitor do."""

from __future__ import annotations

import pytest

from chatroom.deed import Access, Role
from chatroom.handlers.offer import May
from chatroom.order import Order
from chatroom.people import Person, Visitor

ANN, BOB, CLEO, DORA = (Person(it, it) for it in ("ann", "bob", "cleo", "dora"))
ORDER = Order(roles={"ann": Role.OWNER, "bob": Role.MODERATOR, "cleo": Role.MEMBER})


def may(person: Person | None, order: Order = ORDER, *, administrator: bool = False) -> May:
    return May(order, Visitor(person, "", administrator), 10)


@pytest.mark.parametrize(
    ("who", "whom", "roles", "judge"),
    [
        (ANN, BOB, ("owner", "member", "none"), True),
        (ANN, CLEO, ("owner", "moderator", "none"), True),
        (ANN, DORA, ("owner", "moderator", "member"), True),
        (ANN, ANN, (), False),
        (BOB, ANN, (), False),
        (BOB, CLEO, ("none",), True),
        (BOB, DORA, ("member",), True),
        (BOB, BOB, (), False),
        (CLEO, DORA, (), False),
        (DORA, CLEO, (), False),
        (None, CLEO, (), False),
    ],
)
def test_the_roles_and_judgements_that_are_offered(
    who: Person | None, whom: Person, roles: tuple[str, ...], judge: bool
) -> None:
    offer = may(who).offer(whom)
    assert (offer.roles, offer.judge) == (roles, judge)
    assert bool(offer) == bool(roles or judge)


def test_what_is_offered_to_do_with_the_room() -> None:
    told = {
        who.name: [
            it
            for it in ("change", "own", "leave", "invite", "oversee", "export")
            if getattr(may(who), it)
        ]
        for who in (ANN, BOB, CLEO, DORA)
    }
    assert told == {
        "ann": ["change", "own", "invite", "oversee", "export"],
        "bob": ["change", "leave", "invite", "oversee"],
        "cleo": ["leave"],
        "dora": [],
    }
    assert may(DORA, administrator=True).own


def test_whoever_may_speak_edits_what_is_theirs_and_reacts_to_everything() -> None:
    assert may(CLEO).edit(1, "cleo")
    assert not may(ANN).edit(1, "cleo")
    assert may(DORA).react(1)
    silent = Order(mutes={"cleo": 20})
    assert not may(CLEO, silent).edit(1, "cleo")
    assert not may(CLEO, silent).react(1)


def test_in_a_conversation_of_two_one_may_delete_what_one_said_and_take_all_away_and_no_more() -> (
    None
):
    order = Order(
        access=Access.PRIVATE, direct=True, roles={"ann": Role.MEMBER, "bob": Role.MEMBER}
    )
    here = may(ANN, order)
    assert not any((here.change, here.own, here.leave, here.invite, here.oversee))
    assert not here.offer(BOB)
    assert here.export
    assert not may(DORA, order, administrator=True).export
    assert here.delete(1, "ann")
    assert not here.delete(1, "bob")
