"""Several peers that ask again and again, each as soon as it has been answered, for some seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.figures import Figure, median, quantile
from benchmarks.machine import Meter, Usage
from benchmarks.peer import Peer
from benchmarks.reply import Reply
from benchmarks.sites.site import Site

#: Makes the next request of a peer, by its number.
Requests = Callable[[int], bytes]
#: Looks at a reply as it comes. Raises WrongReply.
Check = Callable[[Reply], None]


class Load(NamedTuple):
    """What came of it: the seconds that each reply took, and what they took together."""

    latencies: list[float]
    usage: Usage

    def figures(self, what: str) -> list[Figure]:
        """Rate, latency and cost of `what` was asked for, as in "post"."""
        done, usage = len(self.latencies), self.usage
        waited = [latency * 1000 for latency in self.latencies]
        return [
            Figure(f"server CPU per {what}", usage.server / done * 1e6, "us"),
            Figure(f"{what}s per second", done / usage.seconds, "1/s").timed(usage),
            Figure(f"{what}, latency, median", median(waited), "ms").timed(usage),
            Figure(f"{what}, latency, 99 %", quantile(waited, 0.99), "ms").timed(usage),
            Figure(f"{what}, load generator busy", usage.busy, "%"),
            Figure(f"{what}, taken by other programs", usage.disturbed, "%"),
        ]


async def press(
    site: Site, peers: Sequence[Peer], requests: Requests, check: Check, seconds: float
) -> Load:
    """Let every peer ask for `seconds` what `requests` makes, and `check` each reply."""
    meter = Meter(site.pid)
    until = time.perf_counter() + seconds
    asking = (_ask(peer, number, requests, check, until) for number, peer in enumerate(peers))
    latencies = [latency for each in await asyncio.gather(*asking) for latency in each]
    return Load(latencies, meter.read())


async def _ask(
    peer: Peer, number: int, requests: Requests, check: Check, until: float
) -> list[float]:
    latencies = []
    while (now := time.perf_counter()) < until:
        check(await peer.ask(requests(number)))
        latencies.append(peer.arrived - now)
    return latencies
