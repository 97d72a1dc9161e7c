"""Signing in tells nothing of who there is: not by its status, its body, or its time (S12).

    python -m tests.proof.enumeration --server=both

Four kinds of tries that fail, in random order, each with a name and an address of its own, so that no limit is reached:
names that nobody has, names of guests, wrong passwords, and right ones of people who are kept out.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlencode

from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.http1 import Connection, Reply
from tests.proof.outcome import Outcome
from tests.server_process import ServerProcess

RIGHT, WRONG = "a walk in the fog", "a nap in the rain"
KINDS = ("unknown", "guest", "wrong", "barred")


class Plan(NamedTuple):
    """So many tries of each kind; their mean times differ by less than `limit` seconds."""

    tries: int = 200
    limit: float = 0.005
    seed: int = 1
    server: str = "chatroom"


class Answer(NamedTuple):
    """What came back, and after how many seconds."""

    kind: str
    reply: Reply
    seconds: float


class Prober:
    """Somebody who comes from another address with each request, for a proxy that is believed says so."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        self._addresses = (f"2001:db8:{number >> 8:x}:{number & 255:x}::1" for number in count())

    async def post(self, path: str, whose: str = "", /, **form: str) -> Reply:
        """Send a form."""
        body = urlencode(form).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {next(self._addresses)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        )
        bearer = f"Authorization: Bearer {whose}\r\n" if whose else ""
        return await self._connection.send(f"{head}{bearer}\r\n".encode() + body, 30.0)

    async def guest(self, name: str) -> str:
        """A guest; returns the token."""
        reply = await self.post("/a/session", name=name, token="1")
        assert reply.status == 201, reply
        return str(reply.json()["token"])

    async def account(self, name: str) -> str:
        """An account; returns the id of its owner."""
        token = await self.guest(name)
        reply = await self.post("/a/account", token, name=name, password=RIGHT)
        assert reply.status == 201, reply
        return str(reply.json()["id"])

    async def chief(self, link: str) -> str:
        """An administrator; returns the token."""
        form = {"token": link, "name": "chief", "password": RIGHT}
        reply = await self.post("/a/administrator", await self.guest("chief"), **form)
        assert reply.status == 200, reply
        return str(reply.json()["token"])

    async def settle(self, plan: Plan, link: str) -> None:
        """Make the people who are tried."""
        chief = await self.chief(link)
        for number in range(plan.tries):
            await self.guest(f"guest {number}")
            await self.account(f"wrong {number}")
            barred = await self.account(f"barred {number}")
            reply = await self.post(f"/a/person/{barred}/bar", chief, on="1")
            assert reply.status == 204, reply

    async def probe(self, plan: Plan) -> list[Answer]:
        """Try everybody once."""
        everybody = [(kind, number) for kind in KINDS for number in range(plan.tries)]
        random.Random(plan.seed).shuffle(everybody)
        answers = []
        for kind, number in everybody:
            password = WRONG if kind == "wrong" else RIGHT
            begun = perf_counter()
            reply = await self.post(
                "/a/account/sign-in", name=f"{kind} {number}", password=password, token="1"
            )
            answers.append(Answer(kind, reply, perf_counter() - begun))
        return answers


def run(plan: Plan, data: Path) -> Outcome:
    """Signing in tells nothing of who there is."""
    settings = {"proxies": "127.0.0.1", "log_level": "warning"}
    with ServerProcess(data, server=plan.server, **settings) as server:
        printed = server._running().stdout
        assert printed is not None
        link = printed.readline().strip().rpartition("/")[2]
        answers = asyncio.run(_answers(plan, server.port, link))
        violations = [*check(answers, plan)]
        if server.stderr:
            violations.append(Violation("log", "warnings", server.stderr[-2000:]))
    means = {kind: _mean(answers, kind) for kind in KINDS}
    figures = {"tries": len(answers), **{f"{kind}, ms": 1000 * it for kind, it in means.items()}}
    figures["difference, ms"] = 1000 * (max(means.values()) - min(means.values()))
    return Outcome(f"enumeration, {plan.server}", figures, ["tries"], violations)


def check(answers: Sequence[Answer], plan: Plan) -> Iterator[Violation]:
    """What tells the kinds apart."""
    told = {(it.reply.status, it.reply.body, tuple(it.reply.headers)) for it in answers}
    if len(told) > 1 or any(it.reply.status != 401 for it in answers):
        yield Violation("told apart", "reply", repr(told))
    means = [_mean(answers, kind) for kind in KINDS]
    if max(means) - min(means) >= plan.limit:
        yield Violation("told apart", "time", repr(means))


async def _answers(plan: Plan, port: int, link: str) -> list[Answer]:
    prober = Prober(port)
    await prober.settle(plan, link)
    return await prober.probe(plan)


def _mean(answers: Sequence[Answer], kind: str) -> float:
    return fmean(it.seconds for it in answers if it.kind == kind)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
