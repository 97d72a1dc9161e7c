"""A proof as a command: its plan's fields are the options, its outcome is printed, the exit code says if it holds."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.proof.caller import Broken
from tests.proof.checker import Violation
from tests.proof.outcome import Outcome

SERVERS = ("chatroom", "tornado")


def run_as_command(
    run: Callable[[Any, Path], Outcome], plan: Any, argv: Sequence[str] | None
) -> int:
    """Do `run` with `plan` (a NamedTuple), changed by the options in `argv`, in a folder of its own.

    An option takes what the default in `plan` is; `server` is one of SERVERS, or `both`, one after the other.
    Returns 0 when all holds and 1 when not.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {run.__module__}", description=run.__doc__, allow_abbrev=False
    )
    for name, default in plan._asdict().items():
        choices = (*SERVERS, "both") if name == "server" else None
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=type(default), default=default, choices=choices
        )
    plan = plan._replace(**vars(parser.parse_args(argv)))
    servers = SERVERS if plan.server == "both" else (plan.server,)
    return max(_once(run, plan._replace(server=server)) for server in servers)


def _once(run: Callable[[Any, Path], Outcome], plan: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = run(plan, Path(folder) / "data")
        except* (Broken, TimeoutError) as broken:
            what = "; ".join(map(repr, broken.exceptions))
            outcome = Outcome(str(plan), {}, [], [Violation("broken off", run.__module__, what)])
    print(outcome, flush=True)
    return not outcome.holds
