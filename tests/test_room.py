from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
from msgspec.structs import replace

from chatroom.cursor import Cursor
from chatroom.deed import (
    FOR_EVER,
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Item,
    Membership,
    Role,
    Trim,
)
from chatroom.founding import first, unwritten
from chatroom.message import Message
from chatroom.order import Order
from chatroom.people import Person, Visitor
from chatroom.presence import Presence, versions
from chatroom.room import Room
from chatroom.rooms import Rooms
from chatroom.shapes import Line
from chatroom.wire import Wire
from tests.making import ANN, BOB, EPOCH, act, entries, message, messages, wire
from tests.test_buffer import Waiter, held

CAT = Person("p-cat", "Cat")


def rooms(limit: int = 100, size: int = 5) -> Rooms:
    """Rooms that wake who waits at once."""
    return Rooms(wire(), size, limit, lambda callback: callback())


def warm(all_: Rooms, *names: str) -> list[Room]:
    """Look into rooms, as somebody does who opens their pages."""
    with all_.visit(names) as found:
        for room in found:
            if room.buffer.cold:
                room.warm(unwritten(room.name), [])
    return found


def test_a_room_tells_what_its_reader_is_owed() -> None:
    (room,) = warm(rooms(), "7")
    room.buffer.new_messages(entries(0, 3))
    news = room.news(room.owed(Cursor(EPOCH, 1)))
    assert news is not None
    assert [entry.offset for entry in news.entries] == [2, 3]
    assert news.head == 3


def test_a_room_knows_nothing_of_what_is_older_than_its_buffer() -> None:
    (room,) = warm(rooms(size=2), "7")
    room.buffer.new_messages(entries(0, 5))
    assert room.news(room.owed(Cursor(EPOCH, 1))) is None


def test_one_more_reaction_makes_the_message_once_however_many_were_before() -> None:
    lines: list[Line] = []

    def render(line: Line) -> str:
        lines.append(line)
        return line.html

    room = Room("7", 500, Wire(EPOCH, render))
    room.warm(unwritten("7"), [message(1)])
    done = [replace(act(Edit(1), at), message=message(1)) for at in range(2, 203)]
    room.deliver(done[:-1])
    lines.clear()
    room.deliver(done[-1:])
    assert len(lines) == 1
    held = room.buffer.since(0) or []
    assert len({id(it.message) for it in held[1:]}) == 1


# What acts do to a room in memory

TEA: list[Item] = [
    message(1, "tea"),
    act(Change(title="Tea"), 2, "tea"),
    message(3, "tea"),
    act(Deletion(1), 4, "tea"),
    act(Membership(BOB, Role.MODERATOR), 5, "tea"),
    message(6, "tea"),
    act(Trim(2), 7, "tea"),
    act(Bar(person=CAT, until=FOR_EVER), 8, "tea"),
    act(Erasure(ANN.id), 9, "tea"),
    act(Bar(person=BOB, until=FOR_EVER, address="192.0.2.1"), 10, "tea"),
    act(Bar(person=CAT, until=FOR_EVER - 1, address="192.0.2.1"), 11, "tea"),
    act(Bar(person=BOB, until=0), 12, "tea"),
]


def order_after(items: Sequence[Item]) -> Order:
    order = first("tea", ANN) if items else unwritten("tea")
    for item in items:
        order = order.after(item) if isinstance(item, Act) else order
    return order


def stored_after(items: Sequence[Item]) -> list[Item]:
    """What the file holds when all of that was done: texts and entries that are gone are gone."""
    gone, trimmed = set[int](), 0
    for item in items:
        match item.deed if isinstance(item, Act) else None:
            case Deletion(target):
                gone.add(target)
            case Erasure():
                gone |= {it.offset for it in items if it.offset < item.offset}
            case Trim(upto):
                trimmed = upto
    return [
        replace(it, body="", html="") if isinstance(it, Message) and it.offset in gone else it
        for it in items
        if it.offset > trimmed
    ]


