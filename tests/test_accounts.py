from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from tornado.ioloop import IOLoop

from chatroom.accounts import TOKENS_LIMIT, Accounts, Signed
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import (
    AccountExists,
    ChatroomError,
    NameInvalid,
    NameTaken,
    NoAccount,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PasswordsBusy,
    PasswordTooShort,
    PasswordWrong,
    SignInFailed,
    TooMany,
    TooManyTokens,
)
from chatroom.passwords import Passwords
from chatroom.sessions import Known, Sessions
from tests.conftest import Clock

HERE = "address 192.0.2.1"
SECRET, OTHER = "a walk in the fog", "a nap in the rain"

#: As little work as Argon2 does.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class World:
    """Accounts over a real file, and whoever comes."""

    def __init__(self, engine: SqliteEngine, clock: Clock) -> None:
        self.people = engine.people
        self.sessions = Sessions(engine.people, clock, 100, days=90)
        self.passwords = Passwords(QUICK)
        self.accounts = self.again(self.passwords, clock)
        self.ended: list[bytes] = []
        self.sessions.watchers.add(self.ended.extend)

    def again(self, passwords: Passwords, clock: Clock) -> Accounts:
        """Accounts of the same people."""
        return Accounts(self.people, self.sessions, passwords, lambda: clock.now / 1e6)

    async def known(self, token: str) -> Known:
        known = await self.sessions.known(token)
        assert known is not None
        return known

    async def guest(self, name: str = "guest-1234") -> Known:
        token, _ = await self.sessions.open(name)
        return await self.known(token)

    async def owner(self, name: str = "Ann") -> tuple[Signed, Known]:
        """Somebody with an account."""
        signed = await self.accounts.claim(await self.guest(), name, SECRET, HERE)
        return signed, await self.known(signed.token)


@pytest.fixture
def world(io_loop: IOLoop, engine: SqliteEngine, clock: Clock) -> Iterator[World]:
    world = World(engine, clock)
    yield world
    io_loop.run_sync(world.accounts.close)


@pytest.mark.gen_test
async def test_a_guest_who_claims_a_name_stays_the_same_person_under_another_token(
    world: World,
) -> None:
    guest = await world.guest()
    signed = await world.accounts.claim(guest, " Ann ", SECRET, HERE)
    known = await world.known(signed.token)
    assert (signed.person.id, signed.person.name) == (guest.person.id, "Ann")
    assert (known.person, known.account, known.administrator) == (signed.person, True, False)
    assert guest.key in world.ended
    assert guest.until == 0
    assert await world.people.session(guest.key) is None


@pytest.mark.gen_test
async def test_other_sessions_of_the_guest_are_those_of_the_account_at_once(world: World) -> None:
    token, person = await world.sessions.open("guest-1234")
    other = await world.known(await world.sessions.open_for(person))
    assert not other.account
    await world.accounts.claim(await world.known(token), "Ann", SECRET, HERE)
    assert other.until == 0
    session = await world.people.session(other.key)
    assert session is not None
    assert (session.person.name, session.account) == ("Ann", True)


@pytest.mark.gen_test
async def test_a_claim_that_is_refused_changes_nothing(world: World) -> None:
    _, ann = await world.owner()
    guest = await world.guest()
    refused: list[tuple[Known, str, str, type[ChatroomError]]] = [
        (guest, "", SECRET, NameInvalid),
        (guest, "Bob", "short", PasswordTooShort),
        (guest, "ann", SECRET, NameTaken),
        (guest, "Αnn", SECRET, NameTaken),  # with a Greek letter
        (ann, "Anna", SECRET, AccountExists),
    ]
    for known, name, password, error in refused:
        with pytest.raises(error):
            await world.accounts.claim(known, name, password, HERE)
    for known in (guest, ann):
        assert await world.people.session(known.key) is not None
        assert known.until > 0


@pytest.mark.gen_test
async def test_of_two_who_claim_a_name_at_once_one_gets_it(world: World) -> None:
    guests = [await world.guest(f"guest-{number}") for number in range(4)]
    claims = [world.accounts.claim(it, "Ann", SECRET, HERE) for it in guests]
    found = await asyncio.gather(*claims, return_exceptions=True)
    kinds = sorted(type(it).__name__ for it in found)
    assert kinds == ["NameTaken"] * 3 + ["Signed"]


