"""Where somebody has read: which rooms are told, and what is counted there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Access, Change, Deletion, Membership, Role
from chatroom.engines.people import READINGS_LIMIT, Reading
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import TooManyIgnored
from chatroom.people import Person, Visitor
from tests.conftest import Clock
from tests.engines.effort import instructions
from tests.making import ANN, BOB, draft

CID = Person("p-cid", "Cid")


@pytest.fixture(autouse=True)
def people(engine: SqliteEngine, io_loop: IOLoop) -> None:
    """Ann, Bob and Cid have sessions."""
    for person in (ANN, BOB, CID):
        token, key = person.id.encode(), person.name.lower()
        io_loop.run_sync(lambda p=person, t=token, k=key: engine.people.add_session(t, p, k))


async def says(engine: SqliteEngine, body: str, room: str = "7", author: Person = BOB) -> int:
    appended = await engine.append(draft(body, room, author=author))
    return appended.message.offset


async def readings(engine: SqliteEngine, person: Person = ANN) -> Sequence[Reading]:
    return await engine.people.readings(person, person.name.lower())


async def counts(engine: SqliteEngine) -> list[tuple[str, int, int, int, int]]:
    """Of each of Ann's rooms: name, head, read, unread, mentioned."""
    told = await readings(engine)
    return [(it.room, it.head, it.read, it.unread, it.mentioned) for it in told]


@pytest.mark.gen_test
async def test_who_has_read_nowhere_has_no_rooms(engine: SqliteEngine) -> None:
    await says(engine, "hello")
    assert await counts(engine) == []


@pytest.mark.gen_test
async def test_what_others_have_said_since_is_unread(engine: SqliteEngine) -> None:
    await says(engine, "read")
    assert await engine.people.read(ANN.id, "7", 1)
    assert await counts(engine) == [("7", 1, 1, 0, 0)]
    await says(engine, "new")
    await says(engine, "hello @Ann and @ann")
    await says(engine, "I, @Ann, said this", author=ANN)
    assert await counts(engine) == [("7", 4, 1, 2, 1)]


@pytest.mark.gen_test
async def test_neither_acts_nor_deleted_messages_are_counted(engine: SqliteEngine) -> None:
    await says(engine, "first", "tea")
    await engine.people.read(ANN.id, "tea", 1)
    gone = await says(engine, "@ann", "tea")
    await says(engine, "stays", "tea")
    await engine.act("tea", Deletion(gone), Visitor(BOB))
    await engine.act("tea", Change(title="Tea"), Visitor(BOB))
    assert await counts(engine) == [("tea", 5, 1, 1, 0)]


@pytest.mark.gen_test
async def test_a_position_never_goes_back_nor_beyond_the_head(engine: SqliteEngine) -> None:
    for _ in range(3):
        await says(engine, "hello")
    assert await engine.people.read(ANN.id, "7", 2)
    assert not await engine.people.read(ANN.id, "7", 2)
    assert not await engine.people.read(ANN.id, "7", 1)
    assert await counts(engine) == [("7", 3, 2, 1, 0)]
    assert await engine.people.read(ANN.id, "7", 10**9)
    assert not await engine.people.read(ANN.id, "7", 10**9)
    assert await counts(engine) == [("7", 3, 3, 0, 0)]


@pytest.mark.gen_test
async def test_nobody_reads_where_nothing_was_said_nor_when_they_are_no_more(
    engine: SqliteEngine,
) -> None:
    await says(engine, "hello")
    assert not await engine.people.read(ANN.id, "nowhere", 1)
    assert not await engine.people.read("nobody", "7", 1)
    await engine.people.ignore("nobody", ANN.id, ignored=True)
    assert await counts(engine) == []
    await says(engine, "nothing was harmed")


@pytest.mark.gen_test
async def test_who_is_ignored_has_said_nothing(engine: SqliteEngine) -> None:
    await says(engine, "read")
    await engine.people.read(ANN.id, "7", 1)
    await says(engine, "noise @ann")
    await says(engine, "hello", author=CID)
    await engine.people.ignore(ANN.id, BOB.id, ignored=True)
    assert await counts(engine) == [("7", 3, 1, 1, 0)]
    await engine.people.ignore(ANN.id, BOB.id, ignored=False)
    assert await counts(engine) == [("7", 3, 1, 2, 1)]


