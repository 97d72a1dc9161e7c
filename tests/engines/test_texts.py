"""Messages that are answered and changed, in the SQLite file."""

from __future__ import annotations

import pytest

from chatroom.deed import Edit
from chatroom.engines.sqlite import SqliteEngine
from tests.engines.contract_order import do, say
from tests.engines.contract_texts import BETTER, TextsContract
from tests.making import ANN


class TestTexts(TextsContract):
    """The contract, on the real file."""

    @pytest.mark.gen_test
    async def test_the_text_stands_in_the_message_alone(self, engine: SqliteEngine) -> None:
        await do(engine, "tea", ANN, BETTER)
        rows = await engine._store.read(
            lambda it: it.execute("SELECT body, html FROM messages ORDER BY number").fetchall()
        )
        assert rows == [("better", "<p>better</p>"), ('{"kind":"edit","target":1}', "")]

    @pytest.mark.gen_test
    async def test_an_edit_speaks_to_others_than_before(self, engine: SqliteEngine) -> None:
        await say(engine, "tea", body="@bob")
        await do(engine, "tea", ANN, Edit(2, "@cat", "@cat"))
        rows = await engine._store.read(
            lambda it: it.execute('SELECT "offset", handle FROM mentions').fetchall()
        )
        assert rows == [(2, "cat")]
