"""The real server in a process of its own: started, killed and started again on one port and one folder.

A test that kills the server needs the same address afterwards. A port that the system chose lies in the
range from which outgoing connections get theirs, so while the server is dead any connection could take it,
and a client that tries again and again would in the end connect to itself. A socket that is bound and never
listens keeps the port ours; the server can still bind it, because both set SO_REUSEADDR.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent

LISTENING = re.compile(r"Chatroom on http://localhost:\d+, data in ")

#: Settings with which one person and one address may ask as often as they like, as a test or a benchmark has to.
UNLIMITED = {
    "posts_per_person": 100_000.0,
    "posts_per_person_burst": 1_000_000,
    "posts_per_address": 100_000.0,
    "posts_per_address_burst": 1_000_000,
    "sessions_per_address": 100_000.0,
    "sessions_per_address_burst": 1_000_000,
    "requests_per_address": 100_000.0,
    "requests_per_address_burst": 1_000_000,
    "files_per_address": 1_099_511_627_776,
}

# Generous: a loaded machine takes seconds to import everything, a hang takes for ever.
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class ServerFailed(Exception):
    """The server ended, or said nothing, before it listened; the text holds what it wrote to stderr."""


class Exit(NamedTuple):
    """How the server ended: its exit code (-9 for SIGKILL) and the seconds this took."""

    code: int
    seconds: float


class ServerProcess:
    """One `run.py` on a port chosen by the system and on the folder `data`.

    `settings` are those of the command line, with underscores: `ServerProcess(folder, hold=2.0)`, over those of
    UNLIMITED. The environment's own CHATROOM_ variables are kept out. `with` starts it and ends it with SIGKILL.
    What every life of it wrote to stderr is in `stderr`. Not for use from two threads at once.
    """

    def __init__(self, data: Path, **settings: object) -> None:
        self.data = data
        self.settings = settings
        self._reservation = reserve_port()
        self.port: int = self._reservation.getsockname()[1]
        if sys.platform != "linux":  # elsewhere two sockets cannot be bound to one port like this
            self._reservation.close()
        self._stderr = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - lives as long as the server
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the server answers, without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the life that is running."""
        return self._running().pid

    @property
    def stderr(self) -> str:
        """Everything written to stderr since the first start."""
        written = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), written, 0).decode("utf-8", "replace")

    def start(self) -> None:
        """Start it and return once it listens. Raises ServerFailed with its stderr when it does not."""
        assert self._child is None, "it runs already"
        self._child = subprocess.Popen(
            self._command(),
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("CHATROOM_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self._await_listening(self._child)

    def kill(self) -> Exit:
        """End it with SIGKILL, as a crash does: nothing of its own runs any more."""
        return self._end(signal.SIGKILL)

    def terminate(self) -> Exit:
        """Ask it to end (SIGTERM); after STOP_SECONDS it is killed and the code is -9."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start it again on the same port and folder, killing it first if it still runs."""
        if self._child is not None:
            self.kill()
        self.start()

    def close(self) -> None:
        """Kill it if it runs and let the port go. Harmless when repeated."""
        if self._child is not None:
            self.kill()
        self._reservation.close()
        self._stderr.close()

    def _command(self) -> list[str]:
        options = {"port": self.port, "data": self.data, **UNLIMITED, **self.settings}
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        return [sys.executable, "run.py", *flags]

    def _await_listening(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        deadline = threading.Timer(START_SECONDS, child.kill)
        deadline.start()
        try:
            line = next(filter(LISTENING.match, child.stdout), "")
        finally:
            deadline.cancel()
            deadline.join()
        if not line:
            code = self.kill().code
            raise ServerFailed(f"exit code {code} before listening\n{self.stderr}")

    def _end(self, signum: signal.Signals) -> Exit:
        child = self._running()
        started = time.monotonic()
        child.send_signal(signum)
        try:
            code = child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        assert child.stdout is not None
        child.stdout.close()
        self._child = None
        return Exit(code, time.monotonic() - started)

    def _running(self) -> subprocess.Popen[str]:
        if self._child is None:
            raise RuntimeError("the server does not run")
        return self._child


def reserve_port() -> socket.socket:
    """A socket bound to a port that the system chose. It never listens: connecting to it is refused."""
    reservation = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reservation.bind(("", 0))
    return reservation
