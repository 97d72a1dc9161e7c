from __future__ import annotations

import pytest

from chatroom.deed import Access, Role
from chatroom.errors import NotFound
from chatroom.founding import OPEN, first, numbered, unwritten
from chatroom.order import Order
from tests.making import ANN


@pytest.mark.parametrize(
    ("room", "belongs"),
    [("7", False), ("007", False), ("٣", False), ("tea", True), ("7a", True), ("-1", True)],
)
def test_a_named_room_belongs_to_who_speaks_there_first(room: str, belongs: bool) -> None:
    assert numbered(room) is not belongs
    assert first(room, ANN) == (Order(roles={ANN.id: Role.OWNER}) if belongs else OPEN)


@pytest.mark.parametrize("room", ["private-", "private-x", "private-two-x"])
def test_a_conversation_is_not_begun_by_talking(room: str) -> None:
    with pytest.raises(NotFound):
        first(room, ANN)
    assert unwritten(room).access == Access.PRIVATE
    assert unwritten(room).direct is room.startswith("private-two-")


def test_a_room_is_as_open_as_any_before_somebody_speaks() -> None:
    assert unwritten("tea") == OPEN == unwritten("privateer")