@pytest.mark.gen_test
async def test_who_signs_in_is_the_same_person_and_the_guest_before_is_no_more(
    world: World,
) -> None:
    signed, first = await world.owner()
    token, guest = await world.sessions.open("guest-1234")
    before = await world.known(token)
    again = await world.accounts.sign_in("ＡＮＮ", SECRET, HERE, token)
    assert again.person == signed.person
    assert again.token not in (token, signed.token)
    assert (before.until, first.until > 0) == (0, True)
    assert await world.sessions.known(token) is None
    assert await world.people.person(guest.id) is None


@pytest.mark.gen_test
async def test_whatever_is_wrong_about_signing_in_is_told_alike(world: World) -> None:
    await world.owner()
    _, eve = await world.owner("Eve")
    await world.people.bar(eve.person.id, barred=True)
    await world.guest("Guest")
    told = set()
    for name, password in (
        *(("Ann", OTHER), ("Ann", ""), ("Ann", "x" * 2000), ("Nobody", SECRET)),
        *(("Guest", SECRET), ("Eve", SECRET), ("Eve", OTHER)),
    ):
        with pytest.raises(SignInFailed) as failed:
            await world.accounts.sign_in(name, password, f"{HERE}{name}{password}")
        told.add((str(failed.value), failed.value.field, *failed.value.values))
    assert len(told) == 1


@pytest.mark.gen_test
async def test_the_limits_come_before_the_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ann = await world.owner()
    worked: list[str | None] = []
    verify = world.passwords.verify

    async def counted(hash_: str | None, password: str) -> bool:
        worked.append(hash_)
        return await verify(hash_, password)

    monkeypatch.setattr(world.passwords, "verify", counted)
    calls = (
        lambda: world.accounts.sign_in("Nobody", OTHER, HERE),
        lambda: world.accounts.sign_in("Ann", OTHER, HERE),
        lambda: world.accounts.change_password(ann, OTHER, SECRET, f"{HERE}1"),
        lambda: world.accounts.delete(ann, OTHER, f"{HERE}2", erase=True),
    )
    for call in calls:
        worked.clear()
        for _ in range(3):
            with pytest.raises((SignInFailed, PasswordWrong)):
                await call()
        with pytest.raises(TooMany):
            await call()
        assert len(worked) == 3


@pytest.mark.gen_test
async def test_who_comes_when_too_many_are_checked_has_not_tried(
    world: World, clock: Clock
) -> None:
    await world.owner()
    busy = Passwords(QUICK, limit=0)
    accounts = world.again(busy, clock)
    for _ in range(50):
        with pytest.raises(PasswordsBusy):
            await accounts.sign_in("Ann", SECRET, HERE)
    await accounts.close()


@pytest.mark.gen_test
async def test_a_hash_of_other_days_is_renewed_when_its_owner_comes(
    world: World, clock: Clock
) -> None:
    signed, _ = await world.owner()
    slower = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    accounts = world.again(slower, clock)
    before = await world.people.account("ann")
    assert (await accounts.sign_in("Ann", SECRET, HERE)).person == signed.person
    after = await world.people.account("ann")
    assert before is not None
    assert after is not None
    assert (slower.outdated(before.password), slower.outdated(after.password)) == (True, False)
    assert await accounts.sign_in("Ann", SECRET, HERE)
    await accounts.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("change", ["bar", "password"])
async def test_what_happens_while_a_password_is_checked_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    _, ann = await world.owner()
    verify = world.passwords.verify

    async def slow(hash_: str | None, password: str) -> bool:
        right = await verify(hash_, password)
        monkeypatch.setattr(world.passwords, "verify", verify)
        if change == "bar":
            await world.people.bar(ann.person.id, barred=True)
        else:
            await world.accounts.change_password(ann, SECRET, OTHER, HERE)
        return right

    monkeypatch.setattr(world.passwords, "verify", slow)
    with pytest.raises(SignInFailed):
        await world.accounts.sign_in("Ann", SECRET, HERE)