@pytest.mark.gen_test
async def test_nobody_ignores_too_many(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.engines.sqlite_people.IGNORED_LIMIT", 1)
    for _ in range(2):
        await engine.people.ignore(ANN.id, BOB.id, ignored=True)
    with pytest.raises(TooManyIgnored):
        await engine.people.ignore(ANN.id, CID.id, ignored=True)
    await engine.people.ignore(ANN.id, BOB.id, ignored=False)
    await engine.people.ignore(ANN.id, CID.id, ignored=True)
    assert await engine.people.ignored(ANN.id) == [CID]


@pytest.mark.gen_test
async def test_counting_ends_at_its_limits(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.engines.sqlite_people.UNREAD_LIMIT", 5)
    monkeypatch.setattr("chatroom.engines.sqlite_people.UNREAD_SCAN", 8)
    await says(engine, "read")
    await engine.people.read(ANN.id, "7", 1)
    for _ in range(7):
        await says(engine, "@ann")
    assert await counts(engine) == [("7", 8, 1, 5, 5)]
    for _ in range(7):
        await says(engine, "to myself", author=ANN)
    assert await counts(engine) == [("7", 15, 1, 1, 1)]


@pytest.mark.gen_test
async def test_rooms_that_spoke_last_come_first_and_others_are_left_out(
    engine: SqliteEngine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.engines.sqlite_people.READINGS_LIMIT", 2)
    for room in ("7", "8", "9", "8"):
        clock.now += 1
        await says(engine, "hello", room)
        await engine.people.read(ANN.id, room, 1)
    assert [it.room for it in await readings(engine)] == ["8", "9"]


@pytest.mark.gen_test
async def test_a_member_has_the_room_before_reading_in_it_and_knows_with_whom(
    engine: SqliteEngine,
) -> None:
    assert await engine.begin("private-two-x", BOB, [ANN.id])
    await says(engine, "psst", "private-two-x")
    (reading,) = await readings(engine)
    assert (reading.room, reading.read, reading.unread) == ("private-two-x", 0, 1)
    assert reading.members == [BOB, ANN]
    assert reading.order.direct


@pytest.mark.gen_test
async def test_only_private_rooms_name_their_members_and_some_of_them(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await says(engine, "hello", "tea")
    await engine.people.read(BOB.id, "tea", 1)
    assert [it.members for it in await readings(engine, BOB)] == [()]
    await engine.act("tea", Change(access=Access.PRIVATE), Visitor(BOB))
    await engine.act("tea", Membership(ANN, Role.MEMBER), Visitor(BOB))
    assert [it.members for it in await readings(engine, BOB)] == [[BOB, ANN]]
    monkeypatch.setattr("chatroom.engines.sqlite_people._MEMBERS_NAMED", 1)
    assert [it.members for it in await readings(engine, BOB)] == [[BOB]]


@pytest.mark.gen_test
async def test_rooms_in_which_strangers_name_somebody_hide_none_of_theirs(
    engine: SqliteEngine, clock: Clock
) -> None:
    assert await engine.begin("private-mine", BOB, [ANN.id])
    clock.now += 1
    names = (f"private-{n}" for n in range(1200))
    await asyncio.gather(*(engine.begin(name, CID, [ANN.id, BOB.id]) for name in names))
    assert "private-mine" not in [it.room for it in await readings(engine)]
    clock.now += 1
    await says(engine, "urgent", "private-mine")
    told = await readings(engine)
    assert (told[0].room, told[0].unread) == ("private-mine", 1)
    assert len(told) == READINGS_LIMIT


@pytest.mark.parametrize(("name", "most"), [("Ann", 500), ("小明", 25_000)])
@pytest.mark.gen_test
async def test_mentions_of_others_cost_little(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr("chatroom.engines.sqlite_people._MENTIONS_SCAN", 200)
    who = Person(ANN.id, name)
    await says(engine, "read")
    await engine.people.read(ANN.id, "7", 1)
    await asyncio.gather(*(says(engine, "hello") for _ in range(150)))
    plain = await instructions(engine, readings(engine, who))
    others = " ".join(f"@name{n}" for n in range(20))
    await asyncio.gather(*(says(engine, others) for _ in range(150)))
    assert await instructions(engine, readings(engine, who)) < plain + most


@pytest.mark.gen_test
async def test_a_name_behind_which_the_sentence_goes_on_is_looked_for_among_the_newest_mentions(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ming = Person(ANN.id, "小明")
    await says(engine, "read")
    await engine.people.read(ANN.id, "7", 1)
    await says(engine, "@小明你好")
    for _ in range(3):
        await says(engine, "@bob @cid")
    assert [it.mentioned for it in await readings(engine, ming)] == [1]
    monkeypatch.setattr("chatroom.engines.sqlite_people._MENTIONS_SCAN", 6)
    assert [it.mentioned for it in await readings(engine, ming)] == [0]
    await says(engine, "@小明")
    assert [it.mentioned for it in await readings(engine, ming)] == [1]


@pytest.mark.gen_test
async def test_who_asks_often_does_not_keep_others_from_being_read(engine: SqliteEngine) -> None:
    await says(engine, "hello")
    await engine.people.read(ANN.id, "7", 1)
    order: list[str] = []

    async def then(done: str, call: Awaitable[object]) -> None:
        await call
        order.append(done)

    often = [then("rooms", readings(engine, who)) for who in (ANN, BOB, CID) * 100]
    await asyncio.gather(*often, then("session", engine.people.session(b"p-ann")))
    assert order.index("session") < 200


@pytest.mark.gen_test
async def test_no_question_looks_at_a_whole_table(engine: SqliteEngine) -> None:
    await says(engine, "hello", "tea")
    await engine.people.read(ANN.id, "tea", 1)
    await engine.act("tea", Change(access=Access.PRIVATE), Visitor(BOB))
    await says(engine, "hello @ann", "tea")
    asked: list[str] = []

    def plans(connection: object) -> list[str]:
        execute = connection.execute  # type: ignore[attr-defined]
        found = [execute(f"EXPLAIN QUERY PLAN {it}").fetchall() for it in asked]
        return [step for plan in found for *_, step in plan]

    engine._store._reader.set_trace_callback(asked.append)
    await readings(engine)
    engine._store._reader.set_trace_callback(None)
    asked = [it for it in asked if it.lstrip().startswith("SELECT")]
    assert len(asked) >= 3
    steps = await engine._store.read(plans)
    tables = ("messages", "mentions", "members", "positions", "people", "rooms", "ignored")
    assert [it for it in steps if it.startswith(tuple(f"SCAN {table}" for table in tables))] == []
