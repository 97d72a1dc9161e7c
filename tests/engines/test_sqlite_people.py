"""Who there is, in the SQLite file: the contract, where all that is asked at once is written in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from sqlite3 import Connection
from typing import Any

import pytest

from chatroom.deed import Act, Item
from chatroom.engines.sqlite import SqliteEngine
from chatroom.message import Message
from chatroom.people import Person
from tests.engines.contract_people import EVERYTHING, PeopleContract, enter_as, say
from tests.engines.effort import changes, instructions
from tests.engines.grouping import in_one_group
from tests.making import ANN


class TestSqlitePeople(PeopleContract):
    """The contract, on the real file."""

    async def together(self, engine: SqliteEngine, *calls: Awaitable[Any]) -> list[Any]:  # type: ignore[override]
        return await in_one_group(engine, *calls)

    @pytest.mark.parametrize("spoken", [False, True])
    @pytest.mark.gen_test
    async def test_who_leaves_costs_no_more_where_many_are_ignored_or_much_was_said(
        self, engine: SqliteEngine, spoken: bool
    ) -> None:
        guests = [Person(f"p-{n}", f"guest-{n}") for n in range(20)]
        for guest in guests:
            await enter_as(engine, guest)
            if spoken:
                await say(engine, "7", guest)
        first, last = guests[0], guests[-1]
        before = await instructions(engine, engine.people.forget(first, erase=True))

        def fill(connection: Connection) -> None:
            them = [(a.id, b.id) for a in guests[1:-1] for b in guests[1:-1]]
            connection.executemany("INSERT INTO ignored VALUES (?, ?)", them)

        await engine._store.write(fill)
        await asyncio.gather(*(say(engine, "7", ANN) for _ in range(300)))
        assert await instructions(engine, engine.people.forget(last, erase=True)) < before + 500

    @pytest.mark.gen_test(timeout=30)
    async def test_who_has_said_much_is_deleted_in_more_than_one_step(
        self, engine: SqliteEngine, delivered: list[Item]
    ) -> None:
        await asyncio.gather(*(say(engine, "7", ANN) for _ in range(1100)))
        assert max(await changes(engine, engine.people.forget(ANN, erase=True))) <= 2 * 500 + 4
        items = (await engine.between("7", 0, EVERYTHING, 9999)).items
        assert not any(isinstance(it, Message) and it.body for it in items)
        assert [it.offset for it in delivered if isinstance(it, Act)] == [1101]
