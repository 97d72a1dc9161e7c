"""Long polling without HTTP, and above all its races."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from chatroom.attendance import Attendance
from chatroom.chat import Chat
from chatroom.deed import FOR_EVER, Bar, Change, Deletion
from chatroom.engines.people import Session
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import MessageEmpty, NotFound, Unavailable
from chatroom.held import HeldPoll, end_hold
from chatroom.message import Message
from chatroom.news import REPLY_BYTES
from chatroom.order import Power
from chatroom.people import Visitor
from chatroom.poll import Ask, Cursor, Poll, Range
from chatroom.presence import versions
from chatroom.rooms import Rooms
from chatroom.sessions import Known
from chatroom.settings import Settings
from chatroom.wire import Wire
from tests.conftest import Clock, until
from tests.making import ANN, BOB, draft, said
from tests.test_backlog import Slow

NOBODY = Visitor(None)


@pytest.fixture
def new_chat(engine: SqliteEngine, io_loop: Any, clock: Clock) -> Callable[..., Chat]:
    """Makes chats over one engine, the next as after a restart; Ann may speak."""
    io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, ANN.name))

    def make(over: Any = engine, **more: Any) -> Chat:
        settings = Settings(**({"hold": 60.0, "hold_jitter": 0.0} | more))
        wire = Wire(engine.epoch, lambda line: line.html)
        rooms = Rooms(wire, settings.cache_size, settings.rooms_in_memory, soon)
        attendance = Attendance(versions("life"), lambda: 0.0)
        return Chat(settings, over, rooms, Random(7), clock, attendance)

    return make


def soon(callback: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(callback)


def poll(chat: Chat, *rooms: tuple[str, int | None], wait: float | None = None) -> Poll:
    epoch = chat.engine.epoch
    asks = [Ask(name, None if at is None else Cursor(epoch, at)) for name, at in rooms]
    return Poll(tuple(asks), wait)


def waiter() -> HeldPoll:
    return HeldPoll(loop=asyncio.get_running_loop())


async def ask(chat: Chat, *rooms: tuple[str, int | None], wait: float | None = 0) -> Any:
    return msgspec.json.decode(await chat.updates(poll(chat, *rooms, wait=wait), waiter()))


async def say(chat: Chat, room: str, *bodies: str) -> None:
    for body in bodies:
        await chat.post(said(ANN, room, body))


def bodies(update: Any) -> list[str]:
    return [message["body"] for message in update["messages"]]


@pytest.mark.gen_test
async def test_who_asks_from_now_on_learns_where_that_is(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    await say(chat, "7", "a", "b")
    assert await ask(chat, ("7", None), ("8", None)) == {
        "messages": [],
        "cursors": {"7": f"{chat.engine.epoch}-2", "8": f"{chat.engine.epoch}-0"},
    }


@pytest.mark.gen_test
async def test_who_is_behind_is_answered_at_once_with_those_rooms_only(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat()
    await say(chat, "7", "a", "b")
    await say(chat, "8", "c")
    update = await ask(chat, ("7", 1), ("8", 1), wait=None)
    assert bodies(update) == ["b"]
    assert list(update["cursors"]) == ["7"]


@pytest.mark.gen_test
async def test_new_readers_learn_all_their_cursors_whoever_speaks_first(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat()
    await say(chat, "8", "a")
    held = asyncio.ensure_future(ask(chat, ("7", None), ("8", None), wait=None))
    await until(lambda: chat.rooms.listening("7") == 1)
    await say(chat, "7", "b")
    epoch = chat.engine.epoch
    update = await held
    assert bodies(update) == ["b"]
    assert update["cursors"] == {"7": f"{epoch}-1", "8": f"{epoch}-1"}


@pytest.mark.gen_test
async def test_all_who_wait_are_sent_the_same_object(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    held = [asyncio.ensure_future(chat.updates(poll(chat, ("7", 0)), waiter())) for _ in range(3)]
    await until(lambda: chat.rooms.listening("7") == 3)
    await say(chat, "7", "a")
    first, *others = await asyncio.gather(*held)
    assert all(it is first for it in others)
    assert chat.rooms.listening("7") == 0


@pytest.mark.gen_test
async def test_the_end_of_the_hold_tells_where_the_reader_stands(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat(hold=0.01)
    update = await ask(chat, ("7", 0), ("8", 0), wait=None)
    assert update["messages"] == []
    assert list(update["cursors"]) == ["7", "8"]
    assert chat.rooms.listening("7") == 0


@pytest.mark.gen_test
async def test_what_comes_as_the_hold_ends_is_told_by_the_next_poll(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat()
    it = waiter()
    held = asyncio.ensure_future(chat.updates(poll(chat, ("7", 0)), it))
    await until(lambda: chat.rooms.listening("7") == 1)
    end_hold(it)
    chat.rooms.deliver([_message("7", 1)])
    update = msgspec.json.decode(await held)
    assert update["cursors"] == {"7": f"{chat.engine.epoch}-0"}


@pytest.mark.gen_test
async def test_a_reader_who_left_before_the_hold_is_not_parked(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat()
    it = waiter()
    end_hold(it)
    await chat.updates(poll(chat, ("7", 0)), it)
    assert chat.rooms.listening("7") == 0


@pytest.mark.gen_test
async def test_a_cancelled_poll_leaves_all_its_rooms(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    held = asyncio.ensure_future(chat.updates(poll(chat, ("7", 0), ("8", 0)), waiter()))
    await until(lambda: chat.rooms.listening("8") == 1)
    held.cancel()
    await asyncio.wait([held])
    assert (chat.rooms.listening("7"), chat.rooms.listening("8")) == (0, 0)


@pytest.mark.gen_test
async def test_a_restart_changes_nothing_for_a_reader(new_chat: Callable[..., Chat]) -> None:
    await say(new_chat(), "7", "a", "b", "c")
    assert bodies(await ask(new_chat(), ("7", 1))) == ["b", "c"]


@pytest.mark.gen_test
async def test_what_the_buffer_no_longer_holds_comes_from_the_engine(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat(cache_size=2)
    await say(chat, "7", *"abcdef")
    assert bodies(await ask(chat, ("7", 1))) == list("bcdef")


@pytest.mark.gen_test
async def test_a_message_while_the_tail_is_read_is_told_once(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    """Whether the tail that is read holds it already or not."""
    for late in (True, False):
        chat = new_chat()
        room = f"late-{late}"
        await say(chat, room, "a")
        slow = Slow(engine, late=late)
        chat = new_chat(slow)
        held = asyncio.ensure_future(ask(chat, (room, 1), wait=0))
        await asyncio.sleep(0)
        await engine.append(draft("b", room))
        slow.go.set()
        assert bodies(await held) + bodies(await ask(chat, (room, 2))) == ["b"]


@pytest.mark.gen_test
async def test_more_rooms_than_memory_holds_are_all_answered(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat(rooms_in_memory=100)
    names = [str(n) for n in range(300)]
    for start in (0, 100, 200, 0):
        update = await ask(chat, *((name, 0) for name in names[start : start + 100]))
        assert len(update["cursors"]) == 100
    assert len(chat.rooms) == 100


@pytest.mark.gen_test
async def test_history_is_the_same_from_the_buffer_and_from_the_engine(
    new_chat: Callable[..., Chat],
) -> None:
    warm, cold = new_chat(cache_size=50), new_chat(cache_size=1)
    await say(warm, "7", *"abcdefghij")
    for after in range(12):
        for before in (*range(12), 99, None):
            for limit in (1, 3, 50):
                wanted = Range(after, before, limit)
                ours, theirs = (
                    await warm.history("7", wanted, NOBODY),
                    await cold.history("7", wanted, NOBODY),
                )
                assert list(ours.entries) == list(theirs.entries), wanted
                assert ours.more == theirs.more, wanted


@pytest.mark.gen_test
async def test_long_messages_come_in_replies_of_bounded_size(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    for room in ("7", "8"):
        await asyncio.gather(*(say(chat, room, f"{n} " + "&" * 3990) for n in range(60)))
    cursors = {"7": 0, "8": 0}
    heard: dict[str, list[int]] = {"7": [], "8": []}
    replies = 0
    while min(cursors.values()) < 60:
        body = await chat.updates(poll(chat, *cursors.items()), waiter())
        assert len(body) < REPLY_BYTES + 50_000
        update = msgspec.json.decode(body)
        for it in update["messages"]:
            heard[it["room"]].append(int(it["id"].split("-")[1]))
        cursors |= {room: int(it.split("-")[1]) for room, it in update["cursors"].items()}
        replies += 1
    assert heard == {"7": list(range(1, 61)), "8": list(range(1, 61))}
    assert replies >= 3


@pytest.mark.gen_test
async def test_a_range_of_long_messages_is_bounded_too(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    await asyncio.gather(*(say(chat, "7", f"{n} " + "&" * 3990) for n in range(60)))
    before = 61
    found: list[int] = []
    while before > 1:
        page = await chat.history("7", Range(0, before, 200), NOBODY)
        assert sum(len(entry.json) for entry in page.entries) <= REPLY_BYTES
        found[:0] = [entry.offset for entry in page.entries]
        before = found[0]
        assert page.more == (before > 1)
    assert found == list(range(1, 61))


@pytest.mark.gen_test
async def test_nobody_is_held_while_the_server_closes(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    held = [asyncio.ensure_future(ask(chat, ("7", 0), wait=None)) for _ in range(20)]
    await until(lambda: chat.rooms.listening("7") == 20)
    chat.close()
    pauses = [update["retry_in"] for update in await asyncio.gather(*held)]
    pauses.append((await ask(chat, ("7", 0), wait=None))["retry_in"])
    assert all(1 <= pause <= 6 for pause in pauses)
    assert len(set(pauses)) > 10


@pytest.mark.gen_test
async def test_holds_are_spread_and_never_longer_than_asked_for(
    new_chat: Callable[..., Chat],
) -> None:
    chat = new_chat(hold=25.0, hold_jitter=3.0)
    holds = [chat.seconds(None) for _ in range(100)]
    assert 22 <= min(holds) < 22.5
    assert 24.5 < max(holds) <= 25
    assert chat.seconds(5.0) == 5
    assert chat.seconds(500.0) <= 25


@pytest.mark.gen_test
async def test_what_is_invalid_never_reaches_the_log(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    with pytest.raises(MessageEmpty):
        await chat.post(said(ANN, "7", "  "))
    assert (await ask(chat, ("7", None)))["cursors"] == {"7": f"{chat.engine.epoch}-0"}


@pytest.mark.gen_test
async def test_a_post_and_its_readers_share_one_encoding(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat()
    await ask(chat, ("7", 0))
    posted = await chat.post(said(ANN, "7", "a", "c1"))
    again = await chat.post(said(ANN, "7", "a", "c1"))
    assert again.entry is posted.entry
    assert (posted.repeated, again.repeated) == (False, True)


# Order


async def own_tea(chat: Chat, engine: SqliteEngine, *bodies: str) -> Visitor:
    """A room of Ann's, and Bob, who may come in."""
    await engine.people.add_session(b"bob", BOB, "bob")
    await say(chat, "tea", *bodies)
    return Visitor(ANN)