def test_an_erasure_leaves_what_is_said_behind_it() -> None:
    """Both may come in one delivery."""
    fresh, warmed = Room("tea", 99, wire()), Room("tea", 99, wire())
    items = [message(1, "tea"), act(Erasure(ANN.id), 2, "tea"), message(3, "tea")]
    fresh.warm(order_after(items), stored_after(items))
    warmed.warm(unwritten("tea"), [])
    warmed.deliver(items)
    assert state(warmed) == state(fresh)


def state(room: Room) -> tuple[Order, int, list[bytes]]:
    """All that a room in memory knows."""
    return room.order, room.buffer.head, [entry.json for entry in held(room.buffer)]


@pytest.mark.parametrize("begun", range(len(TEA) + 1))
def test_however_tail_and_delivery_meet_the_room_ends_the_same(begun: int) -> None:
    """It is asked for when so many are delivered; its tail is read when so many are stored, and comes later."""
    fresh = Room("tea", 99, wire())
    fresh.warm(order_after(TEA), stored_after(TEA))
    for stored in range(begun, len(TEA) + 1):
        for delivered in range(begun, len(TEA) + 1):
            room = Room("tea", 99, wire())
            for items in (TEA[begun:delivered], None, TEA[delivered:]):
                if items is None:
                    room.warm(order_after(TEA[:stored]), stored_after(TEA[:stored]))
                elif items:
                    room.deliver(items)
            assert state(room) == state(fresh), (stored, delivered)


@pytest.mark.parametrize("size", range(1, len(TEA)))
def test_each_item_delivered_alone_or_all_at_once_ends_the_same(size: int) -> None:
    room, fresh = (Room("tea", 99, wire()) for _ in range(2))
    for it in (room, fresh):
        it.warm(unwritten("tea"), [])
    for start in range(0, len(TEA), size):
        room.deliver(TEA[start : start + size])
    fresh.deliver(TEA)
    assert state(room) == state(fresh)
    assert room.order == order_after(TEA)


def test_a_reader_below_what_is_trimmed_is_told_of_a_gap() -> None:
    (room,) = warm(rooms(size=99), "tea")
    room.deliver(TEA)
    debt = room.owed(Cursor(EPOCH, 1))
    news = room.news(debt)
    assert news is not None
    assert (news.gap_after, news.entries[0].offset) == (1, 3)
    assert room.update(debt) is None
    assert room.owed(Cursor(EPOCH, 2)).gap_after is None


def test_a_message_that_was_deleted_is_shown_to_who_posts_it_again() -> None:
    all_ = rooms()
    warm(all_, "tea")
    all_.deliver(TEA[:4])
    found = all_.entry(replace(message(1, "tea"), body="", html=""))
    assert b'"deleted":true' in found.json


# Who is kept out hears nothing of what follows


def waiting(all_: Rooms, room: str, *people: Person | None) -> list[Waiter]:
    """People who wait in a room."""
    found = [Waiter(it) for it in people]
    for it in found:
        all_.park(it, warm(all_, room))
    return found


def told(waiter: Waiter) -> list[int] | None:
    """The offsets that a waiter was told; None: nothing, and not to wait any more."""
    (update,) = waiter.results
    return None if update is None else [it.offset for it in update.news.entries]


CLOSING: list[tuple[AnyDeed, list[Person | None]]] = [
    (Bar(person=BOB, until=FOR_EVER), [BOB]),
    (Change(closed=True), [None, BOB, CAT]),
    (Change(access=Access.PASSWORD), [None, BOB, CAT]),
    (Change(access=Access.PRIVATE), [None, BOB, CAT]),
]


