"""Arguments of a call as values: numbers, switches, one of several words. What is left out, or empty, is None."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chatroom.errors import ChoiceInvalid, MomentInvalid, NumberInvalid
from chatroom.poll import Arguments, last

_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400 * 1_000_000  # microseconds

_ON = {"1", "true", "on"}
_OFF = {"0", "false", "off"}


def number(arguments: Arguments, name: str, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`. Raises NumberInvalid."""
    text = last(arguments, name)
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise NumberInvalid(name, low=low, high=high)
    return int(text)


def switch(arguments: Arguments, name: str) -> bool | None:
    """Whether something is on: 1, true, on, or 0, false, off. Raises ChoiceInvalid."""
    text = last(arguments, name)
    if not text:
        return None
    if text not in _ON | _OFF:
        raise ChoiceInvalid(name, choices="1, 0")
    return text in _ON


def choice(arguments: Arguments, name: str, choices: Iterable[str]) -> str | None:
    """One of those words. Raises ChoiceInvalid."""
    text = last(arguments, name)
    words = list(choices)
    if text and text not in words:
        raise ChoiceInvalid(name, choices=", ".join(words))
    return text or None


def moment(arguments: Arguments, name: str, *, end: bool = False) -> int | None:
    """A date or a time of RFC 3339 in microseconds since 1970 UTC; of a date its beginning in UTC, or its `end`.

    Raises MomentInvalid.
    """
    text = last(arguments, name)
    if not text:
        return None
    date, time = _DATE.fullmatch(text), _TIME.fullmatch(text)
    if not date and not time:
        raise MomentInvalid(name)
    try:
        found = datetime.fromisoformat(text.upper() if time else f"{text}T00:00:00+00:00")
        since = (found - _1970) // _MICROSECOND
    except (ValueError, OverflowError) as error:  # the 31st of February
        raise MomentInvalid(name) from error
    return since + _DAY if date and end else since


def needed(arguments: Arguments, name: str, choices: Iterable[str]) -> str:
    """One of those words, which may not be left out. Raises ChoiceInvalid."""
    words = list(choices)
    word = choice(arguments, name, words)
    if word is None:
        raise ChoiceInvalid(name, choices=", ".join(words))
    return word
