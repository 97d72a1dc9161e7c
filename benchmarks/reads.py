"""How many readers a second can come back after a while, and how many can open the page."""

from __future__ import annotations

from functools import partial

from benchmarks.figures import Figure
from benchmarks.load import Check, press
from benchmarks.peer import Reply, WrongReply, get
from benchmarks.site import Site, poll

ROOM = "reads"
MISSED = 200


async def reads(site: Site, readers: int, seconds: float) -> list[Figure]:
    """Catch-up of 200 messages, then the page of the same room for guests and for who was there before."""
    ids = await site.fill(ROOM, MISSED)
    peers = await site.connect(readers)
    catch_up = poll(ROOM, f"{ids[0].partition('-')[0]}-0")
    first = await peers[0].ask(catch_up)
    _check_log(first, ids)
    page = get(f"/room/{ROOM}")
    cookies = (await peers[0].ask(page)).cookies
    known_page = get(f"/room/{ROOM}", f"Cookie: {cookies}")
    shown = _shows(ids[-1])
    asked: list[tuple[str, bytes, Check]] = [
        (f"catch-up of {MISSED} messages", catch_up, _same_as(first)),
        ("first page of a new guest", page, shown),
        ("first page of a known guest", known_page, shown),
    ]
    figures = []
    for what, request, check in asked:
        load = await press(site, peers, partial(_always, request), check, seconds)
        figures += load.figures(f"{what}, {readers} readers")
    for peer in peers:
        peer.close()
    return figures


def _always(request: bytes, _peer: int, _number: int) -> bytes:
    return request


def _check_log(reply: Reply, ids: list[str]) -> None:
    got = [message["id"] for message in reply.json(200)["messages"]]
    if got != ids:
        raise WrongReply(f"{got} for {ids}")


def _same_as(first: Reply) -> Check:
    def check(reply: Reply) -> None:
        if reply.body != first.body:
            raise WrongReply("a catch-up that differs from the one before")

    return check


def _shows(newest: str) -> Check:
    def check(reply: Reply) -> None:
        if newest.encode() not in reply.expect(200):
            raise WrongReply("a page without the newest message")

    return check
