from __future__ import annotations

from collections.abc import Iterator

from chatroom import errors
from chatroom.errors import ChatroomError, MessageTooLong, Refused, TooMany, Unavailable


def _tree(root: type[ChatroomError]) -> Iterator[type[ChatroomError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def test_the_tree_at_the_top_of_the_file_names_every_error() -> None:
    drawn = errors.__doc__ or ""
    assert [it.__name__ for it in _tree(ChatroomError) if it.__name__ not in drawn] == []


def test_every_code_means_one_error() -> None:
    codes = [it.code for it in _tree(ChatroomError)]
    assert len(codes) == len(set(codes))


def test_a_message_tells_its_limit_and_the_field_is_kept() -> None:
    error = MessageTooLong("body", limit=4000)
    assert str(error) == "A message has at most 4000 characters."
    assert error.field == "body"


def test_whatever_may_be_repeated_says_when() -> None:
    assert all(it.retry_after > 0 and it.status == 503 for it in _tree(Unavailable))  # type: ignore[attr-defined]


def test_too_many_says_when_in_whole_seconds_rounded_up() -> None:
    for wait, seconds in ((0.001, 1), (1.0, 1), (1.001, 2), (59.5, 60)):
        error = TooMany(wait)
        assert error.retry_after == seconds
        assert f" {seconds} s." in str(error)


def test_what_is_wrong_does_not_become_right_by_waiting() -> None:
    refusals = set(_tree(Refused)) - {TooMany}
    assert all(it.retry_after is None for it in refusals)
