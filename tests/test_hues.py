"""The colours of names: as many as people have, and each readable on every ground that a name stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatroom.people import HUES

CSS = Path(__file__).parent.parent / "static" / "css"
GROUNDS = ["paper", "surface", "own", "alarm-pale"]


def raw(sheet: str, scheme: int) -> dict[str, tuple[int, ...]]:
    """The triplets of a style sheet, in light or in dark."""
    css = (CSS / sheet).read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    found = re.findall(r"--raw-([\w-]+): (\d+) (\d+) (\d+);", css[2 * scheme])
    return {name: tuple(map(int, triplet)) for name, *triplet in found}


def luminance(triplet: tuple[int, ...]) -> float:
    parts = [it / 255 for it in triplet]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts]
    return sum(part * share for part, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_knows_black_and_white() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_hue_is_readable_on_every_ground(scheme: int) -> None:
    hues, grounds = raw("hues.css", scheme), raw("tokens.css", scheme)
    assert list(hues) == [f"hue-{number}" for number in range(HUES)]
    assert len(set(hues.values())) == HUES
    for hue in hues.values():
        assert min(contrast(hue, grounds[it]) for it in GROUNDS) >= 4.5  # WCAG 2.2, 1.4.3


def test_every_hue_has_its_class() -> None:
    css = (CSS / "hues.css").read_text(encoding="utf-8")
    classes = re.findall(r"\.hue-(\d+) \{ --hue: rgb\(var\(--raw-hue-(\d+)\)\); \}", css)
    assert classes == [(str(number), str(number)) for number in range(HUES)]
