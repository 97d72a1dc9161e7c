"""A reader of the tests: it believes what it is told, as any client does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.api import Api, offset


class Reader:
    """Somebody who follows some rooms from somewhere: what was heard, and where that leads."""

    def __init__(self, api: Api, watched: Sequence[str], cursors: dict[str, str]) -> None:
        self.api = api
        self.rooms = watched
        self.cursors = cursors
        self.begun = {room: offset(cursor) for room, cursor in cursors.items()}
        self.heard: dict[str, list[Any]] = {room: [] for room in watched}
        self.held: asyncio.Task[Any] | None = None

    def fields(self, **more: str) -> list[tuple[str, str]]:
        """The arguments of its poll."""
        pairs = [("room", room) for room in self.rooms]
        pairs += [("cursor", self.cursors[room]) for room in self.rooms]
        return pairs + list(more.items())

    async def take(self, update: Any) -> None:
        """Believe an update, and fill its gaps as a page does."""
        assert "resets" not in update
        assert set(update["cursors"]) <= set(self.rooms)
        for room, cursor in update["cursors"].items():
            new = [message for message in update["messages"] if message["room"] == room]
            if gap := update.get("gaps", {}).get(room):
                assert gap["after"] == self.cursors[room]
                new[:0] = await self.api.between(gap["after"], gap["before"], room)
            self.heard[room] += new
            self.cursors[room] = cursor
