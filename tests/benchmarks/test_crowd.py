"""The load generator notices what a server does wrong, and passes what it does right."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from benchmarks.crowd import Crowd
from benchmarks.log import Faults
from benchmarks.reply import Reply, WrongReply
from benchmarks.request import Request
from benchmarks.room import Room
from benchmarks.sites.site import Site, Update, Visitor

#: What each reader is told, reply by reply; then its poll is held.
Script = Sequence[Sequence[str]]


class Actor(BaseRequestHandler):
    """Answers the polls of one connection as the script says."""

    def handle(self) -> None:
        lines: Iterator[str] | None = None
        while received := self.request.recv(4096):
            if received.startswith(b"GET"):
                self._tell("page")
                continue
            if lines is None:
                lines = iter(self.server.script[int(received.split()[1])])  # type: ignore[attr-defined]
            if (line := next(lines, None)) is not None:
                self._tell(line)

    def _tell(self, body: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        self.request.sendall((head + body).encode())


class Stage(Site):
    """Replies are texts of one letter each, as in `abc`."""

    async def visitors(self, count: int, room: str, *, browser: bool) -> list[Visitor]:
        del room, browser
        return [Visitor(Request(f"POST {n} "), Request("POST ")) for n in range(count)]

    def wording(self, text: str) -> bytes:
        return text.encode()

    def accepted(self, reply: Reply) -> bytes:
        return reply.body

    def update(self, reply: Reply) -> Update:
        return Update(tuple(reply.body.decode()), b"next")

    def page(self, room: str) -> str:
        return f"/{room}"


def play(script: Script, said: str) -> Faults:
    """What the load generator finds when `said` was said and the readers, one after the other, hear the script."""
    with ThreadingTCPServer(("127.0.0.1", 0), Actor) as server:
        server.daemon_threads = True
        server.script = script  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            return asyncio.run(heard(server.server_address[1], script, said))
        finally:
            server.shutdown()


async def heard(port: int, script: Script, said: str) -> Faults:
    site = Stage(port, pid=0)
    visitors = await site.visitors(len(script), "room", browser=False)
    with Crowd(site) as crowd:
        room = Room(site, "room", b"first")
        room.said.update(dict.fromkeys(said, 0.0))
        due = 0
        for visitor, lines in zip(visitors, script, strict=True):
            due += sum(map(len, lines))
            await crowd.read(room, [visitor])
            crowd.until(partial(delivered, room, due))
        return crowd.faults()


def delivered(room: Room, due: int) -> bool:
    return room.deliveries == due


def test_readers_who_all_hear_everything_have_no_fault() -> None:
    assert play([["a", "b", "c"], ["ab", "c"], ["abc"]], "abc") == Faults()


def test_an_empty_update_is_no_fault() -> None:
    assert play([["a", "", "b"], ["ab"]], "ab") == Faults()


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (["a", "c"], Faults(lost=1)),
        (["a", "b"], Faults(lost=1)),
        ([], Faults(lost=3)),
        (["ab", "bc"], Faults(repeated=1)),
        (["a", "b", "c", "c"], Faults(repeated=1)),
        (["a", "c", "b"], Faults(disordered=1)),
    ],
)
def test_a_reader_who_hears_something_else_is_found(wrong: list[str], fault: Faults) -> None:
    assert play([["a", "b", "c"], wrong, ["abc"]], "abc") == fault


def test_what_nobody_hears_is_lost_for_everybody() -> None:
    assert play([["a"], ["a"]], "ab") == Faults(lost=2)


def test_what_nobody_has_said_is_wrong() -> None:
    with pytest.raises(WrongReply, match="nobody said"):
        play([["ax"]], "a")
