"""Arguments of a call as values."""

from __future__ import annotations

import pytest

from chatroom.errors import ChoiceInvalid, NumberInvalid
from chatroom.fields import choice, needed, number, switch


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
