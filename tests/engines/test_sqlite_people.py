"""Who there is, in the SQLite file: the contract, where all that is asked at once is written in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from chatroom.engines.sqlite import SqliteEngine
from tests.engines.contract_people import PeopleContract
from tests.engines.grouping import in_one_group


class TestSqlitePeople(PeopleContract):
    """The contract, on the real file."""

    async def together(self, engine: SqliteEngine, *calls: Awaitable[Any]) -> list[Any]:  # type: ignore[override]
        return await in_one_group(engine, *calls)
