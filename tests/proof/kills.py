"""kill -9 at random points while many people write; then what was acknowledged must be there, once.

    python -m tests.proof.kills --rounds 100 --writers 50

Each round kills the server in the midst of the writing, reads the file as the crash has left it, starts the
server, and reads the log back through it. The writers never stop: what was not acknowledged they repeat,
and it must not be there twice. SIGKILL proves the order of commit and acknowledgement, not what the disk
does in a power cut; for that there is `synchronous=FULL`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.proof.caller import Broken, Caller
from tests.proof.checker import (
    Entry,
    Violation,
    check_acknowledged,
    check_order,
    check_reader,
    check_stderr,
    check_tokens,
)
from tests.proof.client import Reader, Writer
from tests.proof.crowd import ROOM_NAMES, Progress
from tests.proof.disk import check_integrity, read_log
from tests.proof.outcome import Outcome
from tests.proof.restarts import kill, stop
from tests.server_process import ServerProcess

ROOMS = ROOM_NAMES[:3]

# Between two kills so many posts are acknowledged, and then up to so many seconds pass.
POSTS_BETWEEN = (20, 400)
STRAY_SECONDS = 0.005

# What the report counts: posts answered with 201, calls that got no reply.
COUNTED = ("kills", "201", "retries")

# A round takes about one second.
SECONDS_PER_ROUND = 30.0


class Plan(NamedTuple):
    """So many `rounds` while `writers` people write, repeatable by the `seed`."""

    rounds: int = 100
    writers: int = 50
    seed: int = 1


class Run:
    """One run: the server on `data`, its writers, and a reader that reads everything back."""

    def __init__(self, plan: Plan, server: ServerProcess) -> None:
        self.plan = plan
        self.counts: Counter[str] = Counter()
        self.violations: list[Violation] = []
        self._server = server
        self._chance = random.Random(plan.seed)
        self._progress = Progress()
        self._writing = True
        self._writers = [Writer(self._caller()) for _ in range(plan.writers)]
        self._reader = Reader(self._caller(), ROOMS)

    async def run(self) -> None:
        """All rounds, and at the end a clean stop and a last look at everything."""
        try:
            await self._reader.begin()
            await self._write_through_all_rounds()
            await asyncio.to_thread(stop, self._server)
            await asyncio.to_thread(self._check_file, complete=True)
        except* Broken as broken:
            self.violations += [Violation("protocol", "", str(e)) for e in broken.exceptions]
        finally:
            for caller in (self._reader.caller, *(writer.caller for writer in self._writers)):
                caller.close()

    async def _write_through_all_rounds(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for number, writer in enumerate(self._writers):
                tasks.create_task(self._write(number, writer))
            tasks.create_task(self._all_rounds())

    async def _write(self, number: int, writer: Writer) -> None:
        await writer.sign_in(f"writer {number}")
        count = 0
        while self._writing:
            client_id = f"{number}.{count}"
            await writer.post(self._chance.choice(ROOMS), client_id, f"message {client_id}")
            await self._progress.advance()
            count += 1

    async def _all_rounds(self) -> None:
        for _ in range(self.plan.rounds):
            async with asyncio.timeout(SECONDS_PER_ROUND):
                await self._round()
        self._writing = False

    async def _round(self) -> None:
        await self._progress.reached(self._progress.count + self._chance.randint(*POSTS_BETWEEN))
        await asyncio.sleep(self._chance.uniform(0, STRAY_SECONDS))
        await asyncio.to_thread(kill, self._server)
        logs = await asyncio.to_thread(self._check_file, complete=False)
        await asyncio.to_thread(self._server.start)
        await self._reader.follow({room: len(log) for room, log in logs.items()})
        for room, log in logs.items():
            read = self._reader.logs[room][: len(log)]
            self.violations += check_reader(f"read back/{room}", read, log)
        self.counts["kills"] += 1

    def _check_file(self, *, complete: bool) -> dict[str, list[Entry]]:
        """Nobody is answered while the server is dead, so what is acknowledged does not change meanwhile."""
        self.violations += check_integrity(self._server.data)
        logs = read_log(self._server.data)
        for room in ROOMS:
            log = logs.setdefault(room, [])
            where = f"file after {self.counts['kills']} restarts/{room}"
            self.violations += check_order(where, log) + check_tokens(where, log)
            ids = {
                k: v
                for writer in self._writers
                for k, v in writer.acknowledged.get(room, {}).items()
            }
            self.violations += check_acknowledged(where, ids, log, complete=complete)
        return logs

    def _caller(self) -> Caller:
        return Caller(self._server.port, self._chance, self.counts)


def run(plan: Plan, data: Path) -> Outcome:
    """Do what `plan` says with a server on the folder `data`. Raises TimeoutError when it hangs."""
    started = time.monotonic()
    with ServerProcess(data, hold=2.0, hold_jitter=0.5) as server:
        proof = Run(plan, server)
        asyncio.run(proof.run(), debug=False)  # which would log how slow a loaded machine is
        proof.violations += check_stderr(server.stderr)
    happened = {name: proof.counts[name] for name in COUNTED}
    figures = {"writers": plan.writers, **happened, "seconds": time.monotonic() - started}
    return Outcome(f"kills, seed {plan.seed}", figures, COUNTED, proof.violations)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    parser = argparse.ArgumentParser(
        prog="tests.proof.kills", description="kill -9 while people write."
    )
    for name, default in Plan._field_defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    plan = Plan(**vars(parser.parse_args(argv)))
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(plan, Path(folder))
    print(outcome)
    return not outcome.holds


if __name__ == "__main__":
    sys.exit(main())
