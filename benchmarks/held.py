"""Many held polls and nothing to say: the memory that each takes, and the CPU that they take together."""

from __future__ import annotations

import asyncio
import time

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure
from benchmarks.machine import Meter, quiet, rss_kib
from benchmarks.reply import WrongReply
from benchmarks.room import Room
from benchmarks.sayings import BEGINNING
from benchmarks.sites.site import Site

ROOM = "1"


async def held(site: Site, *, polls: int, seconds: float) -> list[Figure]:
    """Hold `polls` polls of browsers, watch them for so long, then wake them: each must have been held."""
    at_start = rss_kib(site.pid)
    first, *others = await site.visitors(polls + 1, ROOM, browser=True)
    cursor = await site.say(first, BEGINNING)
    await quiet(site.pid)
    before = rss_kib(site.pid)
    with Crowd(site) as crowd:
        room = Room(site, ROOM, cursor)
        await crowd.read(room, others)
        await quiet(site.pid)
        each = (rss_kib(site.pid) - before) / polls
        meter = Meter(site.pid)
        await asyncio.sleep(seconds)
        usage = meter.read()
        crowd.turn(0)
        if room.heard:
            raise WrongReply("a poll was answered before anybody spoke")
        crowd.speaker(first).say(room, "1 wakes everybody", time.perf_counter())
        crowd.until(lambda: room.owed <= 0)
        crowd.check()
    return [
        Figure("memory per held poll", each, "KiB"),
        Figure("memory after the start", at_start / 1024, "MiB"),
        Figure("memory with everybody's page open", before / 1024, "MiB"),
        Figure("CPU while nothing happens", usage.server / usage.seconds * 100, "%"),
    ]
