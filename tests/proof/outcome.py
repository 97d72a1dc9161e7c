"""What a proof came to, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tests.proof.checker import Violation

# What must be 0; other kinds are named when they occur.
KINDS = ("lost", "twice", "out of order")

# So many violations are spelled out; one fault usually has a thousand.
SHOWN = 20


class Outcome(NamedTuple):
    """`figures` of what happened; those `needed` must not be 0, or nothing was proven; the violations."""

    title: str
    figures: Mapping[str, float]
    needed: Collection[str]
    violations: Sequence[Violation]

    @property
    def idle(self) -> list[str]:
        """What never happened though it was needed."""
        return [name for name in self.needed if not self.figures[name]]

    @property
    def holds(self) -> bool:
        """Everything happened and nothing was violated."""
        return not self.violations and not self.idle

    def __str__(self) -> str:
        kinds = Counter(dict.fromkeys(KINDS, 0) | Counter(v.kind for v in self.violations))
        lines = [
            self.title,
            *(f"  {name:<28}{figure:>12,.6g}" for name, figure in self.figures.items()),
            *(f"  {kind:<28}{count:>12,}" for kind, count in kinds.items()),
            *(f"  ! {v.kind}: {v.where}: {v.what[:2000]}" for v in self.violations[:SHOWN]),
            *(f"  ! never happened: {name}" for name in self.idle),
            "  holds" if self.holds else "  DOES NOT HOLD",
        ]
        return "\n".join(lines)
