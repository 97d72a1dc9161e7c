from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.mention import MENTION_LIMIT, _unspaced, handle_of, heard_as, mentions
from chatroom.people import NAME_LIMIT

CASES: list[dict[str, Any]] = msgspec.json.decode(
    (Path(__file__).parent / "mentions.json").read_bytes()
)


def speaks_to(name: str, body: str) -> bool:
    """Whether the engine, which looks for a range of mentions, finds one of that name in the body."""
    handle = handle_of(name)
    if not handle:
        return False
    low, high = heard_as(handle)
    return any(low <= it <= high for it in mentions(body))


@pytest.mark.parametrize("case", CASES, ids=lambda it: it["why"])
def test_a_message_speaks_to_whoever_is_named_behind_an_at_sign(case: dict[str, Any]) -> None:
    assert speaks_to(case["name"], case["body"]) == case["speaks"]


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Ann Lee", "annlee"),
        ("小明", "小明"),
        ("Zoë 🦊", "zoë"),
        ("ZOE\u0308", "zoë"),
        ("Straße", "strasse"),
        ("Dr. No_1", "dr.no_1"),
        ("Ann.", "ann"),
        ("सीता", "सीता"),
        ("สมชาย", "สมชาย"),
        ("می\u200cنا", "مینا"),
        ("🦊", ""),
    ],
)
def test_a_handle_is_the_name_without_what_nobody_types_in_a_mention(
    name: str, handle: str
) -> None:
    assert handle_of(name) == handle


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ("@Ann hello", {"ann"}),
        ("hello @ANN, and (@Bob)!", {"ann", "bob"}),
        ("@ann.", {"ann"}),
        ("see @dr.no.", {"dr.no"}),
        ("你好@小明，早", {"小明"}),
        ("ann_@bob", set()),
        ("你好，@小明", {"小明"}),
        ("@सीता!", {"सीता"}),
        ("ann@example.com", set()),
        ("@@ann", set()),
        ("@ ann @", set()),
        ("@Zoe\u0308", {"zoë"}),
        ("@می\u200cنا", {"مینا"}),
        ("nobody", set()),
    ],
)
def test_a_mention_is_what_stands_behind_an_at_sign_that_begins_a_word(
    body: str, heard: set[str]
) -> None:
    assert mentions(body) == heard


@pytest.mark.parametrize(
    ("name", "body", "heard"),
    [
        ("Ann", "@ann", True),
        ("Ann", "@anna", False),
        ("Ann Lee", "@AnnLee", True),
        ("小明", "@小明今天来吗", True),
        ("小明", "@小", False),
        ("สมชาย", "@สมชายมา", True),
        ("さくら", "@さくらさん", True),
        ("Dr.", "@Dr.", True),
        ("🦊", "@🦊", False),
    ],
)
def test_who_is_spoken_to(name: str, body: str, heard: bool) -> None:
    assert speaks_to(name, body) is heard


def test_no_more_than_so_many_are_spoken_to() -> None:
    assert len(mentions(" ".join(f"@a{n}" for n in range(100)))) == MENTION_LIMIT


def test_no_more_than_so_many_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def look(text: str) -> str:
        looked_at.append(text)
        return ""

    monkeypatch.setattr("chatroom.mention.handle_of", look)
    for body in ("@." * 2000, "@! " * 1300, "@\u200c" * 2000, "é@." * 1300):
        assert mentions(body) == set()
    assert len(looked_at) == 3 * MENTION_LIMIT


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=NAME_LIMIT)


@given(names)
def test_whoever_has_a_handle_can_be_spoken_to_by_it(name: str) -> None:
    handle = handle_of(name)
    assert (handle in mentions(f"hello @{handle} there")) is bool(handle)


@given(names, st.text())
def test_what_is_heard_lies_between_its_first_and_its_last(name: str, body: str) -> None:
    if handle := handle_of(name):
        low, high = heard_as(handle)
        for it in mentions(body) | mentions(f"@{handle}{body}"):
            goes_on = _unspaced(handle[-1]) and it.startswith(handle)
            assert (low <= it <= high) is (it == handle or goes_on)
