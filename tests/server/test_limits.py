"""How much one client, and all together, may take: who comes beyond it is told to come later."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.proof.composing import get
from tests.proof.footprint import open_files
from tests.proof.hostile import sign_in
from tests.proof.http1 import Connection, Reply
from tests.proof.raw import connected, tell
from tests.server.process import running, talking
from tests.server.reading import read_replies, read_reply

# The server has a loop of its own; for the client one kind is enough.
pytestmark = [
    pytest.mark.gen_test(timeout=60),
    pytest.mark.usefixtures("io_loop"),
    pytest.mark.parametrize("io_loop", ["asyncio"], indirect=True),
]

POLL = get(b"/a/message/updates?room=7")


async def test_a_poll_too_many_is_answered_at_once_and_asked_to_return(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name, polls=2) as server, ExitStack() as closing:
        async with talking(server) as talk, connected(server.port) as (_, first):
            await talk.say()
            connection = Connection(server.port)
            closing.callback(connection.close)
            async with connected(server.port) as (_, second):
                first.write(POLL)
                second.write(POLL)
                await talk.held(2)
                told = await talk.poll(connection)
                assert (told["messages"], list(told["cursors"])) == ([], ["7"])
                assert told["retry_in"] > 0
            await talk.held(1)
            late = asyncio.create_task(talk.poll(connection))
            await talk.held(2)
            id_ = await talk.say()
            assert [it["id"] for it in (await late)["messages"]] == [id_]


async def test_a_person_has_a_limit_and_others_do_not_suffer_from_it(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name, polls_per_person=2) as server, ExitStack() as closing:
        async with talking(server) as talk:
            await talk.say()
            mine = [Connection(server.port) for _ in range(3)]
            others = [Connection(server.port) for _ in range(2)]
            for connection in (*mine, *others):
                closing.callback(connection.close)
            held = [asyncio.create_task(talk.poll(it, token=talk.token)) for it in mine[:2]]
            await talk.held(2)
            assert "retry_in" in await talk.poll(mine[2], token=talk.token)
            for connection, token in zip(others, ("", await sign_in(server.port)), strict=True):
                held.append(asyncio.create_task(talk.poll(connection, token=token)))
            await talk.held(4)
            id_ = await talk.say()
            told = await asyncio.gather(*held)
            assert [[it["id"] for it in update["messages"]] for update in told] == [[id_]] * 4


async def test_an_address_has_a_limit_and_other_addresses_do_not_suffer_from_it(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name, polls_per_address=2) as server:
        async with (
            talking(server) as talk,
            connected(server.port) as (_, first),
            connected(server.port) as (_, second),
        ):
            await talk.say()
            first.write(POLL)
            second.write(POLL)
            await talk.held(2)
            last = get(b"/a/message/updates?room=7", b"Connection: close")
            assert b'"retry_in"' in (await tell(server.port, last)).data
            elsewhere = ("127.0.0.2", 0)
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, local_addr=elsewhere
            )
            writer.write(POLL)
            await talk.held(3)
            id_ = await talk.say()
            (reply,) = await read_replies(reader, 1)
            assert [it["id"] for it in reply.json()["messages"]] == [id_]
            writer.close()


async def test_requests_that_wait_behind_a_poll_are_answered_however_many(
    server_name: str, tmp_path: Path
) -> None:
    with running(tmp_path, server_name, pipeline=1024) as server:
        async with talking(server) as talk, connected(server.port) as (reader, writer):
            await talk.say()
            writer.write(POLL + get(b"/healthz") * 5_000)
            await talk.held(1)
            id_ = await talk.say()
            first, *others = await read_replies(reader, 5_001)
            assert [it["id"] for it in first.json()["messages"]] == [id_]
            assert {reply.json()["status"] for reply in others} == {"ok"}


async def test_a_connection_too_many_is_told_to_come_later(tmp_path: Path) -> None:
    """Tornado's own server has no such limit."""
    with running(tmp_path, "chatroom", connections=10) as server, ExitStack() as closing:
        everybody = [Connection(server.port) for _ in range(10)]
        for connection in everybody:
            closing.callback(connection.close)
            assert (await connection.get("/healthz")).status == 200
        full = open_files(server.pid)
        refused = await ask(server.port)
        assert (refused.status, int(refused.headers["retry-after"]) > 0) == (503, True)
        everybody[0].close()
        while open_files(server.pid) >= full:  # the refused one has left, and one more
            await asyncio.sleep(0.01)
        assert (await ask(server.port)).status == 200
        assert (await everybody[1].get("/healthz")).status == 200


async def ask(port: int) -> Reply:
    """The reply to somebody new."""
    async with connected(port) as (reader, writer):
        writer.write(get(b"/healthz"))
        return await read_reply(reader)
