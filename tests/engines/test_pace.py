"""When somebody has spoken last in a slow room, as the file notes it."""

from __future__ import annotations

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Change, Edit, Reaction
from chatroom.engines.sqlite import SqliteEngine
from tests.conftest import Clock
from tests.engines.contract_order import do, say
from tests.engines.contract_texts import SECOND
from tests.making import ANN, BOB


@pytest.fixture(autouse=True)
def slow(engine: SqliteEngine, io_loop: IOLoop) -> None:
    """Bob has said something in the room `tea`, which is slow since."""

    async def enter() -> None:
        for person in (ANN, BOB):
            await engine.people.add_session(person.id.encode(), person, person.name)
        await say(engine, "tea")
        await say(engine, "tea", BOB)
        await do(engine, "tea", ANN, Change(slow=60))

    io_loop.run_sync(enter)


async def spoke_at(engine: SqliteEngine) -> list[int]:
    """When Bob did."""
    found = await engine._store.read(
        lambda it: it.execute(
            "SELECT spoke_at FROM positions WHERE person = ?", (BOB.id,)
        ).fetchall()
    )
    return [at for (at,) in found]


@pytest.mark.gen_test
async def test_a_message_and_an_edit_are_noted(engine: SqliteEngine, clock: Clock) -> None:
    await say(engine, "tea", BOB)
    assert await spoke_at(engine) == [clock()]
    clock.now += 61 * SECOND
    await do(engine, "tea", BOB, Edit(2, "x", "x"))
    assert await spoke_at(engine) == [clock()]


@pytest.mark.gen_test
async def test_what_says_nothing_else_is_not_noted(engine: SqliteEngine) -> None:
    await do(engine, "tea", BOB, Edit(2, "hello", "hello"))
    await do(engine, "tea", BOB, Reaction(1, "👍", on=True))
    assert await spoke_at(engine) == []


@pytest.mark.gen_test
async def test_nothing_is_noted_where_nobody_is_slow(engine: SqliteEngine) -> None:
    await do(engine, "tea", ANN, Change(slow=0))
    await do(engine, "tea", BOB, Edit(2, "x", "x"))
    await say(engine, "tea", BOB)
    assert await spoke_at(engine) == []
