"""What acts lay down in a room, one after the other; and that it is the sum of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatroom.deed import (
    FOR_EVER,
    Access,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Membership,
    Reaction,
    Role,
    Trim,
)
from chatroom.engines.rows import decode_order, encode
from chatroom.order import Order
from tests.test_order import (
    HOME,
    LADDER,
    MEMBER,
    MODERATOR,
    NOW,
    OTHER,
    OWNER,
    READER,
    ROLES,
    ROOM,
    act,
    refusal,
)


def test_bars_that_are_over_are_forgotten_with_the_next_one() -> None:
    room = ROOM.after(act(Bar(person=READER, until=NOW + 1, address=HOME)))
    room = room.after(act(Bar(person=OTHER, until=FOR_EVER, mute=True), at=NOW + 2))
    room = room.after(act(Bar(person=MEMBER, until=FOR_EVER), at=NOW + 2))
    assert (room.bars, room.mutes, room.addresses) == (
        {MEMBER.id: FOR_EVER},
        {OTHER.id: FOR_EVER},
        {},
    )


def test_there_is_one_owner() -> None:
    room = ROOM.after(act(Membership(MEMBER, Role.OWNER)))
    assert room.roles == ROLES | {MEMBER.id: Role.OWNER, OWNER.id: Role.MODERATOR}
    assert list(room.roles) == list(ROLES)


@pytest.mark.parametrize(
    ("room", "deed", "changed"),
    [
        (ROOM, Change(), False),
        (ROOM, Change(title="", slow=0, access=Access.OPEN), False),
        (ROOM, Change(title="", slow=1), True),
        (ROOM, Membership(MEMBER, Role.MEMBER), False),
        (ROOM, Membership(OTHER, None), False),
        (ROOM, Membership(MEMBER, None), True),
        (ROOM, Bar(person=MEMBER, until=0), False),
        (ROOM, Bar(person=MEMBER, until=0, mute=True), False),
        (replace(ROOM, bars={MEMBER.id: 1}), Bar(person=MEMBER, until=0), True),
        (replace(ROOM, bars={MEMBER.id: 1}), Bar(person=MEMBER, until=0, mute=True), False),
        (ROOM, Bar(person=MEMBER, until=1), True),
        (ROOM, Deletion(1), True),
        (ROOM, Edit(1), True),
        (ROOM, Reaction(1, "👍", on=True), True),
    ],
)
def test_what_makes_no_difference_is_known_before(
    room: Order, deed: AnyDeed, changed: bool
) -> None:
    assert room.changed_by(deed) is changed


def test_trimming_never_goes_back() -> None:
    assert Order().after(act(Trim(5))).after(act(Trim(3))).trimmed == 5


people_ = st.sampled_from([READER, MEMBER, MODERATOR, OWNER, OTHER])
deeds: st.SearchStrategy[Any] = st.one_of(
    st.builds(Change, title=st.sampled_from(["", "Tea", None]), slow=st.sampled_from([None, 0, 5])),
    st.builds(Change, access=st.sampled_from(Access), closed=st.booleans()),
    st.builds(Membership, people_, st.sampled_from([None, *Role])),
    st.builds(
        Bar,
        person=people_,
        until=st.integers(0, 20),
        mute=st.booleans(),
        address=st.sampled_from(["", HOME]),
    ),
    st.builds(Trim, st.integers(0, 20)),
    st.builds(Deletion, st.integers(1, 9)),
)


@given(st.lists(st.tuples(deeds, st.integers(0, 20)), max_size=20))
def test_an_order_is_the_same_after_it_was_kept_and_has_at_most_one_owner(
    done: list[tuple[AnyDeed, int]],
) -> None:
    order = ROOM
    for deed, at in done:
        order = order.after(act(deed, at))
        assert decode_order(encode(order)) == order
        assert list(order.roles.values()).count(Role.OWNER) <= 1


@given(deeds, st.sampled_from(LADDER))
def test_what_was_let_and_makes_no_difference_changes_nothing(deed: AnyDeed, who: str) -> None:
    if not ROOM.changed_by(deed):
        assert ROOM.after(act(deed)) == ROOM
    if refusal(ROOM, who, deed) == "" and who != "administrator":
        after = ROOM.after(act(deed, at=1))
        assert list(after.roles.values()).count(Role.OWNER) == 1
