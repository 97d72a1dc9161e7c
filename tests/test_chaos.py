"""The long proofs on a small scale: the same code, fewer messages and rounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.proof import chaos, kills
from tests.proof.fault_proxy import FaultProxy, Odds
from tests.proof.http1 import Connection, ConnectionLost
from tests.proof.plan import Plan
from tests.server_process import ServerProcess


def test_600_messages_survive_a_bad_network_and_three_kills(tmp_path: Path) -> None:
    plan = Plan(messages=600, clients=6, rooms=2, kills=3, stops=1, limit=120.0)
    outcome = chaos.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)
    assert outcome.figures["kills"] == 3
    assert all(outcome.figures[fault] > 0 for fault in Odds._fields)


def test_what_was_acknowledged_survives_ten_kills_while_people_write(tmp_path: Path) -> None:
    plan = kills.Plan(rounds=10, writers=10)
    outcome = kills.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)
    assert outcome.figures["kills"] == 10


def test_a_post_whose_reply_was_dropped_is_there_once_when_it_is_repeated(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        asyncio.run(lose_a_reply_and_repeat(server.port))


async def lose_a_reply_and_repeat(port: int) -> None:
    direct = Connection(port)
    session = (await direct.post("/a/session", [("name", "bot"), ("token", "1")])).json()
    call = ("/a/message/new", [("room", "7"), ("body", "hello"), ("client_id", "once")])
    async with FaultProxy(port, Odds(*[0.0] * 6)._replace(drop_reply=1.0), seed=1) as proxy:
        lossy = Connection(proxy.port)
        with pytest.raises(ConnectionLost):
            await lossy.post(*call, token=session["token"])
    repeat = await direct.post(*call, token=session["token"])
    log = (await direct.get("/a/room/7/messages")).json()["messages"]
    direct.close()
    assert proxy.counts["drop_reply"] == 1
    assert repeat.status == 200
    assert log == [repeat.json()]
