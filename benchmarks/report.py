"""What was found: printed as tables as it comes, written as JSON in the end."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.figures import Figure, Result
from benchmarks.machine import CORES, fsync_ms

PACKAGES = ("tornado", "uvloop", "httptools", "msgspec")

#: By site, what was found.
Found = Mapping[str, Result]


def table(title: str, found: Found, reference: str) -> Iterator[str]:
    """Lines with a column for each site; below each cost, how many times as much the site `reference` takes."""
    yield f"\n{title:<50}" + "".join(f"{site:>13}" for site in found)
    words = [each if isinstance(each, str) else "" for each in found.values()]
    if any(words):
        yield f"{'':<50}" + "".join(f"{word:>13}" for word in words)
    columns = [_column(each) for each in found.values()]
    compared = _column(found.get(reference, ()))
    for name, unit in {f.name: f.unit for column in columns for f in column.values()}.items():
        label = f"{name}, {unit}" if unit else name
        yield f"  {label:<48}" + "".join(f"{column.get(name, '-')!s:>13}" for column in columns)
        if unit == "us" and name in compared and not name.startswith(" "):
            yield f"    {f'{reference} / this':<46}" + "".join(
                f"{_times(compared[name], column.get(name)):>13}" for column in columns
            )


def surroundings(folder: Path) -> dict[str, str]:
    """What the figures depend on: when, on what, by which command."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "revision": _said_by("git", "describe", "--always", "--dirty"),
        "versions": ", ".join(_versions()),
        "machine": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": "server and load on one each" if CORES else "shared by server and load",
        "fsync": f"{fsync_ms(folder):.2f} ms in {folder}",
    }


def write(path: Path, about: Mapping[str, str], found: Mapping[str, Found]) -> None:
    """Write everything: by question, by site, the figures."""
    questions = {
        title: {site: _plain(figures) for site, figures in sites.items()}
        for title, sites in found.items()
    }
    path.write_text(json.dumps({**about, "figures": questions}, indent=2) + "\n")


def _column(figures: Result) -> dict[str, Figure]:
    return {} if isinstance(figures, str) else {figure.name: figure for figure in figures}


def _times(reference: Figure, figure: Figure | None) -> str:
    return f"x {reference.value / figure.value:.1f} " if figure and figure.value else "- "


def _plain(figures: Result) -> object:
    return figures if isinstance(figures, str) else [figure._asdict() for figure in figures]


def _versions() -> Iterator[str]:
    yield f"Python {platform.python_version()}"
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"no {package}"
    yield _said_by("nginx", "-v")


def _said_by(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"no {command[0]}"
    return (said.stdout + said.stderr).strip()
