"""What lets people in, without HTTP: what is counted, what is kept, what happens meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from chatroom.app import Chatroom
from chatroom.deed import FOR_EVER, Access, Bar, Change, Membership, Role
from chatroom.doors import ADDRESS_TRIES, ROOM_TRIES, Tries
from chatroom.errors import NotAllowed, NotFound, NotSignedIn, PasswordsBusy, TooMany
from chatroom.people import Visitor
from tests.conftest import Monotonic
from tests.test_conduct import owned, person, somebody

PASSWORD = "correct horse battery"


def fail(tries: Tries, room: str, address: str) -> None:
    """A wrong word."""
    with pytest.raises(NotFound), tries.one(room, address):
        raise NotFound


def test_wrong_words_are_counted_for_the_room_and_the_address(monotonic: Monotonic) -> None:
    tries = Tries(monotonic)
    for _ in range(ROOM_TRIES):
        fail(tries, "7", "a")
    for room, address, refused in [("7", "a", True), ("8", "a", False), ("7", "b", False)]:
        if refused:
            with pytest.raises(TooMany), tries.one(room, address):
                pass
        else:
            fail(tries, room, address)


def test_what_is_refused_for_one_room_does_not_count_for_the_others(monotonic: Monotonic) -> None:
    tries = Tries(monotonic)
    for _ in range(2 * ADDRESS_TRIES):
        with pytest.raises((NotFound, TooMany)), tries.one("7", "a"):
            raise NotFound
    for n in range(ADDRESS_TRIES - ROOM_TRIES):
        fail(tries, f"room {n}", "a")
    with pytest.raises(TooMany) as refused, tries.one("another", "a"):
        pass
    assert 0 < (refused.value.retry_after or 0) <= 2


def test_a_right_word_costs_nothing(monotonic: Monotonic) -> None:
    tries = Tries(monotonic)
    for _ in range(2 * ADDRESS_TRIES):
        with tries.one("7", "a"):
            pass


def test_a_word_that_could_not_be_looked_at_costs_nothing(monotonic: Monotonic) -> None:
    tries = Tries(monotonic)
    for _ in range(2 * ADDRESS_TRIES):
        with pytest.raises(PasswordsBusy), tries.one("7", "a"):
            raise PasswordsBusy


@pytest.mark.gen_test
async def test_an_invitation_tells_its_room_to_who_has_it(app: Chatroom) -> None:
    ann, doors = await owned(app), app.parts.doors
    await doors.change("tea", Change(title="Tea", access=Access.PRIVATE), "", ann)
    token = await doors.invite("tea", ann)
    assert (await doors.invited("tea", token, Visitor(None))).title == "Tea"
    for room, word in [("tea", token[:-1]), ("tea", ""), ("nowhere", token)]:
        with pytest.raises(NotFound):
            await doors.invited(room, word, Visitor(None))


@pytest.mark.gen_test
async def test_only_hashes_are_kept(app: Chatroom) -> None:
    ann, doors = await owned(app), app.parts.doors
    await doors.change("tea", Change(), PASSWORD, ann)
    token = await doors.invite("tea", ann)
    door = await app.chat.engine.door("tea")
    assert door.password is not None
    assert door.password.startswith("$argon2id$")
    assert door.invitation is not None
    assert len(door.invitation) == 32
    assert token.encode() not in door.invitation


@pytest.mark.gen_test
async def test_who_is_kept_out_does_not_come_in_by_the_right_word(app: Chatroom) -> None:
    ann, doors = await owned(app), app.parts.doors
    bob, cleo = await somebody(app, "Bob", "a"), await somebody(app, "Cleo", "a")
    bar = Bar(person=person(bob), until=FOR_EVER, address="a")
    await app.parts.conduct.act("tea", bar, ann)
    token = await doors.invite("tea", ann)
    with pytest.raises(NotFound):
        await doors.invited("tea", token, bob)
    with pytest.raises(NotFound):
        await doors.join("tea", token, "", bob)
    await doors.join("tea", token, "", cleo)  # who has a role is more than an address
    assert (await app.chat.order("tea", cleo))[0].roles[person(cleo).id] == Role.MEMBER
    with pytest.raises(NotSignedIn):
        await doors.join("tea", token, "", Visitor(None))


@pytest.mark.gen_test
async def test_whoever_lost_their_power_meanwhile_hands_out_nothing(app: Chatroom) -> None:
    """The order in memory says yes, the transaction says no."""
    ann, bob = await owned(app), await somebody(app, "Bob")
    conduct, doors = app.parts.conduct, app.parts.doors
    await conduct.act("tea", Membership(person(bob), Role.MODERATOR), ann)
    await conduct.act("tea", Change(access=Access.PRIVATE), ann)
    out = Membership(person(bob), None)
    taken, token = await asyncio.gather(
        conduct.act("tea", out, ann), doors.invite("tea", bob), return_exceptions=True
    )
    assert not isinstance(taken, BaseException)
    assert isinstance(token, NotFound)
    assert (await app.chat.engine.door("tea")).invitation is None


@pytest.mark.gen_test
async def test_a_conversation_never_opens(app: Chatroom) -> None:
    ann, bob, cleo = [await somebody(app, it) for it in ("Ann", "Bob", "Cleo")]
    people = [person(bob).id, person(cleo).id]
    room = (await app.parts.conduct.talk(people, "", ann)).room
    for change, password in [
        (Change(access=Access.OPEN), ""),
        (Change(access=Access.PASSWORD), PASSWORD),
        (Change(), PASSWORD),
    ]:
        with pytest.raises(NotAllowed):
            await app.parts.doors.change(room, change, password, ann)
    assert await app.parts.doors.change(room, Change(keep_days=7), "", ann)
    token = await app.parts.doors.invite(room, bob)
    dora = await somebody(app, "Dora")
    await app.parts.doors.join(room, token, "", dora)
    assert (await app.chat.order(room, dora))[0].direct is False
