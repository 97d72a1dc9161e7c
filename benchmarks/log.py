"""What a room's readers are told, held against each other: nothing lost, nothing twice, the same order for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple


class Faults(NamedTuple):
    """Messages that readers did not get, got again, or got behind a later one."""

    lost: int = 0
    repeated: int = 0
    disordered: int = 0

    @classmethod
    def total(cls, every: Iterable[Faults]) -> Faults:
        """All of them together."""
        return cls(*map(sum, zip((0, 0, 0), *every, strict=True)))


@dataclass(slots=True)
class Place:
    """Where one reader stands: it has heard everything before `position` but what is in `missed`."""

    position: int = 0
    missed: set[int] = field(default_factory=set)
    repeated: int = 0
    disordered: int = 0


class Log:
    """A room's texts in the order in which they were first heard by anybody; no text is said twice."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> AbstractSet[str]:
        """All that was heard."""
        return self._places.keys()

    def follows(self, texts: Sequence[str], position: int) -> bool:
        """Whether `texts` are what everybody hears from `position` on; texts that are new here come to the end."""
        return all(self._of(text) == position + n for n, text in enumerate(texts))

    def hear(self, texts: Iterable[str], reader: Place) -> None:
        """Note what a reader has heard when it was not, or may not be, what follows."""
        for text in texts:
            place = self._of(text)
            if place >= reader.position:
                reader.missed.update(range(reader.position, place))
                reader.position = place + 1
            elif place in reader.missed:
                reader.missed.discard(place)
                reader.disordered += 1
            else:
                reader.repeated += 1

    def faults(self, reader: Place, unheard: int) -> Faults:
        """What went wrong for this reader, now that all should be here, and besides so many that nobody has heard."""
        behind = len(self._places) - reader.position
        return Faults(len(reader.missed) + behind + unheard, reader.repeated, reader.disordered)

    def _of(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))
