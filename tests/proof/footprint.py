"""What a process takes of the machine, as Linux tells it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil
from pathlib import Path

MB = 1_000_000


def resident(pid: int) -> int:
    """Bytes of memory that it has in use (RSS)."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files(pid: int) -> int:
    """How many files and sockets it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - what is counted may vanish meanwhile


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that it has used, its own and the system's for it."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def percentile(figures: Sequence[float], percent: float) -> float:
    """The smallest figure that at least `percent` % of them do not exceed; 0 if there are none."""
    ordered = sorted(figures)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0