@pytest.mark.gen_test
async def test_another_password_ends_every_session_but_one(world: World) -> None:
    signed, ann = await world.owner()
    other = await world.accounts.sign_in("Ann", SECRET, HERE)
    program = await world.accounts.add_token(ann, "bot")
    others = [await world.known(it) for it in (other.token, program.token)]
    renewed = await world.accounts.change_password(ann, SECRET, OTHER, HERE)
    assert await world.sessions.person(renewed.token) == signed.person
    for token in (signed.token, other.token, program.token):
        assert await world.sessions.known(token) is None
    assert {ann.key, *(it.key for it in others)} <= set(world.ended)
    with pytest.raises(SignInFailed):
        await world.accounts.sign_in("Ann", SECRET, HERE)
    assert await world.accounts.sign_in("Ann", OTHER, HERE)


@pytest.mark.gen_test
async def test_who_does_not_know_the_password_changes_and_deletes_nothing(world: World) -> None:
    signed, ann = await world.owner()
    with pytest.raises(PasswordWrong) as wrong:
        await world.accounts.change_password(ann, OTHER, OTHER, HERE)
    assert wrong.value.field == "old"
    with pytest.raises(PasswordTooShort):
        await world.accounts.change_password(ann, SECRET, "short", HERE)
    with pytest.raises(PasswordWrong) as wrong:
        await world.accounts.delete(ann, OTHER, HERE, erase=True)
    assert wrong.value.field == "password"
    guest = await world.guest()
    with pytest.raises(NoAccount):
        await world.accounts.change_password(guest, SECRET, OTHER, HERE)
    with pytest.raises(NoAccount):
        await world.accounts.delete(guest, SECRET, HERE, erase=True)
    assert await world.sessions.person(signed.token) == signed.person


@pytest.mark.gen_test
async def test_a_name_is_free_when_its_account_is_deleted(world: World) -> None:
    signed, ann = await world.owner()
    await world.accounts.delete(ann, SECRET, HERE, erase=False)
    assert await world.sessions.known(signed.token) is None
    assert ann.key in world.ended
    with pytest.raises(SignInFailed):
        await world.accounts.sign_in("Ann", SECRET, HERE)
    again, _ = await world.owner()
    assert again.person.id != signed.person.id


@pytest.mark.gen_test
async def test_somebody_has_so_many_tokens_and_may_end_each(world: World) -> None:
    guest = await world.guest()
    tokens = [await world.accounts.add_token(guest, f" bot {n} ") for n in range(TOKENS_LIMIT)]
    assert tokens[7].name == "bot 7"
    assert await world.sessions.person(tokens[7].token) == guest.person
    with pytest.raises(TooManyTokens):
        await world.accounts.add_token(guest, "one more")
    with pytest.raises(NameInvalid):
        await world.accounts.add_token(guest, "")
    await world.sessions.revoke(guest.person.id, tokens[7].id)
    assert await world.sessions.known(tokens[7].token) is None
    assert await world.accounts.add_token(guest, "one more")


@pytest.mark.gen_test
async def test_the_link_makes_the_first_administrator_and_is_void_then(world: World) -> None:
    link = await world.accounts.offer_first()
    assert link is not None
    assert world.accounts.offers(link)
    guest = await world.guest()
    with pytest.raises(NotFound):
        await world.accounts.appoint_first(guest, link + "x", "Ann", SECRET, HERE)
    with pytest.raises(PasswordTooShort):
        await world.accounts.appoint_first(guest, link, "Ann", "short", HERE)
    signed = await world.accounts.appoint_first(guest, link, "Ann", SECRET, HERE)
    assert signed is not None
    known = await world.known(signed.token)
    assert (known.administrator, known.account) == (True, True)
    assert not world.accounts.offers(link)
    with pytest.raises(NotFound):
        await world.accounts.appoint_first(await world.guest(), link, "Eve", SECRET, HERE)
    assert await world.accounts.offer_first() is None


@pytest.mark.gen_test
async def test_who_has_an_account_needs_only_the_link(world: World) -> None:
    link = await world.accounts.offer_first()
    _, ann = await world.owner()
    assert link is not None
    assert await world.accounts.appoint_first(ann, link, "", "", HERE) is None
    session = await world.people.session(ann.key)
    assert session is not None
    assert session.administrator
    assert ann.until == 0


