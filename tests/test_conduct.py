"""What people do to rooms and to each other, without HTTP."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.conduct import PEOPLE_AT_ONCE, Judging, Verdict
from chatroom.deed import FOR_EVER, Access, Bar, Change, Membership, Role
from chatroom.errors import NotAllowed, NotFound, NotSignedIn, PeopleInvalid, RoomTextInvalid
from chatroom.message import room_from
from chatroom.people import Person, Visitor
from tests.conftest import Clock
from tests.making import said


async def somebody(app: Chatroom, name: str, address: str = "") -> Visitor:
    """Somebody new, who was seen at that address."""
    token, _ = await app.sessions.open(name)
    known = await app.sessions.known(token)
    assert known is not None
    return known.at(address)


def person(visitor: Visitor) -> Person:
    assert visitor.person is not None
    return visitor.person


async def owned(app: Chatroom, room: str = "tea") -> Visitor:
    """The owner of a room."""
    owner = await somebody(app, "Ann")
    await app.chat.post(said(person(owner), room, "hello"))
    return owner


@pytest.mark.gen_test
async def test_two_people_have_one_room_whoever_begins(app: Chatroom) -> None:
    conduct = app.parts.conduct
    ann, bob, cleo = [await somebody(app, it) for it in ("Ann", "Bob", "Cleo")]
    first = await conduct.talk([person(bob).id], "", ann)
    again = await conduct.talk([person(ann).id], "a title is not for two", bob)
    assert (first.new, again.new) == (True, False)
    assert first.room == again.room == room_from(first.room)
    assert (await conduct.talk([person(cleo).id], "", ann)).room != first.room
    order, _ = await app.chat.order(first.room, bob)
    assert (order.direct, order.title) == (True, "")


@pytest.mark.gen_test
async def test_a_group_is_new_each_time_and_has_an_owner_and_a_title(app: Chatroom) -> None:
    conduct = app.parts.conduct
    ann, bob, cleo = [await somebody(app, it) for it in ("Ann", "Bob", "Cleo")]
    people = [person(bob).id, person(cleo).id, person(bob).id]
    rooms = {(await conduct.talk(people, "  Trip ", ann)).room for _ in range(3)}
    assert len(rooms) == 3
    for room in rooms:
        order, _ = await app.chat.order(room, cleo)
        assert order.title == "Trip"
        assert order.roles[person(ann).id] == Role.OWNER
        assert order.roles[person(bob).id] == Role.MEMBER


@pytest.mark.gen_test
async def test_a_conversation_needs_somebody_and_somebody_else_and_not_too_many(
    app: Chatroom,
) -> None:
    conduct = app.parts.conduct
    ann = await somebody(app, "Ann")
    for people in ([], [person(ann).id], [str(n) for n in range(PEOPLE_AT_ONCE + 1)]):
        with pytest.raises(PeopleInvalid):
            await conduct.talk(people, "", ann)
    with pytest.raises(NotSignedIn):
        await conduct.talk(["x"], "", Visitor(None))
    with pytest.raises(NotFound):
        await conduct.talk(["nobody"], "", ann)
    with pytest.raises(RoomTextInvalid):
        await conduct.talk(["x"], "\0", ann)


@pytest.mark.gen_test
async def test_a_verdict_becomes_the_deeds_that_it_takes(app: Chatroom, clock: Clock) -> None:
    conduct = app.parts.conduct
    ann, bob = await owned(app), await somebody(app, "Bob", "192.0.2.7")
    whom = person(bob)

    async def deeds(judging: Judging, minutes: int = 0, *, address: bool = False) -> list[object]:
        judged = await conduct.judge("tea", Verdict(whom, judging, minutes, address), ann)
        assert judged.address == any(getattr(it.deed, "address", "") for it in judged.acts)
        return [it.deed for it in judged.acts]

    soon, minute = clock.now + 600_000_000, clock.now + 60_000_000
    assert await deeds(Judging.KICK) == [Bar(person=whom, until=soon)]
    assert await deeds(Judging.BAN, 1) == [Bar(person=whom, until=minute)]
    there = Bar(person=whom, until=FOR_EVER, address="192.0.2.7")
    assert await deeds(Judging.BAN, address=True) == [there]
    assert await deeds(Judging.MUTE, 1, address=True) == [Bar(person=whom, until=minute, mute=True)]
    assert await deeds(Judging.LIFT) == [
        Bar(person=whom, until=0),
        Bar(person=whom, until=0, mute=True),
    ]
    assert await deeds(Judging.LIFT) == []
    await conduct.act("tea", Membership(whom, Role.MEMBER), ann)
    await conduct.act("tea", Change(access=Access.PRIVATE), ann)
    assert await deeds(Judging.KICK, address=True) == [Membership(whom, None)]


@pytest.mark.gen_test
async def test_lifting_what_does_not_hold_needs_the_same_power(app: Chatroom) -> None:
    ann, bob = await owned(app), await somebody(app, "Bob")
    with pytest.raises(NotAllowed):
        await app.parts.conduct.judge("tea", Verdict(person(ann), Judging.LIFT), bob)


@pytest.mark.gen_test
async def test_whoever_has_no_session_leaves_nothing(app: Chatroom) -> None:
    with pytest.raises(NotSignedIn):
        await app.parts.conduct.leave("tea", Visitor(None))


@pytest.mark.gen_test
async def test_the_audit_is_for_who_keeps_order_in_the_room(app: Chatroom) -> None:
    ann, bob = await owned(app), await somebody(app, "Bob")
    for title in "abc":
        await app.parts.conduct.act("tea", Change(title=title), ann)
    audit = await app.parts.conduct.audit("tea", 2**62, 2, ann)
    assert [it.deed for it in audit.acts] == [Change(title="c"), Change(title="b")]
    assert audit.more
    rest = await app.parts.conduct.audit("tea", audit.acts[-1].id, 2, ann)
    assert ([it.deed for it in rest.acts], rest.more) == ([Change(title="a")], False)
    with pytest.raises(NotAllowed):
        await app.parts.conduct.audit("tea", 2**62, 2, bob)
    with pytest.raises(NotFound):
        await app.parts.conduct.audit("private-none", 2**62, 2, ann)
