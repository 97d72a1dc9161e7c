"""Several peers that ask again and again, each as soon as it has been answered, for some seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, repeat
from typing import NamedTuple

from benchmarks.figures import Figure, median, quantile
from benchmarks.machine import cpu_seconds
from benchmarks.peer import Peer, Reply
from benchmarks.site import Site

#: Makes, of a peer's number and n, its n-th request.
Requests = Callable[[int, int], bytes]
#: Looks at a reply as it comes. Raises WrongReply.
Check = Callable[[Reply], None]


class Load(NamedTuple):
    """What came of it: the seconds that each reply took, and all together; CPU seconds on both sides."""

    latencies: list[float]
    seconds: float
    server_cpu: float
    own_cpu: float

    def figures(self, what: str) -> list[Figure]:
        """Rate, latency and cost; `what` names a thing and how many asked for it."""
        done = len(self.latencies)
        return [
            Figure(f"{what}, per second", done / self.seconds, "1/s"),
            Figure(f"{what}, latency median", median(self.latencies) * 1000, "ms"),
            Figure(f"{what}, latency 99 %", quantile(self.latencies, 0.99) * 1000, "ms"),
            Figure(f"{what}, server CPU each", self.server_cpu / done * 1e6, "us"),
            Figure(f"{what}, load generator busy", self.own_cpu / self.seconds * 100, "%"),
        ]


async def press(
    site: Site, peers: Sequence[Peer], requests: Requests, check: Check, seconds: float
) -> Load:
    """Let every peer ask for `seconds` what `requests` makes, and `check` each reply."""
    server, own, started = cpu_seconds(site.pid), time.process_time(), time.perf_counter()
    asking = [
        _ask(peer, map(requests, repeat(number), count()), check, started + seconds)
        for number, peer in enumerate(peers)
    ]
    latencies = [latency for each in await asyncio.gather(*asking) for latency in each]
    return Load(
        latencies,
        seconds=time.perf_counter() - started,
        server_cpu=cpu_seconds(site.pid) - server,
        own_cpu=time.process_time() - own,
    )


async def _ask(peer: Peer, requests: Iterator[bytes], check: Check, until: float) -> list[float]:
    latencies = []
    while (now := time.perf_counter()) < until:
        check(await peer.ask(next(requests)))
        latencies.append(peer.arrived - now)
    return latencies
