"""A figure, and what is made of many values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.machine import Usage

#: Percent of its core above which the load generator, and not the server, decides how long something takes.
BUSY = 90.0


class Figure(NamedTuple):
    """One thing measured, for example ("posts per second", 3100.0, "1/s").

    `bound`: the load generator had no time left, so the server may be better than this.
    """

    name: str
    value: float
    unit: str
    bound: bool = False

    def timed(self, usage: Usage) -> Figure:
        """This figure, marked where it shows how fast the load generator is."""
        return self._replace(bound=usage.busy > BUSY)

    def __str__(self) -> str:
        return f"{_short(self.value)}{'!' if self.bound else ' '}"


#: What stands for figures where a reply was wrong.
FAILED = "FAILED"

#: What came of one run: figures, the most important one first, or FAILED.
Result = Sequence[Figure] | str


def middle(runs: Sequence[Result]) -> Result:
    """The run in the middle by its first figure, with how far the others are from it; FAILED if one has failed."""
    sound = sorted((run for run in runs if not isinstance(run, str)), key=lambda run: run[0].value)
    if len(sound) < len(runs):
        return FAILED
    chosen = sound[len(sound) // 2]
    if len(sound) == 1:
        return chosen
    first, least, most = chosen[0], sound[0][0].value, sound[-1][0].value
    spread = [
        Figure("  least of all runs", least, first.unit),
        Figure("  most of all runs", most, first.unit),
    ]
    return [first, *spread, *chosen[1:]]


def median(values: Sequence[float]) -> float:
    """The value in the middle."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def _short(value: float) -> str:
    """Three figures or so, and no more than are read."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - as it reads
