"""How many posts a second are acknowledged, which is to say on the disk (synchronous=FULL)."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.load import press
from benchmarks.peer import Reply
from benchmarks.site import Site, check_dense, say


async def posts(site: Site, posters: int, seconds: float) -> list[Figure]:
    """So many people post into one room, each the next message as soon as the last one is acknowledged."""
    room = f"posts-{posters}"
    headers = await site.sign_in(posters)
    peers = await site.connect(posters)

    def request(poster: int, number: int) -> bytes:
        return say(room, f"message {number} of {poster}", f"{poster}.{number}", headers[poster])

    replies: list[Reply] = []
    load = await press(site, peers, request, replies.append, seconds)
    for peer in peers:
        peer.close()
    check_dense([reply.json(201)["id"] for reply in replies])
    return load.figures(f"posts, {posters} posters")
