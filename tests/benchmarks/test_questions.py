"""Each question of the benchmarks, asked of the real server in small."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks.fanout import fanout
from benchmarks.figures import Figure
from benchmarks.held import held
from benchmarks.plan import ALL, GROUPS, QUICK, Plan
from benchmarks.posts import posts
from benchmarks.reads import reads
from benchmarks.report import table
from benchmarks.sites import chatroom
from benchmarks.sites.choice import NAMES
from benchmarks.sites.site import Site, Start

Measure = Callable[[Site], Awaitable[list[Figure]]]

SMALL: list[tuple[Measure, str]] = [
    (partial(fanout, polls=5, browser=True, cpu=0.0), "server CPU per delivery"),
    (partial(fanout, polls=5, browser=False, cpu=0.0), "deliveries per second"),
    (partial(held, polls=5, seconds=0.1), "memory per held poll"),
    (partial(posts, posters=3, seconds=0.2), "posts per second"),
    (partial(reads, readers=2, seconds=0.2), "catch-ups per second"),
]


@pytest.mark.parametrize(("measure", "name"), SMALL)
def test_it_is_answered_with_figures(measure: Measure, name: str, tmp_path: Path) -> None:
    async def ask() -> list[Figure]:
        async with chatroom.serve(Start(None, tmp_path, {})) as site:
            return await measure(site)

    assert name in {figure.name for figure in asyncio.run(ask())}


@pytest.mark.parametrize("plan", [Plan(), QUICK])
def test_every_question_can_be_chosen_and_has_a_title_of_its_own(plan: Plan) -> None:
    questions = list(plan.questions())
    assert {question.group for question in questions} == set(GROUPS)
    assert len({question.title for question in questions}) == len(questions)
    assert set(NAMES) == ALL


def test_a_table_compares_costs_and_marks_what_the_load_generator_bounds() -> None:
    ours = [Figure("cost", 8.0, "us"), Figure("rate", 1000.0, "1/s", bound=True)]
    lines = list(table("title", {"chatroom": ours, "demo": [Figure("cost", 200.0, "us")]}, "demo"))
    rows = [line.split() for line in lines]
    assert ["title", "chatroom", "demo"] in rows
    assert ["cost,", "us", "8", "200"] in rows
    assert ["demo", "/", "this", "x", "25.0", "x", "1.0"] in rows
    assert ["rate,", "1/s", "1,000!", "-"] in rows


def test_a_failed_run_is_a_word_in_the_table() -> None:
    assert any("FAILED" in line for line in table("title", {"chatroom": "FAILED"}, "demo"))
