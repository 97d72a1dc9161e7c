from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.cursor import REPLY_LIMIT, Cursor, Owed, owed
from chatroom.errors import CursorInvalid
from tests.making import EPOCH


@given(st.from_regex(r"[a-z0-9]{8}", fullmatch=True), st.integers(0, 10**18 - 1))
def test_a_cursor_is_read_as_it_was_written(epoch: str, offset: int) -> None:
    assert Cursor.parse(str(Cursor(epoch, offset))) == Cursor(epoch, offset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "k3f9q2ab",
        "k3f9q2ab-",
        "k3f9q2ab--1",
        "k3f9q2ab-01",
        "k3f9q2ab-1 ",
        " k3f9q2ab-1",
        "k3f9q2ab-1\n",
        "K3F9Q2AB-1",
        "k3f9q2a-1",
        "k3f9q2abc-1",
        "k3f9q2ab-1000000000000000000",
        "k3f9q2ab-١",
        "k3f9q2ab-1e3",
    ],
)
def test_anything_else_is_refused_and_the_field_is_named(text: str) -> None:
    with pytest.raises(CursorInvalid) as refusal:
        Cursor.parse(text, "after")
    assert refusal.value.field == "after"


def test_from_now_on_owes_nothing() -> None:
    assert owed(None, EPOCH, 12) == Owed(12, 12)
    assert owed(None, EPOCH, 12).nothing


def test_at_the_head_nothing_is_owed() -> None:
    assert owed(Cursor(EPOCH, 12), EPOCH, 12).nothing


def test_behind_the_head_the_rest_is_owed() -> None:
    assert owed(Cursor(EPOCH, 3), EPOCH, 12) == Owed(3, 12)


def test_exactly_as_many_as_a_reply_holds_make_no_gap() -> None:
    assert owed(Cursor(EPOCH, 0), EPOCH, REPLY_LIMIT) == Owed(0, REPLY_LIMIT)


def test_one_more_makes_a_gap_that_begins_at_the_cursor() -> None:
    assert owed(Cursor(EPOCH, 1), EPOCH, REPLY_LIMIT + 2) == Owed(2, REPLY_LIMIT + 2, gap_after=1)


@pytest.mark.parametrize("cursor", [Cursor("zzzzzzzz", 3), Cursor(EPOCH, 13)])
def test_a_cursor_of_another_log_starts_over(cursor: Cursor) -> None:
    assert owed(cursor, EPOCH, 12) == Owed(0, 12, reset=True)


def test_a_reset_is_told_even_where_there_is_nothing_to_read() -> None:
    assert not owed(Cursor("zzzzzzzz", 3), EPOCH, 0).nothing


def test_starting_over_in_a_long_log_leaves_a_gap_from_the_beginning() -> None:
    assert owed(Cursor("zzzzzzzz", 3), EPOCH, 500) == Owed(300, 500, gap_after=0, reset=True)


def test_who_has_not_read_what_is_trimmed_has_a_gap_there() -> None:
    assert owed(Cursor(EPOCH, 3), EPOCH, 20, trimmed=10) == Owed(10, 20, gap_after=3)
    assert owed(Cursor(EPOCH, 0), EPOCH, 20, trimmed=10) == Owed(10, 20, gap_after=0)
    assert owed(Cursor(EPOCH, 10), EPOCH, 20, trimmed=10) == Owed(10, 20)
    assert owed(Cursor(EPOCH, 3), EPOCH, 20, limit=5, trimmed=10) == Owed(15, 20, gap_after=3)
    assert owed(None, EPOCH, 20, trimmed=10) == Owed(20, 20)
    stranger = owed(Cursor("zzzzzzzz", 15), EPOCH, 20, trimmed=10)
    assert stranger == Owed(10, 20, gap_after=0, reset=True)
