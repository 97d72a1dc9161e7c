"""Arguments of a call as values."""

from __future__ import annotations

import pytest

from chatroom.errors import ChoiceInvalid, MomentInvalid, NumberInvalid
from chatroom.fields import choice, moment, needed, number, switch


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("7", 7), ("10", 10), ("", None)])
def test_a_number_is_read_within_its_bounds(text: str, value: int | None) -> None:
    assert number({"n": ["3", text]}, "n", 0, 10) == value


@pytest.mark.parametrize("text", ["11", "-1", "+1", "1.0", "01", " 1", "1e1", "٣", "9" * 30, "x"])
def test_what_is_no_such_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(NumberInvalid) as refused:
        number({"n": [text]}, "n", 0, 10)
    assert (refused.value.field, refused.value.values) == ("n", {"low": 0, "high": 10})


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("true", True), ("on", True), ("0", False), ("false", False), ("", None)],
)
def test_a_switch_is_on_or_off_or_left_out(text: str, value: bool | None) -> None:
    assert switch({"it": [text]}, "it") is value


def test_the_last_value_counts_as_of_a_box_behind_a_hidden_field() -> None:
    assert switch({"it": ["0", "1"]}, "it") is True
    assert choice({"it": ["a", "b"]}, "it", "ab") == "b"


def test_what_is_left_out_is_nothing() -> None:
    assert number({}, "n", 0, 1) is None
    assert switch({}, "it") is None
    assert choice({}, "it", "ab") is None


def test_a_word_that_is_none_of_these_is_refused_and_they_are_named() -> None:
    for ask in (choice, needed):
        with pytest.raises(ChoiceInvalid) as refused:
            ask({"it": ["c"]}, "it", ["a", "b"])
        assert (refused.value.field, refused.value.values) == ("it", {"choices": "a, b"})
    with pytest.raises(ChoiceInvalid):
        switch({"it": ["yes"]}, "it")


def test_a_word_that_is_needed_cannot_be_left_out() -> None:
    assert needed({"it": ["a"]}, "it", ["a", "b"]) == "a"
    for arguments in ({}, {"it": [""]}):
        with pytest.raises(ChoiceInvalid):
            needed(arguments, "it", ["a", "b"])


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-02", 86_400_000_000),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.000001z", 1_000_001),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31", -86_400_000_000),
        ("", None),
    ],
)
def test_a_moment_is_a_date_or_a_time(text: str, at: int | None) -> None:
    assert moment({"from": [text]}, "from") == at


def test_a_date_at_the_end_is_that_day_and_a_time_that_time() -> None:
    assert moment({"until": ["1970-01-01"]}, "until", end=True) == 86_400_000_000
    assert moment({"until": ["1970-01-01T00:00:01Z"]}, "until", end=True) == 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30", "2026-13-01", "0000-01-01", "2026-W01-1", "20260131", "2026-1-1", "today"),
        *("2026-01-31T25:00:00Z", "2026-01-31T00:00:00", "2026-01-31 00:00:00Z", "٢٠٢٦-٠١-٣١"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-31T00:00:00+99:99"),
    ],
)
def test_what_is_no_moment_is_refused_by_name_or_read(text: str) -> None:
    try:
        moment({"from": [text]}, "from")
    except MomentInvalid as refused:
        assert refused.field == "from"  # noqa: PT017 - both ends of the calendar may be read
