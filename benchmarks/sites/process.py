"""A server that is not ours, in a process of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection

from benchmarks.machine import on_core
from tests.server_process import reserve_port

START_SECONDS = 20.0


class NotStarted(Exception):
    """The server ended, or did not listen."""


@contextmanager
def running(
    command: Sequence[str], port: int, core: int | None, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` in `folder` on `core` until the context ends; inside, it listens on `port`."""
    errors = folder / "stderr"
    with on_core(core), errors.open("wb") as stderr:
        child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        _listening(child, port, errors)
        yield child
    finally:
        child.terminate()
        child.wait()


def free_port() -> int:
    """A port that nobody uses now."""
    with reserve_port() as reservation:
        return int(reservation.getsockname()[1])


def _listening(child: subprocess.Popen[bytes], port: int, errors: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NotStarted(f"{child.args!r}\n{errors.read_text(errors='replace')[-2000:]}")