@pytest.mark.parametrize(("deed", "out"), CLOSING, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("together", [True, False])
def test_who_is_kept_out_is_dismissed_at_once_and_told_nothing_of_it(
    deed: AnyDeed, out: list[Person | None], together: bool
) -> None:
    turns: list[Callable[[], None]] = []
    all_ = Rooms(wire(), 99, 100, turns.append)
    (room,) = warm(all_, "tea")
    room.deliver([message(1, "tea")])
    people = [None, ANN, BOB, CAT]
    waiters = waiting(all_, "tea", *people)
    news: list[Item] = [act(deed, 2, "tea"), message(3, "tea")]
    for group in [news] if together else [news[:1], news[1:]]:
        all_.deliver(group)
        gone = [it for it in waiters if it.results]
    assert [told(it) for it in gone] == [None] * len(out)
    while turns:
        turns.pop(0)()
    heard = [told(it) for it in waiters]
    assert heard == [None if who in out else [2, 3] for who in people]


@pytest.mark.parametrize(("deed", "out"), CLOSING, ids=lambda it: type(it).__name__)
def test_who_was_to_be_woken_for_what_came_before_is_dismissed_too(
    deed: AnyDeed, out: list[Person | None]
) -> None:
    turns: list[Callable[[], None]] = []
    all_ = Rooms(wire(), 99, 100, turns.append, wake_slice=1)
    (room,) = warm(all_, "tea")
    room.deliver([message(1, "tea")])
    people = [ANN, None, ANN, BOB, CAT]
    waiters = waiting(all_, "tea", *people)
    all_.deliver([message(2, "tea")])
    turns.pop(0)()
    all_.deliver([act(deed, 3, "tea"), message(4, "tea")])
    while turns:
        turns.pop(0)()
    heard = [told(it) for it in waiters]
    assert heard == [[2], *(None if who in out else [2, 3, 4] for who in people[1:])]


def test_who_loses_their_role_in_a_private_room_is_out() -> None:
    all_ = rooms()
    all_.deliver([])
    order = Order(access=Access.PRIVATE, roles={ANN.id: Role.OWNER, BOB.id: Role.MEMBER})
    with all_.visit(["private-x"]) as (room,):
        room.warm(order, [act(Change(title="x"), 1, "private-x")])
        waiters = [Waiter(ANN), Waiter(BOB)]
        for it in waiters:
            all_.park(it, [room])
        all_.deliver([act(Membership(BOB, None), 2, "private-x")])
    assert [told(it) for it in waiters] == [[2], None]


def test_who_waits_in_many_rooms_is_dismissed_by_the_one_that_keeps_them_out() -> None:
    turns: list[Callable[[], None]] = []
    all_ = Rooms(wire(), 99, 100, turns.append)
    tea, seven = warm(all_, "tea", "7")
    tea.deliver([message(1, "tea")])
    bob = Waiter(BOB)
    all_.park(bob, [tea, seven])
    all_.deliver([message(1, "7"), act(Bar(person=BOB, until=FOR_EVER), 2, "tea")])
    turns.pop(0)()
    assert told(bob) is None


def test_an_address_that_is_kept_out_is_dismissed() -> None:
    all_ = rooms()
    (tea,) = warm(all_, "tea")
    tea.deliver([message(1, "tea")])
    here, there = waiting(all_, "tea", None, None)
    here.visitor = Visitor(None, "192.0.2.1")
    all_.deliver([act(Bar(person=BOB, until=FOR_EVER, address="192.0.2.1"), 2, "tea")])
    assert (told(here), told(there)) == (None, [2])


def test_nobody_is_looked_at_where_an_act_keeps_nobody_out() -> None:
    all_ = rooms()
    (tea,) = warm(all_, "tea")
    tea.deliver([message(1, "tea")])
    (ann,) = waiting(all_, "tea", ANN)
    ann.dismiss = None  # type: ignore[assignment, method-assign]
    all_.deliver([act(Change(title="x"), 2, "tea"), act(Deletion(1), 3, "tea")])
    assert told(ann) == [2, 3]


def test_nobody_is_looked_at_in_a_guarded_room_either_where_who_may_come_in_stays_the_same() -> (
    None
):
    all_ = rooms()
    (tea,) = warm(all_, "tea")
    tea.deliver([message(1, "tea"), act(Bar(person=BOB, until=FOR_EVER), 2, "tea")])
    (ann,) = waiting(all_, "tea", ANN)
    ann.dismiss = None  # type: ignore[assignment, method-assign]
    mute = Bar(person=CAT, until=FOR_EVER, mute=True)
    all_.deliver([act(Change(title="x", slow=5), 3, "tea"), act(mute, 4, "tea")])
    assert told(ann) == [3, 4]


@pytest.mark.parametrize(("deed", "out"), CLOSING, ids=lambda it: type(it).__name__)
def test_who_is_kept_out_is_not_present_any_more_although_they_do_not_wait(
    deed: AnyDeed, out: list[Person | None]
) -> None:
    all_ = rooms()
    (tea,) = warm(all_, "tea")
    tea.deliver([message(1, "tea")])
    tea.presence = Presence(versions("life"), 0.0)
    tea.presence.sample([ANN, BOB, CAT], 0)
    all_.deliver([act(deed, 2, "tea")])
    tea.presence.update(0)
    assert tea.presence.summary is not None
    here = {it["id"] for it in msgspec.json.decode(tea.presence.summary.json)["people"]}
    assert here == {it.id for it in (ANN, BOB, CAT) if it not in out}


def test_who_is_dismissed_for_their_address_is_not_present_any_more() -> None:
    all_ = rooms()
    (tea,) = warm(all_, "tea")
    tea.deliver([message(1, "tea")])
    tea.presence = Presence(versions("life"), 0.0)
    tea.presence.sample([ANN, CAT], 0)
    here, nobody, _ = waiting(all_, "tea", CAT, None, ANN)
    here.visitor, nobody.visitor = Visitor(CAT, "192.0.2.1"), Visitor(None, "192.0.2.1")
    all_.deliver([act(Bar(person=BOB, until=FOR_EVER, address="192.0.2.1"), 2, "tea")])
    tea.presence.update(0)
    assert tea.presence.summary is not None
    told = msgspec.json.decode(tea.presence.summary.json)["people"]
    assert [it["id"] for it in told] == [ANN.id]


def about(room: Room) -> list[str]:
    """The texts that its buffer holds: of messages, and of those that acts bring along."""
    told = [msgspec.json.decode(it.json) for it in room.buffer.since(0) or ()]
    return [(it.get("message") or it).get("body", "") for it in told]


def test_an_edit_changes_what_is_held_of_the_message() -> None:
    all_ = rooms()
    (room,) = warm(all_, "7")
    all_.deliver(messages(0, 2))
    for offset, body in ((3, "better"), (4, "best")):
        edited = replace(message(1), body=body)
        all_.deliver([replace(act(Edit(1), offset), message=edited)])
    assert about(room) == ["best", "7/2", "best", "best"]


@pytest.mark.parametrize("gone", [Deletion(1), Erasure(ANN.id)], ids=["deletion", "erasure"])
def test_what_is_deleted_is_gone_from_the_acts_about_it(gone: AnyDeed) -> None:
    all_ = rooms()
    (room,) = warm(all_, "7")
    all_.deliver([message(1), replace(act(Edit(1), 2), message=message(1)), act(gone, 3)])
    assert about(room) == ["", "", ""]


def test_what_is_trimmed_is_gone_from_the_acts_about_it() -> None:
    all_ = rooms()
    (room,) = warm(all_, "7")
    edited = replace(act(Edit(1), 2), message=message(1))
    all_.deliver([message(1), edited, act(Trim(1), 3)])
    told = [msgspec.json.decode(it.json) for it in room.buffer.since(1) or ()]
    assert [it.get("message") for it in told] == [None, None]
