"""A figure, and how figures are printed and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """One thing measured, for example ("posts per second, 20 posters", 3100.0, "1/s")."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"  {self.name:<58}{self.value:>12,.4g} {self.unit}"


def median(values: Sequence[float]) -> float:
    """The value in the middle."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def write_json(path: Path, figures: Iterable[Figure]) -> None:
    """Write name -> value and unit."""
    found = {figure.name: {"value": figure.value, "unit": figure.unit} for figure in figures}
    path.write_text(json.dumps(found, indent=2) + "\n")
