"""What every engine promises of the people, as tests. An engine's own test module inherits them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tornado.ioloop import IOLoop

from chatroom.deed import Act, AnyDeed, Change, Deletion, Erasure, Item, Membership, Role
from chatroom.engines.base import Engine
from chatroom.engines.people import LISTED_LIMIT, UNREAD_LIMIT, Reading
from chatroom.errors import NameTaken, NotFound, NotSignedIn
from chatroom.mention import handle_of
from chatroom.message import Message
from chatroom.people import Person, Visitor
from tests.conftest import Clock
from tests.making import ANN, BOB, draft

EVERYTHING = 10**9
CAT = Person("p-cat", "Cat Lee")
NOBODY = Person("p-nobody", "Nobody")
HOUSE = Person("0", "")
FRIENDS = "private-friends"


class PeopleContract:
    """Who there is, whatever keeps them."""

    @pytest.fixture(autouse=True)
    def folk(self, engine: Engine, io_loop: IOLoop) -> None:
        """Ann, Bob and Cat have sessions."""

        async def enter() -> None:
            for person in (ANN, BOB, CAT):
                await enter_as(engine, person)

        io_loop.run_sync(enter)

    @pytest.fixture(autouse=True)
    def delivered(self, engine: Engine) -> list[Item]:
        """What the engine has delivered so far."""
        found: list[Item] = []

        def deliver(items: Iterable[Item]) -> None:
            found.extend(items)

        engine.subscribe(deliver)
        return found

    async def together(self, engine: Engine, *calls: Awaitable[Any]) -> list[Any]:
        """What comes of calls that are made at once, in this order: results and errors."""
        return await asyncio.gather(*calls, return_exceptions=True)

    # Sessions

    @pytest.mark.gen_test
    async def test_somebody_sees_their_sessions_those_used_last_first(
        self, engine: Engine, clock: Clock
    ) -> None:
        begun = clock.now
        clock.forward(days=1)
        await engine.people.add_session(b"bot", ANN, "ann", name="my bot")
        clock.forward(days=1)
        await engine.people.touch(ANN.id.encode())
        first, second = await engine.people.sessions(ANN.id)
        assert (first.token, first.name) == (ANN.id.encode(), None)
        assert (first.created_at, first.used_at) == (begun, clock.now)
        assert (second.token, second.name) == (b"bot", "my bot")
        assert second.created_at == second.used_at
        assert first.id != second.id
        assert await engine.people.sessions(NOBODY.id) == []

    @pytest.mark.gen_test
    async def test_however_many_sessions_somebody_has_so_many_are_listed_and_all_for_programs(
        self, engine: Engine, clock: Clock
    ) -> None:
        await engine.people.add_session(b"bot", ANN, "ann", name="my bot")
        (oldest,) = (it for it in await engine.people.sessions(ANN.id) if it.name is None)
        clock.forward(days=1)
        for number in range(LISTED_LIMIT):
            await engine.people.add_session(b"%d" % number, ANN, "ann")
        listed = await engine.people.sessions(ANN.id)
        assert [it.token for it in listed if it.name] == [b"bot"] == [listed[-1].token]
        assert len(listed) == LISTED_LIMIT + 1
        assert oldest.id not in {it.id for it in listed}
        assert await engine.people.session_called(ANN.id, oldest.id) == oldest.token
        assert await engine.people.session_called(BOB.id, oldest.id) is None

    @pytest.mark.gen_test
    async def test_all_sessions_of_somebody_end_but_one(self, engine: Engine) -> None:
        for token in (b"1", b"2"):
            await engine.people.add_session(token, ANN, "ann")
        ended = await engine.people.end_sessions(ANN.id, but=b"1")
        assert sorted(ended) == [b"2", ANN.id.encode()]
        assert [it.token for it in await engine.people.sessions(ANN.id)] == [b"1"]
        assert await engine.people.end_sessions(ANN.id) == [b"1"]
        assert await engine.people.session(BOB.id.encode()) is not None

    @pytest.mark.gen_test
    async def test_somebody_with_one_session_left_is_still_here(self, engine: Engine) -> None:
        await engine.people.add_session(b"2", ANN, "ann")
        await engine.people.end_session(b"2")
        assert await engine.people.person(ANN.id) == ANN
        await engine.people.end_session(ANN.id.encode())
        assert await engine.people.person(ANN.id) is None

    @pytest.mark.parametrize("end", ["expire", "end_session"])
    @pytest.mark.gen_test
    async def test_accounts_and_members_are_never_forgotten_and_guests_are(
        self, engine: Engine, clock: Clock, end: str
    ) -> None:
        await engine.people.claim(ANN, "ann", "hash")
        await engine.begin(FRIENDS, BOB, [CAT.id])
        guest = Person("p-guest", "Guest")
        await enter_as(engine, guest)
        clock.forward(days=400)
        if end == "expire":
            await engine.people.expire(clock.now)
        else:
            for person in (ANN, BOB, CAT, guest):
                await engine.people.end_session(person.id.encode())
        assert [await engine.people.person(it.id) for it in (ANN, BOB, CAT, guest)] == [
            *(ANN, BOB, CAT),
            None,
        ]
        assert await engine.people.account("ann") is not None
        assert len(await engine.members(FRIENDS)) == 2

    @pytest.mark.gen_test
    async def test_the_house_is_nobody_who_can_be_asked_for(self, engine: Engine) -> None:
        assert await engine.people.person(HOUSE.id) is None

    # Names

    @pytest.mark.gen_test
    async def test_guests_may_be_called_alike_and_nobody_like_an_account(
        self, engine: Engine
    ) -> None:
        await engine.people.rename(Person(BOB.id, "Ann"), "ann")
        await engine.people.rename(BOB, "bob")
        await engine.people.claim(ANN, "ann", "hash")
        for refused in (
            engine.people.rename(Person(BOB.id, "ANN"), "ann"),
            engine.people.claim(Person(BOB.id, "Ann"), "ann", "other"),
            engine.people.add_session(b"new", Person("p-new", "Ann"), "ann"),
        ):
            with pytest.raises(NameTaken):
                await refused
        assert await engine.people.person(BOB.id) == BOB
        assert await engine.people.session(b"new") is None
        await engine.people.add_session(b"more", ANN, "ann")
        await engine.people.rename(Person(ANN.id, "Ann."), "ann")

    @pytest.mark.gen_test
    async def test_a_name_that_an_account_gives_up_is_free(self, engine: Engine) -> None:
        await engine.people.claim(ANN, "ann", "hash")
        await engine.people.rename(Person(ANN.id, "Anna"), "anna")
        await engine.people.rename(Person(BOB.id, "Ann"), "ann")
        assert await engine.people.account("ann") is None
        found = await engine.people.account("anna")
        assert found is not None
        assert (found.person, found.password) == (Person(ANN.id, "Anna"), "hash")

    @pytest.mark.gen_test
    async def test_of_those_who_want_a_name_at_once_the_first_has_it(self, engine: Engine) -> None:
        wanted = [
            engine.people.claim(Person(ANN.id, "Eve"), "eve", "ann's"),
            engine.people.claim(Person(BOB.id, "EVE"), "eve", "bob's"),
            engine.people.rename(Person(CAT.id, "eve"), "eve"),
            engine.people.add_session(b"new", Person("p-new", "Eve"), "eve"),
            engine.append(draft(author=BOB)),
        ]
        first, *refused, said = await self.together(engine, *wanted)
        assert first is None
        assert [type(it) for it in refused] == [NameTaken] * 3
        assert said.message.offset == 1
        account = await engine.people.account("eve")
        assert account is not None
        assert (account.person.id, account.password) == (ANN.id, "ann's")
        assert await engine.people.person(BOB.id) == BOB

    # Leaving for good

    @pytest.mark.parametrize("erase", [True, False])
    @pytest.mark.gen_test
    async def test_an_account_is_deleted_with_its_roles_and_if_wanted_its_texts(
        self, engine: Engine, delivered: list[Item], erase: bool
    ) -> None:
        await engine.people.claim(ANN, "ann", "hash")
        await engine.people.add_session(b"2", ANN, "ann")
        await engine.begin(FRIENDS, ANN, [BOB.id])
        for room in ("tea", "7", FRIENDS):
            await say(engine, room, ANN)
        await say(engine, "7", BOB)
        before = len(delivered)
        ended = await engine.people.forget(ANN, erase=erase)
        assert sorted(ended) == [b"2", ANN.id.encode()]
        acts = [it for it in delivered[before:] if isinstance(it, Act)]
        gone = [(it.room, it.deed) for it in acts if isinstance(it.deed, Erasure)]
        left = [it.room for it in acts if it.deed == Membership(ANN, None)]
        assert sorted(left) == sorted([FRIENDS, "tea"])
        assert sorted(it for it, _ in gone) == (sorted(["7", FRIENDS, "tea"]) if erase else [])
        assert {it.author for it in acts} == {HOUSE}
        for room in ("tea", "7", FRIENDS):
            texts = {
                bool(it.body)
                for it in (await engine.between(room, 0, EVERYTHING, 9)).items
                if isinstance(it, Message) and it.author == ANN
            }
            assert texts == {not erase}
        assert await engine.people.person(ANN.id) is None
        assert await engine.people.account("ann") is None
        assert await engine.people.session(b"2") is None
        await engine.people.rename(Person(BOB.id, "Ann"), "ann")
        with pytest.raises(NotSignedIn):
            await say(engine, "7", ANN)

    @pytest.mark.gen_test
    async def test_what_somebody_says_while_they_are_deleted_is_erased_or_refused(
        self, engine: Engine
    ) -> None:
        await say(engine, "7", ANN)
        _, *said = await asyncio.gather(
            engine.people.forget(ANN, erase=True),
            *(say(engine, str(n), ANN) for n in range(20)),
            return_exceptions=True,
        )
        assert {type(it) for it in said if isinstance(it, BaseException)} <= {NotSignedIn}
        for n in range(20):
            for item in (await engine.tail(str(n), 9)).items:
                assert not (isinstance(item, Message) and item.body)

    @pytest.mark.gen_test
    async def test_who_is_deleted_is_neither_ignored_nor_talked_to_any_more(
        self, engine: Engine
    ) -> None:
        await say(engine, "7", ANN)
        await engine.people.ignore(BOB.id, ANN.id, ignored=True)
        await engine.people.forget(ANN, erase=False)
        assert await engine.people.ignored(BOB.id) == []
        with pytest.raises(NotFound):
            await engine.begin(FRIENDS, BOB, [ANN.id])
        with pytest.raises(NotFound):
            await do(engine, "7", BOB, Membership(ANN, Role.MEMBER), administrator=True)

    # Ignoring

    @pytest.mark.gen_test
    async def test_who_is_ignored_is_ignored_until_they_are_not(self, engine: Engine) -> None:
        for _ in range(2):
            await engine.people.ignore(ANN.id, BOB.id, ignored=True)
        await engine.people.ignore(ANN.id, CAT.id, ignored=True)
        assert set(await engine.people.ignored(ANN.id)) == {BOB, CAT}
        assert await engine.people.ignored(BOB.id) == []
        await engine.people.rename(Person(BOB.id, "Bobby"), "bobby")
        await engine.people.ignore(ANN.id, CAT.id, ignored=False)
        assert list(await engine.people.ignored(ANN.id)) == [Person(BOB.id, "Bobby")]

    @pytest.mark.gen_test
    async def test_nobody_cannot_be_ignored(self, engine: Engine) -> None:
        with pytest.raises(NotFound):
            await engine.people.ignore(ANN.id, NOBODY.id, ignored=True)

    # Readings

    @pytest.mark.gen_test
    async def test_reading_goes_forward_only(self, engine: Engine) -> None:
        for _ in range(5):
            await say(engine, "7", BOB)
        assert await engine.people.read(ANN.id, "7", 3)
        assert not await engine.people.read(ANN.id, "7", 3)
        assert not await engine.people.read(ANN.id, "7", 2)
        assert await engine.people.read(ANN.id, "7", 4)
        (reading,) = await readings(engine, ANN)
        assert (reading.room, reading.read, reading.head, reading.unread) == ("7", 4, 5, 1)

    @pytest.mark.gen_test
    async def test_unread_is_what_others_have_said_and_is_still_there(self, engine: Engine) -> None:
        await say(engine, "tea", BOB)
        await engine.people.read(ANN.id, "tea", 1)
        assert await counts(engine, ANN) == (0, 0)
        await say(engine, "tea", BOB, "@Ann hello")  # 2
        await say(engine, "tea", ANN, "@Ann to myself")
        await say(engine, "tea", CAT, "@Bob, not you")
        await do(engine, "tea", BOB, Change(topic="@Ann"))
        await say(engine, "tea", CAT, "@ANN, @ann and @Ann!")  # 6
        await say(engine, "tea", CAT, "@annabel")
        assert await counts(engine, ANN) == (4, 2)
        await do(engine, "tea", BOB, Deletion(2))
        assert await counts(engine, ANN) == (3, 1)
        await engine.people.read(ANN.id, "tea", 6)
        assert await counts(engine, ANN) == (1, 0)
        assert await counts(engine, CAT) is None

    @pytest.mark.gen_test
    async def test_a_mention_behind_many_of_others_is_counted(self, engine: Engine) -> None:
        await say(engine, "7", BOB)
        await engine.people.read(ANN.id, "7", 1)
        for _ in range(10):
            await say(engine, "7", BOB, " ".join(f"@friend{n}" for n in range(20)))
        await say(engine, "7", BOB, "@Ann")
        assert await counts(engine, ANN) == (11, 1)

    @pytest.mark.gen_test
    async def test_counts_end_at_their_limit(self, engine: Engine) -> None:
        await say(engine, "7", BOB)
        await engine.people.read(ANN.id, "7", 1)
        await asyncio.gather(*(say(engine, "7", BOB, "@Ann") for _ in range(UNREAD_LIMIT + 5)))
        assert await counts(engine, ANN) == (UNREAD_LIMIT, UNREAD_LIMIT)

    @pytest.mark.gen_test
    async def test_a_name_in_chinese_is_heard_where_the_sentence_goes_on(
        self, engine: Engine
    ) -> None:
        ming = Person("p-ming", "小明")
        await enter_as(engine, ming)
        await say(engine, "7", BOB)
        await engine.people.read(ming.id, "7", 1)
        for body in ("你好@小明今天来吗", "@小", "@小明", "@大小明"):
            await say(engine, "7", BOB, body)
        assert await counts(engine, ming) == (4, 2)

    @pytest.mark.gen_test
    async def test_the_rooms_of_somebody_are_where_they_have_read_or_a_role(
        self, engine: Engine
    ) -> None:
        await engine.begin(FRIENDS, ANN, [BOB.id])
        await say(engine, "tea", BOB)
        await say(engine, "7", CAT)
        await say(engine, "8", CAT)
        await engine.people.read(BOB.id, "7", 1)
        found = {it.room: it for it in await readings(engine, BOB)}
        assert set(found) == {FRIENDS, "tea", "7"}
        assert set(found[FRIENDS].members) == {ANN, BOB}
        assert list(found["tea"].members) == []
        for room, reading in found.items():
            assert reading.order == (await engine.tail(room, 1)).order
        assert await readings(engine, NOBODY) == []

    @pytest.mark.gen_test
    async def test_what_was_trimmed_is_not_unread(self, engine: Engine) -> None:
        await say(engine, "tea", BOB)
        await engine.people.read(ANN.id, "tea", 1)
        for n in range(5):
            await say(engine, "tea", BOB, f"@Ann {n}")
        await do(engine, "tea", BOB, Change(keep_messages=2))
        await engine.trim()
        assert await counts(engine, ANN) == (2, 2)


async def enter_as(engine: Engine, person: Person) -> None:
    await engine.people.add_session(person.id.encode(), person, person.name.casefold())


async def say(engine: Engine, room: str, author: Person, body: str = "hello") -> Any:
    return await engine.append(replace(draft(body, room), author=author))


async def do(
    engine: Engine, room: str, who: Person, deed: AnyDeed, *, administrator: bool = False
) -> Sequence[Act]:
    if administrator:
        await engine.people.claim(who, who.name.casefold(), "hash")
        await engine.people.appoint(who.id, administrator=True)
    return await engine.act(room, deed, Visitor(who))


async def readings(engine: Engine, person: Person) -> Sequence[Reading]:
    return await engine.people.readings(person, handle_of(person.name))


async def counts(engine: Engine, person: Person) -> tuple[int, int] | None:
    """Unread and mentioned in the only room of somebody."""
    found = await readings(engine, person)
    return (found[0].unread, found[0].mentioned) if found else None
