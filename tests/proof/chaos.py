"""Many messages through a bad network, with kill -9 in between: nothing lost, nothing twice, all in order.

    python -m tests.proof.chaos --messages 10000 --clients 20 --kills 12

Everybody posts with a client_id until it is acknowledged and follows several rooms by cursor, all through
the fault proxy. When all is quiet every reader must hold exactly the log of each room it watched, and the
file must hold exactly what was acknowledged. The exit code says whether that was so.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.proof.caller import Broken
from tests.proof.checker import (
    Entry,
    Violation,
    check_acknowledged,
    check_order,
    check_reader,
    check_stderr,
    check_tokens,
    offset_of,
)
from tests.proof.crowd import Client, Progress
from tests.proof.disk import check_integrity, read_log
from tests.proof.fault_proxy import FaultProxy, Odds
from tests.proof.outcome import Outcome
from tests.proof.plan import Plan
from tests.proof.restarts import restart_at_random, stop
from tests.server_process import ServerProcess

# Short holds let a quiet reader notice the end soon; a small buffer sends readers to the file.
SETTINGS = {"hold": 2.0, "hold_jitter": 0.5, "cache_size": 50, "retry_spread": 1.0}

# What has to happen in a run that proves something: at the clients, and in the proxy.
HAPPENS_TO_CLIENTS = ("gaps", "history pages", "201", "200", "retries")
HAPPENS_IN_PROXY = ("requests", "unreachable", *Odds._fields)


def run(plan: Plan, data: Path) -> Outcome:
    """Do what `plan` says with a server on the folder `data`. Raises TimeoutError when it hangs."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    with ServerProcess(data, **SETTINGS) as server:
        clients, faults, violations = asyncio.run(
            _through_proxy(plan, server, counts),
            debug=False,  # which would log how slow a loaded machine is
        )
        violations += check_stderr(server.stderr)
    violations += check_integrity(data) + check_all(read_log(data), clients)
    figures = _figures(plan, counts, faults) | {"seconds": time.monotonic() - started}
    needed = [name for name in ("kills", "stops") if getattr(plan, name)]
    needed += [*HAPPENS_TO_CLIENTS, *HAPPENS_IN_PROXY]
    return Outcome(f"chaos, seed {plan.seed}", figures, needed, violations)


async def _through_proxy(
    plan: Plan, server: ServerProcess, counts: Counter[str]
) -> tuple[list[Client], Counter[str], list[Violation]]:
    """The people and what they have read, the faults there were, and what broke the protocol."""
    violations = []
    async with (
        asyncio.timeout(plan.limit),
        FaultProxy(server.port, plan.odds, plan.seed) as proxy,
    ):
        clients = [Client(number, plan, proxy.port, counts) for number in range(plan.clients)]
        try:
            await _converse(plan, server, clients, counts)
        except* Broken as broken:
            violations += [Violation("protocol", "", str(error)) for error in broken.exceptions]
        finally:
            for client in clients:
                client.leave()
    return clients, proxy.counts, violations


async def _converse(
    plan: Plan, server: ServerProcess, clients: Sequence[Client], counts: Counter[str]
) -> None:
    progress = Progress()
    async with asyncio.TaskGroup() as arriving:
        for client in clients:
            arriving.create_task(client.arrive())
    async with asyncio.TaskGroup() as talking:
        talking.create_task(restart_at_random(plan, server, progress, counts))
        for client in clients:
            talking.create_task(client.watch(progress, plan.messages))
            for voice in client.voices:
                talking.create_task(client.speak(voice, progress))
    heads = {room: max(map(offset_of, ids.values())) for room, ids in _posted(clients).items()}
    async with asyncio.TaskGroup() as finishing:
        for client in clients:
            finishing.create_task(client.finish(heads))
    await asyncio.to_thread(stop, server)


def check_all(logs: Mapping[str, list[Entry]], clients: Iterable[Client]) -> list[Violation]:
    """The file against itself and what was acknowledged, and each reader against the file."""
    posted = _posted(clients)
    found = []
    for room in logs.keys() | posted.keys():
        log = logs.get(room, [])
        found += check_order(f"file/{room}", log) + check_tokens(f"file/{room}", log)
        found += check_acknowledged(f"file/{room}", posted.get(room, {}), log, complete=True)
    for client in clients:
        for room, read in client.reader.logs.items():
            found += check_reader(f"client {client.number}/{room}", read, logs.get(room, []))
    return found


def _posted(clients: Iterable[Client]) -> dict[str, dict[str, str]]:
    """Room -> client_id -> id of what was acknowledged to anybody."""
    found: dict[str, dict[str, str]] = {}
    for client in clients:
        for voice in client.voices:
            for room, ids in voice.acknowledged.items():
                found.setdefault(room, {}).update(ids)
    return found


def _figures(plan: Plan, counts: Counter[str], faults: Counter[str]) -> dict[str, int]:
    size = {"messages": plan.messages, "clients": plan.clients, "rooms": plan.rooms}
    names = ("kills", "stops", *HAPPENS_TO_CLIENTS, "pauses asked for", "503")
    happened = {name: counts[name] for name in names}
    return size | happened | {name: faults[name] for name in HAPPENS_IN_PROXY}


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    parser = argparse.ArgumentParser(
        prog="tests.proof.chaos", description="Chaos through a bad network."
    )
    for name in ("messages", "clients", "rooms", "kills", "stops", "seed"):
        parser.add_argument(f"--{name}", type=int, default=Plan._field_defaults[name])
    plan = Plan(**vars(parser.parse_args(argv)))
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(plan, Path(folder))
    print(outcome)
    return not outcome.holds


if __name__ == "__main__":
    sys.exit(main())
