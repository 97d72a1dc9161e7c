"""Each question of the benchmarks, asked of the real server in small."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks.__main__ import answer
from benchmarks.fanout import fanout
from benchmarks.figures import FAILED, Figure, middle
from benchmarks.held import held
from benchmarks.joins import joins
from benchmarks.plan import ALL, GROUPS, QUICK, Plan, Question
from benchmarks.posts import posts
from benchmarks.reads import reads
from benchmarks.reply import WrongReply
from benchmarks.report import Found, table
from benchmarks.sites import chatroom
from benchmarks.sites.choice import NAMES
from benchmarks.sites.site import Serve, Site, Start

Measure = Callable[[Site], Awaitable[list[Figure]]]

SMALL: list[tuple[Measure, str]] = [
    (partial(fanout, polls=5, browser=True, cpu=0.0), "server CPU per delivery"),
    (partial(fanout, polls=5, browser=False, cpu=0.0), "deliveries per second"),
    (partial(held, polls=5, seconds=0.1), "memory per held poll"),
    (partial(joins, people=5, seconds=0.1), "replies before anybody speaks"),
    (partial(posts, posters=3, seconds=0.2), "posts per second"),
    (partial(reads, readers=2, seconds=0.2), "catch-ups per second"),
]


@pytest.mark.parametrize("serve", [chatroom.serve, chatroom.serve_attended])
@pytest.mark.parametrize(("measure", "name"), SMALL)
def test_it_is_answered_with_figures(
    measure: Measure, name: str, serve: Serve, tmp_path: Path
) -> None:
    async def ask() -> list[Figure]:
        async with serve(Start(None, tmp_path, {})) as site:
            return await measure(site)

    assert name in {figure.name for figure in asyncio.run(ask())}


def test_it_is_asked_as_often_as_wanted_and_answered_once(tmp_path: Path) -> None:
    asked = 0

    async def measure(_site: Site) -> list[Figure]:
        nonlocal asked
        asked += 1
        if asked > 3:
            raise WrongReply("one too many")
        return [Figure("turn", asked, "")]

    def found(times: int) -> Found:
        question = Question("fanout", "title", measure)
        return asyncio.run(answer(question, {"chatroom": chatroom.serve}, tmp_path, times))

    middle_of_three = found(3)["chatroom"]
    assert middle_of_three[0] == Figure("turn", 2, "")
    assert found(1) == {"chatroom": FAILED}


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


def test_of_several_runs_the_one_in_the_middle_counts() -> None:
    runs = [
        [Figure("cost", cost, "us"), Figure("rate", 1 / cost, "1/s")] for cost in (4.0, 1.0, 2.0)
    ]
    chosen = middle(runs)
    assert not isinstance(chosen, str)
    cost, least, most, rate = chosen
    assert (cost, rate) == tuple(runs[2])
    assert (least, most) == (
        Figure("  least of all runs", 1.0, "us"),
        Figure("  most of all runs", 4.0, "us"),
    )
    assert middle(runs[:1]) == runs[0]


def test_a_failed_run_is_not_outvoted() -> None:
    assert middle([[Figure("cost", 4.0, "us")], FAILED]) == FAILED
