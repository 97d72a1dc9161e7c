"""Dear questions take turns: whatever is asked besides waits for one of them and not for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Turns(Generic[Key, Answer]):
    """Asks one question after the other, in the order in which they came.

    Who asks what is waiting to be asked is told the same answer. What is being asked already may have missed what they
    did last, so it is asked once more: of one question two are on their way at most.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting: dict[Key, asyncio.Task[Answer]] = {}

    async def ask(self, key: Key, question: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to `question`, which is the same for the same `key`. Raises what it raises."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.create_task(self._in_turn(key, question))
        return await asyncio.shield(self._waiting[key])

    async def _in_turn(self, key: Key, question: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            await self._turn.acquire()
        finally:
            del self._waiting[key]
        try:
            return await question()
        finally:
            self._turn.release()
