"""Measure this server beside others, print it, and fail if a message was lost, repeated or out of order.

Everything: python -m benchmarks --json figures.json; one question: --only rooms --sites chatroom nchan.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import MsgspecError

from benchmarks.figures import FAILED, Result, middle
from benchmarks.machine import CORES, on_core, raise_file_limit
from benchmarks.plan import GROUPS, QUICK, Plan, Question
from benchmarks.reply import WrongReply
from benchmarks.report import Found, surroundings, table, write
from benchmarks.sites.choice import NAMES, USUAL, available
from benchmarks.sites.process import NotStarted
from benchmarks.sites.site import Serve, Start
from tests.server_process import ServerFailed

CACHE = Path(tempfile.gettempdir()) / "chatroom-benchmarks"
#: What a site can do wrong; the others are measured all the same. A TimeoutError is an OSError.
WRONG = (WrongReply, MsgspecError, NotStarted, ServerFailed, OSError)
#: Seconds after which a question will not be answered any more.
PATIENCE = 900.0


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="some questions")
    parser.add_argument("--sites", nargs="+", choices=NAMES, default=USUAL, help="who is measured")
    parser.add_argument("--quick", action="store_true", help="shorter, with fewer polls")
    parser.add_argument("--times", type=int, default=1, help="runs; the one in the middle counts")
    parser.add_argument(
        "--demo", type=Path, metavar="PATH", help="chatdemo.py or tornado-5.1.1.tar.gz"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where it is fetched to")
    parser.add_argument("--folder", type=Path, help="where the data goes; posts depend on its disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as well")
    return parser.parse_args()


async def answer(
    question: Question, serving: Mapping[str, Serve], folder: Path | None, times: int
) -> Found:
    """What is found of each site. Sites take turns, since a shared machine is now slower and now faster."""
    runs: dict[str, list[Result]] = {name: [] for name in serving if name in question.sites}
    for _ in range(times):
        for name, results in runs.items():
            results.append(await ask(question, name, serving[name], folder))
            gc.collect()
    return {name: middle(results) for name, results in runs.items()}


async def ask(question: Question, name: str, serve: Serve, folder: Path | None) -> Result:
    """What is found of a site that was just started, the load on a core of its own."""
    server_core, load_core = CORES or (None, None)
    with tempfile.TemporaryDirectory(dir=folder) as data, on_core(load_core):
        start = Start(server_core, Path(data), question.options)
        try:
            async with asyncio.timeout(PATIENCE), serve(start) as site:
                return await question.measure(site)
        except WRONG as wrong:
            print(f"\n{FAILED}: {question.title}, {name}: {str(wrong)[:2000]!r}", flush=True)
            return FAILED


def run(options: argparse.Namespace, serving: Mapping[str, Serve]) -> dict[str, Found]:
    """Answer what is asked, printing each answer as it comes."""
    found: dict[str, Found] = {}
    plan = QUICK if options.quick else Plan()
    for question in plan.questions():
        if question.group in options.only and question.sites & serving.keys():
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                answering = answer(question, serving, options.folder, options.times)
                found[question.title] = runner.run(answering)
            print(
                *table(question.title, found[question.title], question.reference),
                sep="\n",
                flush=True,
            )
    return found


def main() -> int:
    """Measure. The exit code is 1 when a run has failed."""
    options = arguments()
    about = surroundings(options.folder or Path(tempfile.gettempdir()))
    about["open files"] = f"{raise_file_limit():,}"
    serving, left_out = available(options.sites, options.demo, options.cache)
    about |= {f"left out: {name}": why for name, why in left_out.items()}
    print(*(f"{what}: {value}" for what, value in about.items()), sep="\n")
    print("!: the load generator was busy more than 90 % of the time, the server may be faster")
    gc.disable()  # millions of arrivals are noted, and nothing that refers to itself is made meanwhile
    found = run(options, serving)
    if options.json:
        write(options.json, about, found)
    return int(any(FAILED in each.values() for each in found.values()))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop where that is installed, else asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
