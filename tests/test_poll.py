from __future__ import annotations

import pytest

from chatroom.cursor import REPLY_LIMIT, Cursor
from chatroom.errors import (
    ChoiceInvalid,
    CursorInvalid,
    Invalid,
    NumberInvalid,
    PairingInvalid,
    RoomNameInvalid,
    TooManyRooms,
)
from chatroom.poll import (
    ON_OR_OFF,
    POLL_LIMIT,
    RANGE_DEFAULT,
    WAIT_LIMIT,
    Ask,
    Poll,
    Range,
    choice,
    last,
)
from tests.making import EPOCH

HERE = f"{EPOCH}-5"


def test_nothing_at_all_watches_room_1_from_now_on() -> None:
    assert Poll.parse({}) == Poll((Ask("1", None),), None)


def test_rooms_and_cursors_pair_up_in_order() -> None:
    poll = Poll.parse({"room": ["7", "Lounge"], "cursor": [HERE, f"{EPOCH}-0"]})
    assert poll.asks == (Ask("7", Cursor(EPOCH, 5)), Ask("lounge", Cursor(EPOCH, 0)))


@pytest.mark.parametrize("cursors", [[], [""]])
def test_no_cursor_or_an_empty_one_is_from_now_on_in_all_rooms(cursors: list[str]) -> None:
    poll = Poll.parse({"room": ["7", "8"], "cursor": cursors})
    assert poll.asks == (Ask("7", None), Ask("8", None))


def test_one_of_several_cursors_may_be_empty() -> None:
    poll = Poll.parse({"room": ["7", "8"], "cursor": ["", HERE]})
    assert poll.asks == (Ask("7", None), Ask("8", Cursor(EPOCH, 5)))


def test_versions_of_presence_go_to_the_first_rooms_and_the_others_are_not_asked_about() -> None:
    poll = Poll.parse({"room": ["7", "8", "9"], "presence": ["", "life-1"]})
    assert [ask.presence for ask in poll.asks] == ["", "life-1", None]
    assert Poll.parse({"presence": [""]}).asks == (Ask("1", None, ""),)


def test_a_version_too_long_to_be_ours_is_none() -> None:
    assert Poll.parse({"presence": ["x" * 41]}).asks == (Ask("1", None, ""),)
    assert Poll.parse({"presence": ["x" * 40]}).asks == (Ask("1", None, "x" * 40),)


def test_as_many_rooms_as_the_limit_are_watched() -> None:
    names = [str(number) for number in range(POLL_LIMIT)]
    assert len(Poll.parse({"room": names}).asks) == POLL_LIMIT


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"room": ["7", "8"], "cursor": [HERE]}, PairingInvalid, "cursor"),
        ({"room": ["7"], "cursor": [HERE, HERE]}, PairingInvalid, "cursor"),
        ({"room": ["7"], "cursor": ["", ""]}, PairingInvalid, "cursor"),
        ({"room": ["a", "A"]}, PairingInvalid, "room"),
        ({"presence": ["", ""]}, PairingInvalid, "presence"),
        ({"room": ["7"], "cursor": ["garbage"]}, CursorInvalid, "cursor"),
        ({"room": [""]}, RoomNameInvalid, "room"),
        ({"room": [str(number) for number in range(POLL_LIMIT + 1)]}, TooManyRooms, "room"),
        ({"wait": ["-1"]}, NumberInvalid, "wait"),
        ({"wait": ["nan"]}, NumberInvalid, "wait"),
        ({"wait": ["1_0"]}, NumberInvalid, "wait"),
        ({"wait": ["inf"]}, NumberInvalid, "wait"),
        ({"wait": [str(WAIT_LIMIT + 1)]}, NumberInvalid, "wait"),
    ],
)
def test_what_is_wrong_is_named(
    arguments: dict[str, list[str]], error: type[Invalid], field: str
) -> None:
    with pytest.raises(error) as refusal:
        Poll.parse(arguments)
    assert refusal.value.field == field


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("2.5", 2.5), ("", None)])
def test_a_poll_says_how_long_it_waits(text: str, seconds: float | None) -> None:
    assert Poll.parse({"wait": [text]}).wait == seconds


def test_a_range_is_open_at_both_ends_unless_it_says_otherwise() -> None:
    assert Range.parse({}, EPOCH) == Range(0, None, RANGE_DEFAULT)
    asked = {"after": [HERE], "before": [f"{EPOCH}-9"], "limit": [str(REPLY_LIMIT)]}
    assert Range.parse(asked, EPOCH) == Range(5, 9, REPLY_LIMIT)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "x", "٣", "1" * 400])
def test_a_limit_outside_its_bounds_is_refused(limit: str) -> None:
    with pytest.raises(NumberInvalid):
        Range.parse({"limit": [limit]}, EPOCH)


@pytest.mark.parametrize("field", ["after", "before"])
def test_an_id_of_another_log_is_no_end_of_a_range(field: str) -> None:
    with pytest.raises(CursorInvalid) as refusal:
        Range.parse({field: ["zzzzzzzz-1"]}, EPOCH)
    assert refusal.value.field == field


def test_the_last_value_counts() -> None:
    assert last({"a": ["1", "2"]}, "a") == "2"
    assert last({}, "a") is None


def test_a_choice_is_one_of_few_words() -> None:
    told = {"on": ["1"], "off": ["false"], "wrong": ["2"], "empty": [""]}
    assert choice(told, "on", ON_OR_OFF) is True
    assert choice(told, "off", ON_OR_OFF) is False
    for name in ("wrong", "empty", "missing"):
        with pytest.raises(ChoiceInvalid, match="1, 0, true, false") as refusal:
            choice(told, name, ON_OR_OFF)
        assert refusal.value.field == name
