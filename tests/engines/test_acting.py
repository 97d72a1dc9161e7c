"""The order of rooms in the SQLite file: the contract, where all that is done at once is done in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from sqlite3 import Connection
from typing import Any

import pytest

from chatroom.deed import Act, Erasure, Item
from chatroom.engines import acting, texts
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotAllowed
from chatroom.message import Message
from chatroom.order import Order
from tests.engines.contract_order import (
    CAT,
    DAN,
    EVERYTHING,
    FRIENDS,
    OrderContract,
    do,
    say,
)
from tests.engines.effort import changes
from tests.engines.grouping import in_one_group
from tests.making import ANN, BOB


class TestActing(OrderContract):
    """The contract, on the real file."""

    async def together(self, engine: SqliteEngine, *calls: Awaitable[Any]) -> list[Any]:  # type: ignore[override]
        return await in_one_group(engine, *calls)

    @pytest.mark.gen_test(timeout=30)
    async def test_erasing_takes_more_than_one_step_and_is_told_once(
        self, engine: SqliteEngine, delivered: list[Item]
    ) -> None:
        await say(engine, "tea")
        posts = (say(engine, "tea", BOB, body="@cat @dan") for _ in range(1100))
        await asyncio.gather(*posts, say(engine, "tea", CAT))
        erasing = do(engine, "tea", ANN, Erasure(BOB.id))
        assert max(await changes(engine, erasing)) <= 500 * 4 + 3
        items = (await engine.between("tea", 0, EVERYTHING, 9999)).items
        assert [it.author for it in items if isinstance(it, Message) and it.body] == [ANN, CAT]
        assert [it.offset for it in delivered if isinstance(it, Act)] == [1103]
        left = await engine._store.read(lambda it: it.execute("SELECT * FROM mentions").fetchall())
        assert left == []

    @pytest.mark.gen_test
    async def test_who_may_not_erase_has_erased_nothing(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(texts, "ERASED_AT_ONCE", 1)
        for _ in range(3):
            await say(engine, "tea")
        with pytest.raises(NotAllowed):
            await do(engine, "tea", BOB, Erasure(ANN.id))
        items = (await engine.between("tea", 0, EVERYTHING, 9)).items
        assert all(isinstance(it, Message) and it.body for it in items)

    @pytest.mark.gen_test
    async def test_a_conversation_is_begun_with_its_order_written_once(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept: list[Order] = []
        keep = acting.keep

        def count(connection: Connection, room: str, order: Order) -> None:
            kept.append(order)
            keep(connection, room, order)

        monkeypatch.setattr(acting, "keep", count)
        await engine.begin(FRIENDS, ANN, [BOB.id, CAT.id, DAN.id])
        assert kept == [(await engine.tail(FRIENDS, 9)).order]
        assert len(kept[0].roles) == 4

    @pytest.mark.gen_test
    async def test_what_is_told_at_once_is_bounded_by_entries(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chatroom.engines.writer.GROUP_LIMIT", 6)
        groups: list[int] = []
        engine.subscribe(lambda items: groups.append(len(list(items))))
        begun = (engine.begin(f"private-{n}", ANN, [BOB.id, CAT.id]) for n in range(4))
        await in_one_group(engine, *begun)
        assert groups == [6, 6]
