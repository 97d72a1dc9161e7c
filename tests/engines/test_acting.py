"""The order of rooms in the SQLite file: the contract, where all that is done at once is done in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from chatroom.engines.sqlite import SqliteEngine
from tests.engines.contract_order import OrderContract
from tests.engines.grouping import in_one_group


class TestActing(OrderContract):
    """The contract, on the real file."""

    async def together(self, engine: SqliteEngine, *calls: Awaitable[Any]) -> list[Any]:  # type: ignore[override]
        return await in_one_group(engine, *calls)
