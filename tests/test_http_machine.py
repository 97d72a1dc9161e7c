"""Readers, speakers and restarts in any order, over HTTP, against a model (R15).

The model is a list of messages for each room. Whatever happens, what a reader has heard, with its gaps filled from the
history call, is the part of that list between where it began and where it stands.

The suite runs the same 400 steps each time; `HYPOTHESIS_PROFILE=nightly` runs 10,000 new ones.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import hypothesis.strategies as st
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tornado.ioloop import IOLoop

from chatroom.settings import Settings
from tests.api import offset
from tests.conftest import Clock, until
from tests.handlers.reader import Reader
from tests.handlers.site import Site
from tests.laying import lay
from tests.making import said
from tests.server_process import UNLIMITED

T = TypeVar("T")

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
STEPS = 10_000 if NIGHTLY else 400
STEPS_IN_ONE_RUN = 25
#: More messages than a reply holds; of the long ones it holds fewer, for their bytes.
FLOOD = 205
FLOODS = st.sampled_from(("flood", "\U0001f600" * 800))

ROOMS = ("1", "7", "комната")
NAMES = ("Ann", "Bob", "Eve")

READERS = 5
#: Characters (of two bytes, as long ones are) that may be too much for one reply.
MUCH = 60_000

people = st.sampled_from(NAMES)
rooms = st.sampled_from(ROOMS)
places = st.integers(0, 3)
client_ids = st.sampled_from(("", "c1", "c2"))
words = st.sampled_from(("hello", "*bye*", "再见"))


class ChatMachine(RuleBasedStateMachine):
    """A site with buffers of 3 entries and room for 1 quiet room in memory, and those who use it."""

    def __init__(self, new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        asyncio_loop = new_loop()
        asyncio.set_event_loop(asyncio_loop)
        self.loop = IOLoop(make_current=False, asyncio_loop=asyncio_loop)
        small = {"hold": 60.0, "hold_jitter": 0.0, "retry_spread": 0.0, "cache_size": 3}
        settings = Settings(**small, **UNLIMITED)
        self.site = Site(settings, lay(Path(self.folder.name) / "chatroom.db"), Clock())
        self.log: dict[str, list[Any]] = defaultdict(list)
        self.posted: dict[tuple[str, str, str], Any] = {}
        self.readers: list[Reader] = []
        self.names = {name: name for name in NAMES}

    def run(self, coroutine: Awaitable[T]) -> T:
        """Let the loop run until `coroutine` is done."""

        async def awaited() -> T:
            return await coroutine

        result: T = self.loop.run_sync(awaited, timeout=20)
        return result

    @initialize()
    def open(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        self._start()
        self.speakers = {name: self.site.api() for name in NAMES}
        for name, api in self.speakers.items():
            await api.sign_in(name)
        self.epoch = (await self.speakers["Ann"].standing("1"))[:8]
        await self._come(ROOMS, old=True)
        await self._come(ROOMS[1:], old=False)

    def _start(self) -> None:
        self.site.start()
        self.site.app.chat.rooms.limit = 1  # less than an operator may choose, so that rooms leave

    # -- speaking

    @rule(name=people, room=rooms, body=words, client_id=client_ids)
    def say(self, name: str, room: str, body: str, client_id: str) -> None:
        """Post, perhaps a repeat, perhaps in conflict with an earlier post."""
        fields = {"room": room, "body": body} | ({"client_id": client_id} if client_id else {})
        reply = self.run(self.speakers[name].post("/a/message/new", fields))
        earlier = self.posted.get((name, room, client_id))
        if earlier is None:
            assert reply.status == 201
            self._record([(name, client_id, reply.json)])
        elif earlier["body"] == body:
            assert (reply.status, reply.json) == (200, earlier)
        else:
            assert reply.status == 409

    @rule(says=st.lists(st.tuples(people, rooms), min_size=2, max_size=8))
    def say_at_once(self, says: list[tuple[str, str]]) -> None:
        """Several people post in several rooms at the same time."""

        async def post() -> list[Any]:
            return await asyncio.gather(*[self.speakers[name].say("!", it) for name, it in says])

        said = self.run(post())
        self._record([(name, "", it) for (name, _), it in zip(says, said, strict=True)])

    @precondition(lambda self: not any(len(log) > FLOOD for log in self.log.values()))
    @rule(room=rooms, body=FLOODS)
    def flood(self, room: str, body: str) -> None:
        """More is said than one reply holds, too fast for anybody to follow."""

        async def post() -> list[Any]:
            chat, sessions = self.site.app.chat, self.site.app.sessions
            ann = await sessions.person(self.speakers["Ann"].token or "")
            assert ann is not None
            await asyncio.gather(*[chat.post(said(ann, room, body)) for _ in range(FLOOD)])
            head = len(self.log[room])
            api = self.speakers["Ann"]
            return await api.between(self._id(head), self._id(head + FLOOD + 1), room)

        self._record([("Ann", "", message) for message in self.run(post())])

    @rule(name=people, suffix=st.sampled_from(("", "a", "ë")))
    def rename(self, name: str, suffix: str) -> None:
        reply = self.run(self.speakers[name].post("/a/session", {"name": name + suffix}))
        assert (reply.status, reply.json["name"]) == (201, name + suffix)
        self.names[name] = name + suffix

    # -- reading

    @precondition(lambda self: len(self.readers) < READERS)
    @rule(watched=st.lists(rooms, min_size=1, unique=True), old=st.booleans())
    def come(self, watched: list[str], old: bool) -> None:
        """Somebody begins to read, from the beginning or from now on."""
        self.run(self._come(watched, old=old))

    async def _come(self, watched: Sequence[str], *, old: bool) -> None:
        api = self.site.api()
        cursors = {room: self._id(0) for room in watched}
        if not old:
            fields = [*(("room", room) for room in watched), ("wait", "0")]
            cursors = (await api.updates(fields))["cursors"]
            assert cursors == {room: self._id(len(self.log[room])) for room in watched}
        self.readers.append(Reader(api, watched, cursors))

    @precondition(lambda self: self._free())
    @rule(place=places)
    def poll(self, place: int) -> None:
        """A reader asks what there is, without waiting: afterwards it has everything."""
        reader = self._free(place)[0]
        self.run(self._poll(reader))
        for room in reader.rooms:
            assert offset(reader.cursors[room]) == len(self.log[room])

    async def _poll(self, reader: Reader) -> None:
        while (update := await reader.api.updates(reader.fields(wait="0")))["messages"]:
            await reader.take(update)
        assert update == {"messages": [], "cursors": reader.cursors}

    @precondition(lambda self: self._free())
    @rule(place=places, count=st.integers(1, READERS))
    def wait(self, place: int, count: int) -> None:
        """Some readers wait: whoever is behind is answered at once, until there is nothing but to be held."""
        for reader in self._free(place)[:count]:
            self.run(self._follow(reader))

    async def _follow(self, reader: Reader) -> None:
        while reader.held is None:
            await self._wait(reader)

    async def _wait(self, reader: Reader) -> None:
        listening = self._listening(reader)
        task = asyncio.create_task(reader.api.updates(reader.fields()))
        await until(lambda: task.done() or self._listening(reader) > listening)
        behind = any(offset(reader.cursors[it]) < len(self.log[it]) for it in reader.rooms)
        assert task.done() == behind
        if task.done():
            await reader.take(task.result())
        else:
            reader.held = task

    @precondition(lambda self: self._free())
    @rule(place=places)
    def leave(self, place: int) -> None:
        """A reader asks, is held, and cuts the connection; it knows no more than before."""
        reader = self._free(place)[0]
        self.run(self._poll(reader))
        self.run(self._leave(reader))

    async def _leave(self, reader: Reader) -> None:
        listening = self._listening(reader)
        query = "&".join(f"room={quote(it)}&cursor={reader.cursors[it]}" for it in reader.rooms)
        target = f"/a/message/updates?{query}"
        async with reader.api.connected() as (_, writer):
            writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            await until(lambda: self._listening(reader) == listening + 1)
        await until(lambda: self._listening(reader) == listening)

    @rule(
        room=rooms, after=st.integers(0, 260), size=st.integers(0, 260), limit=st.integers(1, 200)
    )
    def look_back(self, room: str, after: int, size: int, limit: int) -> None:
        """Any range of the history is that range of the log."""
        ends = {"after": self._id(after), "before": self._id(after + size)}
        page = self.run(self.speakers["Bob"].history(room, **ends, limit=str(limit)))
        inside = self.log[room][after : max(after + size - 1, after)]
        fitting = len(page["messages"])
        assert fitting <= limit
        assert page["messages"] == inside[len(inside) - fitting :]
        assert page["more"] == (len(inside) > fitting)
        assert fitting == min(limit, len(inside)) or len(str(inside)) > MUCH

    @rule(room=rooms, foreign=st.booleans(), beyond=st.integers(1, 300))
    def come_from_elsewhere(self, room: str, foreign: bool, beyond: int) -> None:
        """A cursor that is not of this log is answered by a reset, the newest entries, and a gap."""
        place = len(self.log[room]) + beyond
        cursor = f"zzzzzzzz-{beyond}" if foreign else self._id(place)
        update = self.run(self.speakers["Eve"].since(cursor, room))
        newest = self.log[room][-200:]
        fitting = len(update["messages"])
        assert update["resets"] == [room]
        assert update["messages"] == newest[:fitting]
        assert fitting == len(newest) or len(str(newest)) > MUCH
        assert ("gaps" in update) == (len(self.log[room]) > 200)

    # -- the server

    @precondition(lambda self: len(self._free()) < len(self.readers))
    @rule()
    def restart(self) -> None:
        """Everybody who waits is asked to return; the log, the people and the cursors stay."""
        self.run(self._restart())

    async def _restart(self) -> None:
        await self.site.stop()
        for reader in self.readers:
            if reader.held is not None:
                update = await reader.held
                reader.held = None
                assert update["retry_in"] == 1  # retry_spread is 0
                await reader.take(update)
        self._start()

    # -- what always holds

    @invariant()
    def every_reader_has_heard_its_part_of_the_log(self) -> None:
        for reader in self.readers:
            for room in reader.rooms:
                until_now = offset(reader.cursors[room])
                assert reader.heard[room] == self.log[room][reader.begun[room] : until_now]

    @invariant()
    def whoever_is_held_has_nothing_to_hear(self) -> None:
        for reader in self.readers:
            if reader.held is not None:
                places = {room: offset(cursor) for room, cursor in reader.cursors.items()}
                assert places == {room: len(self.log[room]) for room in reader.rooms}

    def teardown(self) -> None:
        self.run(self._restart())
        self.run(self.site.close())
        left = asyncio.all_tasks(self.loop.asyncio_loop)
        self.loop.close()
        asyncio.set_event_loop(None)
        self.folder.cleanup()
        assert not left

    def _id(self, place: int) -> str:
        return f"{self.epoch}-{place}"

    def _listening(self, reader: Reader) -> int:
        return self.site.app.chat.rooms.listening(reader.rooms[0])

    def _record(self, said: list[tuple[str, str, Any]]) -> None:
        """Note what was said, and let those who waited for it hear it and wait again."""
        for name, client_id, message in sorted(said, key=lambda it: offset(it[2])):
            room = message["room"]
            assert message["author"]["name"] == self.names[name]
            self.log[room].append(message)
            assert message["id"] == self._id(len(self.log[room]))
            if client_id:
                self.posted[name, room, client_id] = message
        self.run(self._hear({message["room"] for _, _, message in said}))

    async def _hear(self, spoken: set[str]) -> None:
        for reader in self.readers:
            if reader.held is not None and spoken & set(reader.rooms):
                await reader.take(await reader.held)
                reader.held = None
                await self._follow(reader)

    def _free(self, place: int = 0) -> list[Reader]:
        """The readers that are not held, beginning at some place."""
        free = [reader for reader in self.readers if reader.held is None]
        turn = place % len(free) if free else 0
        return free[turn:] + free[:turn]


def test_what_readers_hear_is_the_log_whatever_happens(
    io_loop: IOLoop,
) -> None:
    profile = hypothesis_settings(
        max_examples=STEPS // STEPS_IN_ONE_RUN,
        stateful_step_count=STEPS_IN_ONE_RUN,
        derandomize=not NIGHTLY,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    new_loop = type(io_loop.asyncio_loop)
    run_state_machine_as_test(lambda: ChatMachine(new_loop), settings=profile)
