"""When and how the server dies in a chaos run: at random points of the traffic, mostly by SIGKILL."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from tests.proof.caller import expect
from tests.proof.crowd import Progress
from tests.proof.plan import Plan
from tests.server_process import ServerProcess

# Up to so many seconds after its point is reached, to be in the midst of whatever is then going on.
STRAY_SECONDS = 0.02

# A server that is asked to end has to be gone within this, its requests answered.
STOP_SECONDS = 10.0


async def restart_at_random(
    plan: Plan, server: ServerProcess, progress: Progress, counts: Counter[str]
) -> None:
    """Do the kills and stops of `plan` between 5 % and 95 % of its messages, counting them in `counts`."""
    chance = random.Random(plan.seed)
    ends = [kill] * plan.kills + [stop] * plan.stops
    chance.shuffle(ends)
    margin = plan.messages // 20
    points = chance.sample(range(margin, plan.messages - margin), len(ends))
    for end, point in zip(ends, sorted(points), strict=True):
        await progress.reached(point)
        await asyncio.sleep(chance.uniform(0, STRAY_SECONDS))
        await asyncio.to_thread(end, server)
        await asyncio.to_thread(server.start)
        counts[f"{end.__name__}s"] += 1


def kill(server: ServerProcess) -> None:
    """End it as a crash does. Raises Broken if it had ended by itself."""
    code = server.kill().code
    expect(code == -9, "it had ended by itself", code)


def stop(server: ServerProcess) -> None:
    """End it as an operator does. Raises Broken if it did not exit 0 in time."""
    ended = server.terminate()
    expect(ended.code == 0 and ended.seconds < STOP_SECONDS, "no clean end", ended)
