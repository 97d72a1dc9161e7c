"""What the machine knows of a process: its memory and CPU time; and where processes run. Linux."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")

# A process that used no tick of CPU for so many seconds has done what there was to do.
QUIET_SECONDS = 0.15


def _usable() -> tuple[int, int] | None:
    if not hasattr(os, "sched_getaffinity"):
        return None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[-1]) if len(usable) > 1 else None


#: The core for the server and the one for the load; None where they cannot be kept apart.
CORES = _usable()


def raise_file_limit() -> int:
    """Allow as many open files as the system lets us; a held poll is a file on both sides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Run on `core`, with all that is started here; None: wherever the system likes."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def rss_kib(pid: int) -> int:
    """Resident memory in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split(None, 1)[0])


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads, user and system, in steps of a tick."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def used_seconds() -> float:
    """CPU time for which the two cores (or all, where there are no two) were not idle, since the machine started."""
    names = {f"cpu{core}" for core in CORES} if CORES else {"cpu"}
    lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
    return sum(_not_idle(line[1:]) for line in lines if line[0] in names) * TICK


class Usage(NamedTuple):
    """What a stretch of a measurement took, in seconds: of the clock, and of CPU, by the server and by us.

    `everybody` used so much of the cores on which server and load run, we included.
    """

    seconds: float
    server: float
    own: float
    everybody: float

    @property
    def busy(self) -> float:
        """Which share of a core the load generator used, in percent."""
        return self.own / self.seconds * 100

    @property
    def disturbed(self) -> float:
        """How much of a core others took from server and load, in percent: what it does to times is noise."""
        return max(0.0, self.everybody - self.server - self.own) / self.seconds * 100


class Meter:
    """Started when it is made; `read` it as often as you like."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began = self._now()

    def read(self) -> Usage:
        """What was used since the start."""
        return Usage(*(now - then for now, then in zip(self._now(), self._began, strict=True)))

    def _now(self) -> tuple[float, float, float, float]:
        return time.perf_counter(), cpu_seconds(self._pid), time.process_time(), used_seconds()


async def quiet(pid: int) -> float:
    """Wait until the process has nothing left to do; returns its CPU seconds then."""
    before = -1.0
    while (now := cpu_seconds(pid)) != before:
        before = now
        await asyncio.sleep(QUIET_SECONDS)
    return now


def fsync_ms(folder: Path, times: int = 50) -> float:
    """What one small fsync costs in this folder, median in milliseconds: figures of posts depend on it."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return sorted(taken)[times // 2] * 1000


def _not_idle(columns: list[str]) -> int:
    """Of a line of /proc/stat; guests are counted as users already."""
    user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, columns[:8])
    return user + nice + system + sum(interrupts_and_stolen)
