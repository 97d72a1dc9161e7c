from __future__ import annotations

import asyncio

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines.turns import Turns


class Asked:
    """Questions that are answered when they are told to, with how many were asked before."""

    def __init__(self) -> None:
        self.turns: Turns[str, int] = Turns()
        self.begun: list[str] = []
        self._answers: list[asyncio.Future[None]] = []

    def ask(self, key: str) -> asyncio.Task[int]:
        async def question() -> int:
            self.begun.append(key)
            self._answers.append(asyncio.get_running_loop().create_future())
            number = len(self._answers)
            await self._answers[-1]
            return number

        return asyncio.create_task(self.turns.ask(key, question))

    async def answer(self, fault: Exception | None = None) -> None:
        """Answer the question that is being asked, when there is one."""
        while not self._answers or self._answers[-1].done():
            await asyncio.sleep(0)
        if fault:
            self._answers[-1].set_exception(fault)
        else:
            self._answers[-1].set_result(None)


@pytest.fixture
def asked(io_loop: IOLoop) -> Asked:
    return Asked()


async def rest() -> None:
    """Let all begin that can."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.gen_test
async def test_one_question_is_asked_after_the_other(asked: Asked) -> None:
    tasks = [asked.ask(key) for key in "abc"]
    await rest()
    assert asked.begun == ["a"]
    for _ in tasks:
        await asked.answer()
    assert await asyncio.gather(*tasks) == [1, 2, 3]
    assert asked.begun == ["a", "b", "c"]


@pytest.mark.gen_test
async def test_who_asks_what_is_waiting_is_told_the_same_and_never_what_was_asked_before(
    asked: Asked,
) -> None:
    first = asked.ask("a")
    await rest()
    later = [asked.ask("a") for _ in range(3)]
    await rest()
    await asked.answer()
    await asked.answer()
    assert await first == 1
    assert await asyncio.gather(*later) == [2, 2, 2]
    assert asked.begun == ["a", "a"]


@pytest.mark.gen_test
async def test_who_asks_often_holds_up_others_for_one_question(asked: Asked) -> None:
    often = [asked.ask("a") for _ in range(10)]
    await rest()
    often += [asked.ask("a") for _ in range(10)]
    other = asked.ask("b")
    for _ in range(3):
        await asked.answer()
    assert await other == 3
    await asyncio.gather(*often)


@pytest.mark.gen_test
async def test_a_fault_is_told_to_who_asked_and_harms_nobody_else(asked: Asked) -> None:
    first, second = asked.ask("a"), asked.ask("b")
    await asked.answer(ZeroDivisionError())
    await asked.answer()
    with pytest.raises(ZeroDivisionError):
        await first
    assert await second == 2


@pytest.mark.gen_test
async def test_who_waits_no_longer_takes_nothing_from_others(asked: Asked) -> None:
    tasks = [asked.ask(key) for key in "abb"]
    await rest()
    tasks[1].cancel()
    await asked.answer()
    await asked.answer()
    assert await tasks[2] == 2
    assert await tasks[0] == 1
