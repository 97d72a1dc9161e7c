"""What a post costs. This server acknowledges it when it is on the disk (synchronous=FULL), the demo forgets it."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.load import press
from benchmarks.peer import connect
from benchmarks.reply import Reply, WrongReply
from benchmarks.sayings import sayings
from benchmarks.sites.site import Site

ROOM = "1"


async def posts(site: Site, *, posters: int, seconds: float) -> list[Figure]:
    """So many browsers post into one room, each the next text as soon as the last one is acknowledged."""
    visitors = await site.visitors(posters, ROOM, browser=True)
    peers = await connect(site.port, posters)
    texts = sayings()
    acknowledged: list[bytes] = []

    def request(poster: int) -> bytes:
        return visitors[poster].post.ending(site.wording(next(texts)))

    def check(reply: Reply) -> None:
        acknowledged.append(site.accepted(reply))

    load = await press(site, peers, request, check, seconds)
    for peer in peers:
        peer.close()
    if len(set(acknowledged)) != len(acknowledged):
        raise WrongReply("two posts were acknowledged as one")
    return load.figures("post")
