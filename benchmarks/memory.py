"""How much memory the server takes when it idles, and how much more for each poll that it holds."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.machine import quiet, rss_kib
from benchmarks.peer import WrongReply, get
from benchmarks.site import Site, poll


async def idle(site: Site) -> list[Figure]:
    """After the start, the first pages and a few posts."""
    (peer,) = await site.connect(1)
    at_start = rss_kib(site.pid)
    for target in ("/", "/room/1"):
        (await peer.ask(get(target))).expect(200)
    await site.fill("1", 5)
    await quiet(site.pid)
    peer.close()
    return [
        Figure("memory after the start", at_start / 1024, "MiB"),
        Figure("memory after first pages and posts", rss_kib(site.pid) / 1024, "MiB"),
    ]


async def held(site: Site, polls: int) -> list[Figure]:
    """What `polls` held polls add, connection included, in the process (the kernel's part is not in it)."""
    cursor = (await site.fill("held", 5))[-1]
    await quiet(site.pid)
    before = rss_kib(site.pid)
    peers = await site.connect(polls)
    replies = [peer.ask(poll("held", cursor)) for peer in peers]
    await quiet(site.pid)
    each = (rss_kib(site.pid) - before) / polls
    early = sum(reply.done() for reply in replies)
    for peer in peers:
        peer.close()
    if early:
        raise WrongReply(f"{early} polls were not held")
    return [Figure(f"memory per held poll, {polls:,} polls", each, "KiB")]
