"""How many readers a second can come back after a while, and how many can open the page."""

from __future__ import annotations

from functools import partial
from itertools import islice

from benchmarks.figures import Figure
from benchmarks.load import Check, press
from benchmarks.peer import connect
from benchmarks.reply import Reply, WrongReply
from benchmarks.request import cookie, get
from benchmarks.sayings import BEGINNING, sayings
from benchmarks.sites.site import Site

ROOM = "1"
MISSED = 200


async def reads(site: Site, *, readers: int, seconds: float) -> list[Figure]:
    """Catch-up of 200 messages, then the page of the same room for guests and for who was there before."""
    (visitor,) = await site.visitors(1, ROOM, browser=True)
    catch_up = visitor.poll.ending(await site.say(visitor, BEGINNING))
    texts = list(islice(sayings(), MISSED))
    await site.say(visitor, texts)
    page = get(site.page(ROOM), site.port)
    (given,) = await site.cookies(ROOM, 1)
    known = get(site.page(ROOM), site.port, cookie(given))
    peers = await connect(site.port, readers)
    asked: list[tuple[str, bytes, Check]] = [
        ("catch-up", catch_up, _tells(site, texts)),
        ("page of a new guest", page, _shows(texts[-1])),
        ("page of a known guest", known, _shows(texts[-1])),
    ]
    figures = []
    for what, request, check in asked:
        load = await press(site, peers, partial(_always, request), check, seconds)
        figures += load.figures(what)
    for peer in peers:
        peer.close()
    return figures


def _always(request: bytes, _peer: int) -> bytes:
    return request


def _tells(site: Site, texts: list[str]) -> Check:
    right = set[bytes]()  # most replies are the same bytes: decoded once

    def check(reply: Reply) -> None:
        if reply.body not in right and list(site.update(reply).texts) != texts:
            raise WrongReply(f"{reply.body!r} for {texts}")
        right.add(reply.body)

    return check


def _shows(newest: str) -> Check:
    number = f">{newest.partition(' ')[0]} ".encode()

    def check(reply: Reply) -> None:
        if number not in reply.expect(200):
            raise WrongReply("a page without the newest message")

    return check
