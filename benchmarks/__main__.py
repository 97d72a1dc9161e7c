"""Measure everything and print it: `python -m benchmarks [--json FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks.fanout import fanout
from benchmarks.figures import Figure, write_json
from benchmarks.machine import cores, fsync_ms, on_core, raise_file_limit
from benchmarks.memory import held, idle
from benchmarks.posts import posts
from benchmarks.reads import reads
from benchmarks.site import Site, site

Benchmark = Callable[[Site], Awaitable[list[Figure]]]


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--polls", type=int, default=1000, help="held polls")
    parser.add_argument("--rounds", type=int, default=20, help="messages to all held polls")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    parser.add_argument("--posters", type=int, nargs="*", default=[1, 20, 100])
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument(
        "--only", choices=["memory", "posts", "fanout", "reads"], help="one of them"
    )
    parser.add_argument("--folder", type=Path, help="where the data goes; posts depend on its disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser.parse_args()


def benchmarks(options: argparse.Namespace) -> list[Benchmark]:
    """What is to be measured, each on a server that was just started."""
    chosen: dict[str, list[Benchmark]] = {
        "memory": [idle, partial(held, polls=options.polls)],
        "posts": [partial(posts, posters=n, seconds=options.seconds) for n in options.posters],
        "fanout": [partial(fanout, polls=options.polls, rounds=options.rounds)],
        "reads": [partial(reads, readers=options.readers, seconds=options.seconds)],
    }
    return [b for name, some in chosen.items() if options.only in (None, name) for b in some]


async def measure(options: argparse.Namespace) -> AsyncIterator[Figure]:
    """Every figure, as soon as it is there."""
    server_core, load_core = cores() or (None, None)
    with on_core(load_core):
        for benchmark in benchmarks(options):
            async with site(options.folder, server_core) as fresh:
                for figure in await benchmark(fresh):
                    yield figure


async def report(options: argparse.Namespace) -> list[Figure]:
    """Print every figure and return them all."""
    figures = []
    async for figure in measure(options):
        print(figure, flush=True)
        figures.append(figure)
    return figures


def main() -> int:
    """Measure. A reply that is not what it has to be ends the program with a traceback."""
    options = arguments()
    folder = options.folder or Path(tempfile.gettempdir())
    apart = "one core each" if cores() else "sharing their cores"
    print(f"Python {platform.python_version()}, {platform.machine()}, server and load {apart}")
    print(f"open files {raise_file_limit():,}, fsync in {folder} {fsync_ms(folder):.2f} ms")
    figures = asyncio.run(report(options))
    if options.json:
        write_json(options.json, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