def held_for(chat: Chat, visitor: Visitor, *rooms: tuple[str, int | None]) -> asyncio.Task[bytes]:
    """A poll of theirs that is held."""
    theirs = HeldPoll()
    if visitor.person:
        session = Session(visitor.person, 0, visitor.administrator)
        theirs.known = Known(b"", session, until=1)
    theirs.address = visitor.address
    return asyncio.ensure_future(chat.updates(poll(chat, *rooms), theirs))


@pytest.mark.gen_test
async def test_who_may_not_come_in_finds_nothing_whatever_is_asked(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    chat = new_chat()
    ann = await own_tea(chat, engine, "a")
    await engine.act("tea", Change(closed=True), ann)
    for room in ("tea", "private-none"):
        for ask_ in (
            lambda room=room: held_for(chat, Visitor(BOB), ("7", None), (room, 0)),
            lambda room=room: chat.history(room, Range(0, None, 9), Visitor(BOB)),
            lambda room=room: chat.order(room, NOBODY),
        ):
            with pytest.raises(NotFound) as refused:
                await ask_()  # type: ignore[no-untyped-call]
            assert refused.value.field == "room"
        standing = chat.standing(poll(chat, (room, 0)))
        assert standing is not None
        assert standing.guarded
        assert not chat.open_to(standing, Visitor(BOB))
    assert (await chat.order("tea", ann))[1] == Power.OWNER


@pytest.mark.gen_test
async def test_who_is_kept_out_while_a_poll_is_held_hears_nothing_and_others_do(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    chat = new_chat()
    ann = await own_tea(chat, engine, "a")
    theirs, ours = (held_for(chat, it, ("tea", 1), ("7", 0)) for it in (Visitor(BOB), ann))
    await until(lambda: chat.rooms.listening("tea") == 2)
    await asyncio.gather(
        engine.act("tea", Bar(person=BOB, until=FOR_EVER), ann), say(chat, "tea", "secret")
    )
    heard = msgspec.json.decode(await theirs)
    assert heard["messages"] == []
    assert heard["cursors"]["tea"].endswith("-1")
    told = msgspec.json.decode(await ours)["messages"]
    assert [it["kind"] for it in told][:1] == ["bar"]
    with pytest.raises(NotFound):
        await held_for(chat, Visitor(BOB), ("tea", 1))


@pytest.mark.gen_test
async def test_a_reader_below_what_was_trimmed_is_told_of_a_gap_that_nothing_fills(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    for size in (1, 99):
        chat = new_chat(cache_size=size)
        room = f"kept-{size}"
        await say(chat, room, *"abcdef")
        await ask(chat, (room, 6))
        await engine.act(room, Change(keep_messages=2), Visitor(ANN))
        await engine.trim()
        update = await ask(chat, (room, 1))
        epoch = engine.epoch
        assert [it["id"] for it in update["messages"]] == [f"{epoch}-{n}" for n in (5, 6, 7, 8)]
        assert update["gaps"] == {room: {"after": f"{epoch}-1", "before": f"{epoch}-5"}}
        for wanted in (Range(1, 5, 50), Range(0, 3, 1), Range(0, 1, 50)):
            assert await chat.history(room, wanted, NOBODY) == ([], False)
        whole = await chat.history(room, Range(0, None, 4), NOBODY)
        assert [it.offset for it in whole.entries] == [5, 6, 7, 8]
        assert not whole.more
        assert (await chat.history(room, Range(0, None, 3), NOBODY)).more


@pytest.mark.gen_test
async def test_what_is_trimmed_while_it_is_read_is_a_gap_and_no_loss(
    new_chat: Callable[..., Chat], engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = new_chat(cache_size=1)
    await say(chat, "tea", *"abcdef")
    await ask(chat, ("tea", 6))
    await engine.act("tea", Change(keep_messages=1), Visitor(ANN))
    between = engine.between

    async def late(*args: Any) -> Any:
        monkeypatch.setattr(engine, "between", between)
        await engine.trim()
        return await between(*args)

    monkeypatch.setattr(engine, "between", late)
    update = await ask(chat, ("tea", 1))
    assert [it["id"][-1] for it in update["messages"]] == ["6", "7", "8"]
    assert update["gaps"]["tea"]["after"].endswith("-1")


@pytest.mark.gen_test
async def test_a_log_with_a_hole_is_not_told_as_if_it_were_whole(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    chat = new_chat(cache_size=1)
    await say(chat, "7", *"abcdef")
    await engine._store.execute('DELETE FROM messages WHERE "offset" = 3')
    with pytest.raises(Unavailable):
        await ask(chat, ("7", 1))
    assert bodies(await ask(chat, ("7", 3))) == ["d", "e", "f"]


@pytest.mark.gen_test
async def test_a_text_that_was_deleted_is_nowhere_in_memory(
    new_chat: Callable[..., Chat], engine: SqliteEngine
) -> None:
    chat = new_chat()
    await say(chat, "7", "secret", "b")
    assert b"secret" in await chat.updates(poll(chat, ("7", 0)), waiter())
    await engine.act("7", Deletion(1), Visitor(ANN))
    update = await chat.updates(poll(chat, ("7", 0)), waiter())
    history = await chat.history("7", Range(0, None, 9), NOBODY)
    assert b"secret" not in update
    assert not any(b"secret" in it.json for it in history.entries)
    assert [it.get("deleted") for it in msgspec.json.decode(update)["messages"]] == [
        *(True, None),
        None,
    ]
    posted = await chat.post(said(ANN, "7", "c"))
    assert posted.entry.offset == 4


def _message(room: str, offset: int) -> Message:
    return Message(room=room, offset=offset, author=ANN, body="x", html="x", at=0)
