"""What people say here: no text twice, most of them plain and short."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

#: What was said before anybody polls.
BEGINNING = ("0 is where they all begin",)

#: One text in so many has something for the renderer to do.
MARKED = 5


def sayings() -> Iterator[str]:
    """Texts, each beginning with a number of its own."""
    for number in count(1):
        yield _marked(number) if number % MARKED == 0 else _plain(number)


def _plain(number: int) -> str:
    return f"{number} people say short things, most of the time"


def _marked(number: int) -> str:
    return f"{number} and now and then *something* with `code` in it"
