from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.errors import NameInvalid
from chatroom.people import HUES, NAME_LIMIT, Person, name_from


@pytest.mark.parametrize(
    "name",
    ["A", "李雷", "Zoë", "नमस्ते", "علي", "👩‍👩‍👧", "x" * NAME_LIMIT, "Ann-Marie O’Neil", "می‌خواهم"],
)
def test_a_name_of_any_script_is_kept(name: str) -> None:
    assert name_from(name) == name


def test_white_space_is_folded_and_trimmed() -> None:
    assert name_from("  Ann \t\u3000 Lee\n") == "Ann Lee"


def test_names_are_composed() -> None:
    assert name_from("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "x" * (NAME_LIMIT + 1),
        "a\0b",
        "a\u202eb",
        "a\u2066b",
        "\u200d",
        "\u3164",
        "\u2800",
        "\u0301",
        "\ud800",
        "\ufeffa",
        "\ue000",
    ],
)
def test_empty_long_invisible_or_turning_names_are_refused(name: str) -> None:
    with pytest.raises(NameInvalid) as refusal:
        name_from(name)
    assert refusal.value.field == "name"


@given(st.text())
def test_a_name_that_was_accepted_is_accepted_again_unchanged(text: str) -> None:
    try:
        name = name_from(text)
    except NameInvalid:
        return
    assert name_from(name) == name


def test_people_are_told_apart_by_all_hues_alike_and_keep_theirs() -> None:
    ids = [hashlib.sha256(b"%d" % number).hexdigest()[:16] for number in range(12_000)]
    found = Counter(Person(id_, "").hue for id_ in ids)
    assert set(found) == set(range(HUES))
    assert max(found.values()) < 1.5 * min(found.values())
    assert Person(ids[0], "Ann").hue == Person(ids[0], "Anna").hue
    assert Person("", "").hue == 0
