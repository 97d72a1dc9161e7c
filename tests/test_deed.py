from __future__ import annotations

import pytest

from chatroom.deed import (
    KEEP_DAYS_LIMIT,
    KEEP_MESSAGES_LIMIT,
    SLOW_LIMIT,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Access,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Membership,
    Reaction,
    Role,
    Trim,
    line_from,
)
from chatroom.engines.rows import decode_deed, encode
from chatroom.errors import NumberInvalid, RoomTextInvalid
from tests.making import ANN


@pytest.mark.parametrize(
    "deed",
    [
        Deletion(7),
        Edit(7),
        Edit(7, "better", "<p>better</p>"),
        Reaction(7, "👍", on=False),
        Erasure(ANN.id),
        Change(title="Tea 🍵", access=Access.PRIVATE, closed=False, slow=0),
        Change(),
        Membership(ANN, Role.OWNER),
        Membership(ANN, None),
        Bar(person=ANN, until=5, mute=True, address="::1"),
        Trim(9),
    ],
    ids=lambda it: type(it).__name__,
)
def test_a_deed_is_the_same_after_it_was_kept(deed: AnyDeed) -> None:
    assert decode_deed(encode(deed)) == deed


def test_a_change_holds_only_what_is_given() -> None:
    change = Change(topic="", slow=0, closed=False)
    assert change.given == {"topic": "", "slow": 0, "closed": False}
    assert Change().given == {}


@pytest.mark.parametrize(
    ("field", "high"),
    [
        ("slow", SLOW_LIMIT),
        ("keep_days", KEEP_DAYS_LIMIT),
        ("keep_messages", KEEP_MESSAGES_LIMIT),
    ],
)
def test_numbers_have_their_bounds(field: str, high: int) -> None:
    for number in (0, high):
        assert Change(**{field: number}).given == {field: number}  # type: ignore[arg-type]
    for number in (-1, high + 1):
        with pytest.raises(NumberInvalid) as refused:
            Change(**{field: number})  # type: ignore[arg-type]
        assert refused.value.field == field


@pytest.mark.parametrize(("field", "limit"), [("title", TITLE_LIMIT), ("topic", TOPIC_LIMIT)])
def test_texts_are_short_and_already_as_they_are_kept(field: str, limit: int) -> None:
    for text in ("", "茶" * limit):
        assert Change(**{field: text}).given == {field: text}  # type: ignore[arg-type]
    for text in ("x" * (limit + 1), " outer ", "e\u0301", "a\nb", "\u202eevil"):
        with pytest.raises(RoomTextInvalid) as refused:
            Change(**{field: text})  # type: ignore[arg-type]
        assert refused.value.field == field


def test_a_line_is_normalized_and_one_line() -> None:
    assert line_from("  e\u0301 \n\t b  ", 10, "title") == "é b"


@pytest.mark.parametrize("text", ["a" * 11, "a\0b", "\u200bx", "\ud800", "\u202ex", "e\u0301" * 41])
def test_what_hides_or_turns_or_is_too_long_is_no_line(text: str) -> None:
    with pytest.raises(RoomTextInvalid, match="10") as refused:
        line_from(text, 10, "title")
    assert refused.value.field == "title"
