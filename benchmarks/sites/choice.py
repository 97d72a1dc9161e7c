"""Which sites can be measured here."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.sites import chatroom, demo, nchan
from benchmarks.sites.site import Serve
from chatroom.settings import DECLARED

NAMES = ("chatroom", "presence", "tornado", "nchan", "demo")
#: Those measured when nothing else is said.
USUAL = ("chatroom", "nchan", "demo")


class LeftOut(Exception):
    """A site cannot be measured here; the text says why."""


def choose(name: str, given: Path | None, cache: Path) -> Serve:
    """How to run one of NAMES; the demo as `given`: its script or Tornado's source distribution. Raises LeftOut."""
    if name == "demo":
        return demo.serving(_script(given, cache))
    if name == "nchan" and not nchan.installed():
        raise LeftOut("nginx or its nchan module (Debian: libnginx-mod-nchan) is not installed")
    if name == "tornado" and "server" not in {setting.name for setting in DECLARED}:
        raise LeftOut("this release knows no other server")
    return {
        "chatroom": chatroom.serve,
        "presence": chatroom.serve_attended,
        "tornado": chatroom.serve_on_tornado,
        "nchan": nchan.serve,
    }[name]


def available(
    names: Iterable[str], given: Path | None, cache: Path
) -> tuple[dict[str, Serve], dict[str, str]]:
    """Those that can be measured, and why the others cannot."""
    serving: dict[str, Serve] = {}
    left_out: dict[str, str] = {}
    for name in names:
        try:
            serving[name] = choose(name, given, cache)
        except LeftOut as why:
            left_out[name] = str(why)
    return serving, left_out


def _script(given: Path | None, cache: Path) -> Path:
    if given is not None and given.suffix == ".py":
        return given.resolve()
    try:
        return demo.fetch(cache, given)
    except subprocess.CalledProcessError as error:
        raise LeftOut(f"pip could not fetch it: {error}") from error