@pytest.mark.gen_test
async def test_of_many_who_use_the_link_at_once_one_wins(world: World) -> None:
    link = await world.accounts.offer_first()
    assert link is not None
    guests = [await world.guest(f"guest-{number}") for number in range(5)]
    claims = [
        world.accounts.appoint_first(it, link, f"Ann {number}", SECRET, HERE)
        for number, it in enumerate(guests)
    ]
    found = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(it).__name__ for it in found) == ["NotFound"] * 4 + ["Signed"]


@pytest.mark.gen_test
async def test_a_link_is_void_when_there_is_an_administrator_by_another_way(world: World) -> None:
    link = await world.accounts.offer_first()
    assert link is not None
    _, ann = await world.owner()
    await world.people.appoint(ann.person.id, administrator=True)
    with pytest.raises(NotFound):
        await world.accounts.appoint_first(await world.guest(), link, "Eve", SECRET, HERE)


@pytest.mark.gen_test
async def test_administrators_rule_and_others_find_nothing_to_rule(world: World) -> None:
    signed, _ = await world.owner()
    _, eve = await world.owner("Eve")
    await world.people.appoint(signed.person.id, administrator=True)
    world.sessions.refresh(signed.person.id)
    ann = await world.known(signed.token)
    for somebody in (eve, await world.guest()):
        with pytest.raises(NotFound):
            await world.accounts.appoint(somebody, eve.person.id, administrator=True)
        with pytest.raises(NotFound):
            await world.accounts.bar(somebody, ann.person.id, barred=True)
    await world.accounts.appoint(ann, eve.person.id, administrator=True)
    with pytest.raises(NotAllowed):
        await world.accounts.bar(ann, eve.person.id, barred=True)
    await world.accounts.appoint(ann, eve.person.id, administrator=False)
    await world.accounts.bar(ann, eve.person.id, barred=True)
    assert eve.key in world.ended
    with pytest.raises(NotFound):
        await world.accounts.appoint(ann, "never was one", administrator=True)


@pytest.mark.gen_test
async def test_a_session_that_has_ended_claims_and_makes_nothing(world: World) -> None:
    guest = await world.guest()
    await world.people.end_session(guest.key)
    with pytest.raises(NotSignedIn):
        await world.accounts.claim(guest, "Ann", SECRET, HERE)
    with pytest.raises(NotSignedIn):
        await world.accounts.add_token(guest, "bot")


@pytest.mark.gen_test
async def test_a_guest_who_bears_the_name_already_is_given_another(world: World) -> None:
    (seen, guest), (away, other) = (
        await world.sessions.open("Ann"),
        await world.sessions.open("ANN"),
    )
    bob, _ = await world.sessions.open("Bob")
    before = [await world.known(it) for it in (seen, bob)]
    await world.owner()
    assert [it.until > 0 for it in before] == [False, True]
    for token, person in ((seen, guest), (away, other)):
        now = await world.sessions.person(token)
        assert now is not None
        assert now.id == person.id
        assert now.name.startswith("guest-")
    assert (await world.known(bob)).person.name == "Bob"


@pytest.mark.gen_test
async def test_an_account_that_takes_another_name_takes_it_from_guests(world: World) -> None:
    guest, _ = await world.sessions.open("Bob")
    await world.known(guest)
    signed, _ = await world.owner()
    await world.sessions.rename(signed.token, "bob")
    assert (await world.known(guest)).person.name.startswith("guest-")
    assert (await world.known(signed.token)).person.name == "bob"


@pytest.mark.gen_test
async def test_a_guest_who_is_read_while_the_name_is_claimed_loses_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await world.sessions.open("Ann")
    touched = world.sessions._touched

    async def slow(key: bytes, used_at: int) -> int:
        monkeypatch.setattr(world.sessions, "_touched", touched)
        await world.owner()
        return used_at

    monkeypatch.setattr(world.sessions, "_touched", slow)
    assert (await world.known(token)).person.name.startswith("guest-")
