"""The measure of a room's first sight, in small."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil

import pytest

if importlib.util.find_spec("playwright") is None or shutil.which("chromium") is None:
    pytest.skip("needs playwright and chromium", allow_module_level=True)

from benchmarks.paint import CONDITIONS, Visit, measure, row


def test_a_line_has_the_middle_and_what_nine_in_ten_do_not_exceed() -> None:
    found = [Visit(float(n), 2.0 * n, 3.0 * n, 2000 * n, 1000 * n, n) for n in range(1, 11)]
    assert row("first", found) == "| first | 6 / 10 | 12 / 20 | 18 / 30 | 12 | 6 | 6 |"


def test_every_kind_of_visit_is_measured() -> None:
    lines = asyncio.run(measure(1))
    assert [it.split("|")[1].split(",")[0].strip() for it in lines[2:]] == [
        "first",
        "second",
    ] * len(CONDITIONS)
    for line in lines[2:]:
        times = [float(it) for it in line.replace("/", "|").split("|")[2:8]]
        assert all(0 < it < 60_000 for it in times)
