"""Everything that may be said and done in rooms, over the real engine, told to readers who come and go.

Whatever happens, whoever replays what they have missed, gaps filled as far as they can be, knows what a fresh reader
is told: every entry as it is now, nothing that is trimmed, and the order of the room. So does the room in memory, and
the order of a room is the sum of all acts that were ever delivered.

`HYPOTHESIS_PROFILE=nightly` runs ten times as many.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chatroom.attendance import Attendance
from chatroom.chat import Chat
from chatroom.cursor import Cursor
from chatroom.deed import (
    FOR_EVER,
    Access,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Item,
    Membership,
    Reaction,
    Role,
)
from chatroom.engines.people import Session
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotFound, Refused
from chatroom.founding import numbered
from chatroom.held import HeldPoll
from chatroom.order import Order
from chatroom.people import Person, Visitor
from chatroom.poll import Ask, Poll, Range
from chatroom.presence import versions
from chatroom.rooms import Rooms
from chatroom.sessions import Known
from chatroom.settings import Settings
from chatroom.wire import Wire
from tests.conftest import Clock
from tests.engines.contract_order import folded
from tests.laying import lay
from tests.making import ANN, BOB, draft

T = TypeVar("T")

CAT, ROOT = Person("p-cat", "Cat"), Person("p-root", "Root")
ADMINISTRATOR = Visitor(ROOT, "", administrator=True)
PEOPLE = (ANN, BOB, CAT, ROOT)
ROOMS = ("7", "tea")
READERS = 3
CACHE_SIZE = 4
PARTS = ("reply", "files", "reactions", "edited_at")
FIELDS = Change.__struct_fields__

rooms_ = st.sampled_from(ROOMS)
people_ = st.sampled_from(PEOPLE)
readers_ = st.integers(0, READERS - 1)
changes = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["", "Tea 🍵"]),
        "topic": st.sampled_from(["", "leaves"]),
        "slow": st.sampled_from([0, 60]),
        "read_only": st.booleans(),
        "closed": st.booleans(),
        "access": st.sampled_from(Access),
        "keep_days": st.sampled_from([0, 1, 3]),
        "keep_messages": st.sampled_from([0, 1, 3]),
    },
)
deeds: st.SearchStrategy[AnyDeed] = st.one_of(
    st.builds(Deletion, st.integers(1, 20)),
    st.builds(Edit, st.integers(1, 20), st.sampled_from(["better", "best"]), st.just("<p>")),
    st.builds(Reaction, st.integers(1, 20), st.sampled_from(["👍", "🎉"]), st.booleans()),
    st.builds(Erasure, people_.map(lambda it: it.id)),
    changes.map(lambda it: Change(**it)),
    st.builds(Membership, people_, st.sampled_from([None, *Role])),
    st.builds(Bar, person=people_, until=st.sampled_from([0, FOR_EVER]), mute=st.booleans()),
)


class View:
    """What a client makes of one room, from nothing but what it is told."""

    def __init__(self) -> None:
        self.cursor = 0
        self.entries: dict[int, dict[str, Any]] = {}
        self.order: dict[str, Any] = told_of(Order())
        self.known_until = 0  # acts up to here are in the order already

    def hear(self, entry: dict[str, Any]) -> None:
        """Take the next entry of the log, as docs/protocol.md says."""
        offset = offset_of(entry["id"])
        self.entries[offset] = {it: of for it, of in entry.items() if it != "message"}
        match entry["kind"]:
            case "edit" | "reaction" if offset_of(entry["target"]) in self.entries:
                self.entries[offset_of(entry["target"])] = entry["message"]
            case "deletion":
                self._blank(lambda it: it["id"] == entry["target"])
            case "erasure":
                self._blank(lambda it: it["author"]["id"] == entry["person"])
            case "trim":
                upto = offset_of(entry["upto"])
                self.entries = {at: it for at, it in self.entries.items() if at > upto}
        if offset > self.known_until:
            self._fold(entry, offset)

    def _blank(self, meant: Callable[[dict[str, Any]], bool]) -> None:
        for at, it in self.entries.items():
            if it["kind"] == "message" and meant(it):
                left = {name: of for name, of in it.items() if name not in PARTS}
                self.entries[at] = left | {"body": "", "html": "", "deleted": True}

    def _fold(self, entry: dict[str, Any], offset: int) -> None:
        roles = self.order["roles"]
        match entry["kind"]:
            case "message" if offset == 1 and not numbered(entry["room"]):
                roles[entry["author"]["id"]] = "owner"
            case "room":
                self.order |= {it: entry[it] for it in FIELDS if it in entry}
            case "member":
                if entry["role"] == "owner":
                    roles |= {it: "moderator" for it, role in roles.items() if role == "owner"}
                roles[entry["person"]["id"]] = entry["role"]
                if entry["role"] is None:
                    del roles[entry["person"]["id"]]
                else:
                    self.order["bars"].discard(entry["person"]["id"])
            case "bar":
                kept = self.order["mutes" if entry["mute"] else "bars"]
                kept.discard(entry["person"]["id"])
                if entry["until"] is None:
                    kept.add(entry["person"]["id"])


class OrderMachine(RuleBasedStateMachine):
    """People say and do things; readers hear of it, now or later."""

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.engine = SqliteEngine(lay(self.folder / "chatroom.db"), self.clock)
        self.delivered: dict[str, list[Item]] = defaultdict(list)
        self.undelivered: deque[Item] = deque()
        self.views = [{room: View() for room in ROOMS} for _ in range(READERS)]
        self.run(self._enter())
        self.restart()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _enter(self) -> None:
        for person in PEOPLE:
            await self.engine.people.add_session(person.id.encode(), person, person.id)
        await self.engine.people.claim(ROOT, "root", "hash")
        await self.engine.people.appoint(ROOT.id, administrator=True)

    @rule(room=rooms_, author=people_, count=st.integers(1, 4))
    def say(self, room: str, author: Person, count: int) -> None:
        for n in range(count):
            self._try(self.engine.append(draft(f"no. {n}", room, author=author)))

    @rule(room=rooms_, who=people_, deed=deeds)
    def do(self, room: str, who: Person, deed: AnyDeed) -> None:
        self._try(self.engine.act(room, deed, Visitor(who)))

    @rule(room=rooms_, deed=deeds)
    def do_with_power(self, room: str, deed: AnyDeed) -> None:
        """Few of the others may do much."""
        self._try(self.engine.act(room, deed, Visitor(ROOT)))
        owners = [id_ for id_, role in self._order(room).roles.items() if role == Role.OWNER]
        for owner in owners:
            self._try(self.engine.act(room, deed, Visitor(Person(owner, owner))))

    @rule(days=st.sampled_from([0.01, 1, 2]))
    def pass_time(self, days: float) -> None:
        self.clock.forward(days)

    @rule()
    def trim(self) -> None:
        """It is said, and delivered, before the rows go."""
        self.deliver(len(self.undelivered))
        self.engine.subscribe(self._deliver_now)
        self.run(self.engine.trim())
        self.engine.subscribe(self.undelivered.extend)

    @precondition(lambda self: self.undelivered)
    @rule(count=st.integers(1, 5))
    def deliver(self, count: int) -> None:
        group = [self.undelivered.popleft() for _ in range(min(count, len(self.undelivered)))]
        self._deliver_now(group)

    @rule()
    def restart(self) -> None:
        """The process ends: what is in memory is gone, what is in the file is not."""
        for item in self.undelivered:
            self.delivered[item.room].append(item)
        self.undelivered.clear()
        wire = Wire(self.engine.epoch, lambda line: line.html)
        rooms = Rooms(wire, CACHE_SIZE, 100, self.loop.call_soon)
        asked = Settings(cache_size=CACHE_SIZE)
        attendance = Attendance(versions("life"), lambda: 0.0)
        self.chat = Chat(asked, self.engine, rooms, Random(7), self.clock, attendance)
        self.engine.subscribe(self.undelivered.extend)

    @rule(number=readers_)
    def poll(self, number: int) -> None:
        """Ask once; what does not fit into one reply stays for the next."""
        for room, view in self.views[number].items():
            self._poll(room, view)

    @rule(number=readers_, room=rooms_, back=st.integers(0, 10))
    def forget(self, number: int, room: str, back: int) -> None:
        """The client lost its last entries, as a page that was put to sleep; it asks for them again."""
        view = self.views[number][room]
        view.cursor = max(view.cursor - back, 0)

    @rule(room=rooms_)
    def compare(self, room: str) -> None:
        self.deliver(len(self.undelivered))
        stored = self._order(room)
        assert folded(room, self.delivered[room]) == stored
        fresh = View()
        views = [*(it[room] for it in self.views), fresh]
        if not all(self._poll(room, view, again=True) for view in views):
            return  # nobody but its members is told of a private room
        (memory,) = self.chat.rooms.warm([room]) or []
        assert memory.order == stored
        for view in views:
            assert view.entries == fresh.entries
            assert view.order == told_of(stored)
        assert not [at for at in fresh.entries if at <= stored.trimmed]
        self._compare_bytes(room, stored)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            for room in ROOMS:
                self.compare(room)
            self.run(self.engine.close())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            shutil.rmtree(self.folder)

    def _try(self, work: Coroutine[Any, Any, Any]) -> None:
        with suppress(Refused):
            self.run(work)

    def _deliver_now(self, items: Iterable[Item]) -> None:
        for item in items:
            self.delivered[item.room].append(item)
        self.chat.rooms.deliver(items)

    def _order(self, room: str) -> Order:
        return self.run(self.engine.tail(room, 1)).order

    def _poll(self, room: str, view: View, *, again: bool = False) -> bool:
        """Hear what comes next, or (`again`) all that there is. False: the reader may not come in."""
        try:
            while self._hear(room, view) and again:
                pass
        except NotFound:
            return False
        return True

    def _hear(self, room: str, view: View) -> bool:
        """Whether there was anything to hear."""
        update = self.run(self._ask(room, view.cursor))
        if gap := update.get("gaps", {}).get(room):
            self._fill(room, view, offset_of(gap["after"]), offset_of(gap["before"]))
        for entry in update["messages"]:
            view.hear(entry)
        view.cursor = offset_of(update["cursors"][room])
        return bool(update["messages"])

    async def _ask(self, room: str, offset: int) -> Any:
        held = HeldPoll()
        held.known = Known(b"", Session(ROOT, 0, administrator=True), until=1)
        poll = Poll((Ask(room, Cursor(self.engine.epoch, offset)),), 0)
        return msgspec.json.decode(await self.chat.updates(poll, held))

    def _fill(self, room: str, view: View, after: int, before: int) -> None:
        """Ask for a range from its end; where it is not all there any more, ask how the room is run, too."""
        found: list[dict[str, Any]] = []
        more, missing = True, before - after - 1
        while more:
            page = self.run(self.chat.history(room, Range(after, before, 2), ADMINISTRATOR))
            found[:0] = [msgspec.json.decode(it.json) for it in page.entries]
            more, before = page.more, offset_of(found[0]["id"]) if found else before
        for entry in found:
            view.hear(entry)
        if len(found) < missing:
            order, _ = self.run(self.chat.order(room, ADMINISTRATOR))
            (memory,) = self.chat.rooms.warm([room]) or []
            view.order, view.known_until = told_of(order), memory.buffer.head
            view.entries = {at: it for at, it in view.entries.items() if at > order.trimmed}

    def _compare_bytes(self, room: str, stored: Order) -> None:
        """What is in memory is what the engine would be read for."""
        (memory,) = self.chat.rooms.warm([room]) or []
        head, count = memory.buffer.head, len(memory.buffer._entries)
        held = list(memory.buffer.since(head - count) or [])
        assert not [it for it in held if it.offset <= stored.trimmed]
        after = held[0].offset - 1 if held else memory.buffer.head
        page = self.run(self.engine.between(room, after, 10**9, 999))
        assert [self.chat.rooms.wire.entry(it) for it in page.items] == held
        brought = {it.about: len(it.message) for it in held}
        assert memory.buffer._bytes == sum(len(it.own) for it in held) + sum(brought.values())


def told_of(order: Order) -> dict[str, Any]:
    """What is told of an order by its acts; who is kept out for ever, and nobody else is here."""
    return {
        **{field: getattr(order, field) for field in FIELDS},
        "roles": {id_: role.name.lower() for id_, role in order.roles.items()},
        "bars": {id_ for id_, until in order.bars.items() if until == FOR_EVER},
        "mutes": {id_ for id_, until in order.mutes.items() if until == FOR_EVER},
    }


def offset_of(id_: str) -> int:
    return Cursor.parse(id_).offset


TestOrder = OrderMachine.TestCase
TestOrder.settings = settings(max_examples=settings.default.max_examples // 4)
