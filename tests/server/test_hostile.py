"""Malformed requests (S1), on a small scale: the same code as the long proofs."""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path

import pytest

from tests.proof import hostile, mutations, nginx, smuggling
from tests.proof.composing import Request
from tests.proof.hostile import Answer, sign_in
from tests.proof.raw import Heard, tell
from tests.server_process import ServerProcess


def test_malformed_requests_are_refused_or_harmless(server_name: str, tmp_path: Path) -> None:
    outcome = hostile.run(hostile.Plan(server_name), tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_two_thousand_mutants_do_no_harm(server_name: str, tmp_path: Path) -> None:
    plan = mutations.Plan(requests=2_000, server=server_name)
    outcome = mutations.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


@pytest.mark.skipif(not nginx.available(), reason="nginx is missing")
def test_behind_nginx_one_request_is_one_request(server_name: str, tmp_path: Path) -> None:
    outcome = smuggling.run(smuggling.Plan(server_name), tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_what_the_mutants_are_made_from_is_right(tmp_path: Path) -> None:
    async def statuses(port: int) -> list[list[int]]:
        right = mutations.originals(await sign_in(port))
        return [(await tell(port, request)).statuses for request in right]

    with ServerProcess(tmp_path) as server:
        told = asyncio.run(statuses(server.port))
    assert all(len(it) == 1 and it[0] < 300 for it in told), told


def test_mutants_are_the_same_for_the_same_seed() -> None:
    def some(seed: int) -> list[bytes]:
        return list(islice(mutations.mutants([b"GET / HTTP/1.1\r\n\r\n"], seed), 100))

    assert some(1) == some(1) != some(2)


@pytest.mark.parametrize(
    ("data", "closed", "kinds"),
    [
        (b"", True, []),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, []),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\n\r\n", True, []),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, ["left open"]),
        (b"HTTP/1.1 500 Oh\r\n\r\n", True, ["5xx"]),
        (b"HTTP/1.1 200 OK\r\n\r\n", True, ["taken"]),
        (b"HTTP/1.1 400 No\r\n\r\nHTTP/1.1 303 See\r\n\r\n", True, ["taken"]),
        (b"HTTP/1.1 201 Created\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", True, ["taken", "twice"]),
    ],
)
def test_the_proof_can_say_no(data: bytes, closed: bool, kinds: list[str]) -> None:
    answer = Answer(Request("x", b"x"), Heard(data, closed))
    assert [violation.kind for violation in hostile.check(answer)] == kinds
