"""Searching in the SQLite file, beyond the contract."""

from __future__ import annotations

import asyncio
import itertools
import threading

import pytest

from chatroom.engines import sqlite_search, writer
from chatroom.engines.sqlite import SqliteEngine
from chatroom.engines.volumes import token
from chatroom.errors import SearchBusy
from tests.engines.contract_search import SearchContract, bodies, look
from tests.making import ANN, draft


class TestSqliteSearch(SearchContract):
    """The contract, on the real file."""

    @pytest.fixture(autouse=True)
    def never_quiet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only who looks lets the index catch up."""
        monkeypatch.setattr(writer, "_QUIET", 3600.0)

    @pytest.mark.gen_test
    async def test_a_big_backlog_is_told_and_not_waited_for(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.append(draft("tea", "tea"))
        monkeypatch.setattr(sqlite_search, "_CATCH_UP", 0)
        found = await look(engine, "tea", room="tea")
        assert (bodies(found), found.complete) == ([], False)
        monkeypatch.undo()
        found = await look(engine, "tea", room="tea")
        assert (bodies(found), found.complete) == (["tea"], True)

    @pytest.mark.gen_test
    async def test_what_is_outdated_is_not_found_before_it_is_let_go_of(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.append(draft("secret", "tea"))
        await look(engine, "secret", room="tea")
        monkeypatch.setattr(sqlite_search, "_CATCH_UP", 0)
        await engine._store.execute("UPDATE messages SET body = 'other'")
        found = await look(engine, "secret", room="tea")
        assert (bodies(found), found.complete) == ([], False)

    @pytest.mark.gen_test
    async def test_who_takes_too_long_is_asked_to_come_back(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.append(draft("tea", "tea"))
        monkeypatch.setattr(sqlite_search, "_SECONDS", -1.0)
        with pytest.raises(SearchBusy):
            await look(engine, "tea", room="tea")

    @pytest.mark.gen_test
    async def test_what_takes_too_long_is_given_up_within_a_volume(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(40):
            await engine.append(draft("的" * 3000 + "我", "tea"))
        query = "的" * 100 + "我" + "的" * 99
        assert not bodies(await look(engine, query, room="tea"))
        monkeypatch.setattr(engine._search, "_monotonic", itertools.count(0.0, 0.2).__next__)
        with pytest.raises(SearchBusy):
            await look(engine, query, room="tea")
        monkeypatch.setattr(engine._search, "_monotonic", lambda: 0.0)
        assert len(bodies(await look(engine, "我", room="tea"))) == 40

    @pytest.mark.gen_test
    async def test_only_so_many_wait_for_their_turn(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_search, "_QUESTIONS", 2)
        looks = (look(engine, f"tea {n}", room="tea") for n in range(3))
        found = await asyncio.gather(*looks, return_exceptions=True)
        assert [isinstance(it, SearchBusy) for it in found] == [False, False, True]
        assert bodies(await look(engine, "tea", room="tea")) == []

    @pytest.mark.gen_test
    async def test_a_full_disk_does_not_keep_anybody_from_finding(
        self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.append(draft("tea", "tea"))
        await look(engine, "tea", room="tea")
        await engine.append(draft("more tea", "tea"))

        async def fail(*_: object) -> None:
            raise SearchBusy

        with monkeypatch.context() as broken:
            broken.setattr(engine._store, "write", fail)
            found = await look(engine, "tea", room="tea")
        assert (bodies(found), found.complete) == (["tea"], False)

    @pytest.mark.gen_test
    async def test_whatever_else_is_read_does_not_wait_for_a_search(
        self, engine: SqliteEngine
    ) -> None:
        gate = threading.Event()
        search = asyncio.ensure_future(engine._store.search(lambda _: gate.wait()))
        assert await engine.people.person(ANN.id) == ANN
        assert not search.done()
        gate.set()
        await search


def test_what_fts5_is_asked_has_no_other_characters_than_words_have() -> None:
    hostile = 'An"n'
    asked = sqlite_search.expression((("北", "京"), ("tea",)), ["tea"], hostile)
    assert asked == (
        f'said : "北 京" AND said : "tea" AND place : ("{token("tea")}")'
        f' AND speaker : ("{token(hostile)}" OR "an n")'
    )
    assert token(hostile).isalnum()
