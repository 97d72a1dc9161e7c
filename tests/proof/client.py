"""One stubborn person: posts until it is acknowledged, follows rooms by cursor, fills the gaps.

What a client has to do according to the protocol and nothing more. What the server may not do is raised as
`Broken` on the spot, with the reply; what only the whole log can tell is left to the checker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tests.proof.caller import Caller, expect
from tests.proof.checker import Entry, offset_of


class Writer:
    """Posts as one person, each message until it is acknowledged; `acknowledged` is room -> client_id -> id."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.acknowledged: dict[str, dict[str, str]] = {}

    async def sign_in(self, name: str) -> str:
        """Become somebody; returns the token."""
        reply = await self.caller.post("/a/session", [("name", name), ("token", "1")])
        expect(reply.status == 201, "no session", reply)
        self.caller.token = str(reply.json()["token"])
        return self.caller.token

    async def post(self, room: str, client_id: str, body: str) -> None:
        """Post one message and return when it is acknowledged; repeat it when it was already."""
        form = [("room", room), ("client_id", client_id), ("body", body)]
        reply = await self.caller.post("/a/message/new", form)
        expect(reply.status in (200, 201), "not acknowledged", reply)
        message = reply.json()
        expect(_about(message) == (room, client_id, body), "another message", reply)
        known = self.acknowledged.setdefault(room, {})
        expect(known.setdefault(client_id, message["id"]) == message["id"], "a second id", reply)
        self.caller.counts[str(reply.status)] += 1


class Reader:
    """Follows rooms from the beginning: `logs` holds what came, in the order in which it came."""

    def __init__(self, caller: Caller, rooms: Sequence[str]) -> None:
        self.caller = caller
        self.logs: dict[str, list[Entry]] = {room: [] for room in rooms}
        self.cursors: dict[str, str] = {}

    async def begin(self) -> None:
        """Take the cursors of rooms in which nobody has spoken yet."""
        ask = [("room", room) for room in self.logs]
        reply = await self.caller.post("/a/message/updates", [*ask, ("wait", "0")])
        expect(reply.status == 200, "no update", reply)
        self.cursors = dict(reply.json()["cursors"])
        expect(self.cursors.keys() == self.logs.keys(), "not every room has a cursor", reply)
        expect(not any(map(offset_of, self.cursors.values())), "not the beginning", reply)

    async def follow(self, targets: Mapping[str, int]) -> None:
        """Poll until every room has got as far as its offset in `targets`."""
        while any(offset_of(self.cursors[room]) < offset for room, offset in targets.items()):
            await self.poll()

    async def poll(self, wait: float | None = None) -> int:
        """One update, held up to `wait` seconds or as long as the server likes; how many entries it brought."""
        form = [("room", room) for room in self.cursors]
        form += [("cursor", cursor) for cursor in self.cursors.values()]
        if wait is not None:
            form.append(("wait", str(wait)))
        reply = await self.caller.post("/a/message/updates", form)
        expect(reply.status == 200, "no update", reply)
        update = reply.json()
        expect("resets" not in update, "a reset, though nothing was restored", reply)
        expect(update["cursors"].keys() <= self.logs.keys(), "a room not asked for", reply)
        for room, cursor in update["cursors"].items():
            await self._take(room, cursor, update)
        expect(not _strangers(update), "messages of a room without a cursor", reply)
        await self._rest(update.get("retry_in", 0))
        return len(update["messages"])

    async def _take(self, room: str, cursor: str, update: Mapping[str, Any]) -> None:
        entries = [_entry(message) for message in update["messages"] if message["room"] == room]
        stands = entries[-1].id if entries else self.cursors[room]
        expect(cursor == stands, "the cursor is not the last entry's", update)
        if gap := update.get("gaps", {}).get(room):
            expect(gap == {"after": self.cursors[room], "before": entries[0].id}, "gap", update)
            self.logs[room] += await self._between(room, gap["after"], gap["before"])
            self.caller.counts["gaps"] += 1
        self.logs[room] += entries
        self.cursors[room] = cursor

    async def _between(self, room: str, after: str, before: str) -> list[Entry]:
        """The entries of a gap: the newest come first, so it is filled from behind."""
        filled: list[Entry] = []
        more = True
        while more:
            query = [("after", after), ("before", before), ("limit", "200")]
            reply = await self.caller.get(f"/a/room/{quote(room)}/messages", query)
            expect(reply.status == 200, "no history", reply)
            page = [_entry(message) for message in reply.json()["messages"]]
            more = reply.json()["more"]
            expect(page, "an empty page", reply)
            filled, before = page + filled, page[0].id
            self.caller.counts["history pages"] += 1
        return filled

    async def _rest(self, retry_in: float) -> None:
        if retry_in:
            self.caller.counts["pauses asked for"] += 1
            await asyncio.sleep(retry_in)


def _about(message: Mapping[str, Any]) -> tuple[str, str, str]:
    return message["room"], message["client_id"], message["body"]


def _strangers(update: Mapping[str, Any]) -> list[str]:
    return [m["id"] for m in update["messages"] if m["room"] not in update["cursors"]]


def _entry(message: Mapping[str, Any]) -> Entry:
    author = message["author"]
    return Entry(
        message["id"],
        author["id"],
        author["name"],
        message["client_id"],
        message["body"],
        message["at"],
    )
