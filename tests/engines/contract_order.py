"""What every engine promises of the order of rooms, as tests. An engine's own test module inherits them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tornado.ioloop import IOLoop

from chatroom.deed import (
    FOR_EVER,
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Erasure,
    Item,
    Membership,
    Opening,
    Role,
    Trim,
)
from chatroom.engines.base import Door, Engine, Keys
from chatroom.errors import (
    ClientIdReused,
    Muted,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OwnerStays,
    RoomReadOnly,
    SlowMode,
)
from chatroom.founding import OPEN, first, unwritten
from chatroom.message import Message
from chatroom.order import Order
from chatroom.people import Person, Visitor
from tests.conftest import Clock
from tests.making import ANN, BOB, draft

EVERYTHING = 10**9
CAT, DAN, ROOT = (Person(f"p-{name}", name.title()) for name in ("cat", "dan", "root"))
NOBODY = Person("p-nobody", "Nobody")
HOUSE = Person("0", "")
FRIENDS = "private-friends"
PAIR = "private-two-ann-bob"


class OrderContract:
    """The order of rooms, whatever keeps it. Ann begins, so that named rooms are hers."""

    @pytest.fixture(autouse=True)
    def folk(self, engine: Engine, io_loop: IOLoop) -> None:
        """All have sessions; Root is an administrator."""

        async def enter() -> None:
            for person in (ANN, BOB, CAT, DAN, ROOT):
                await engine.people.add_session(person.id.encode(), person, person.name)
            await engine.people.claim(ROOT, "root", "hash")
            await engine.people.appoint(ROOT.id, administrator=True)

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

    # Who owns a room

    @pytest.mark.gen_test
    async def test_who_speaks_first_owns_a_named_room_and_no_numbered_one(
        self, engine: Engine
    ) -> None:
        for room in ("tea", "茶馆", "7", "٣"):
            await self.together(engine, say(engine, room), say(engine, room, BOB))
        assert await roles(engine, "tea") == {ANN.id: Role.OWNER} == await roles(engine, "茶馆")
        assert await order(engine, "7") == OPEN == await order(engine, "٣")
        assert await engine.members("7") == []

    @pytest.mark.gen_test
    async def test_who_acts_first_owns_nothing(self, engine: Engine) -> None:
        await do(engine, "tea", ROOT, Change(title="Tea"))
        await say(engine, "tea")
        assert await order(engine, "tea") == Order(title="Tea")

    @pytest.mark.gen_test
    async def test_there_is_one_owner_and_the_one_before_stays_a_moderator(
        self, engine: Engine
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Membership(BOB, Role.OWNER))
        assert await roles(engine, "tea") == {ANN.id: Role.MODERATOR, BOB.id: Role.OWNER}
        with pytest.raises(NotAllowed):
            await do(engine, "tea", ANN, Membership(CAT, Role.OWNER))

    @pytest.mark.gen_test
    async def test_of_two_who_are_made_owner_at_once_one_is_it(self, engine: Engine) -> None:
        await say(engine, "tea")
        done, refused = await self.together(
            engine,
            do(engine, "tea", ANN, Membership(BOB, Role.OWNER)),
            do(engine, "tea", ANN, Membership(CAT, Role.OWNER)),
        )
        assert len(done) == 1
        assert isinstance(refused, NotAllowed)
        assert await roles(engine, "tea") == {ANN.id: Role.MODERATOR, BOB.id: Role.OWNER}

    @pytest.mark.gen_test
    async def test_the_owner_stays_until_somebody_else_is_it(self, engine: Engine) -> None:
        await say(engine, "tea")
        with pytest.raises(OwnerStays):
            await do(engine, "tea", ANN, Membership(ANN, None))
        await do(engine, "tea", ANN, Membership(BOB, Role.OWNER))
        await do(engine, "tea", ANN, Membership(ANN, None))
        assert await roles(engine, "tea") == {BOB.id: Role.OWNER}

    @pytest.mark.gen_test
    async def test_members_are_named_as_they_are_called_now(self, engine: Engine) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Membership(CAT, Role.MODERATOR))
        await do(engine, "tea", ANN, Membership(BOB, Role.MEMBER))
        await engine.people.rename(Person(CAT.id, "Catherine"), "catherine")
        assert await engine.members("tea") == [
            (ANN, Role.OWNER),
            (Person(CAT.id, "Catherine"), Role.MODERATOR),
            (BOB, Role.MEMBER),
        ]
        assert await engine.members("nowhere") == []

    # What is done, and what is not

    @pytest.mark.gen_test
    async def test_an_act_is_an_entry_of_the_log_at_the_time_of_the_clock(
        self, engine: Engine, clock: Clock, delivered: list[Item]
    ) -> None:
        await say(engine, "tea")
        change = Change(title="Tea 🍵", slow=5)
        (act,) = await do(engine, "tea", ANN, change)
        assert act == Act(room="tea", offset=2, author=ANN, at=clock.now, deed=change)
        assert delivered[1:] == [act]
        assert (await engine.between("tea", 1, EVERYTHING, 10)).items == [act]
        assert (await engine.tail("tea", 10)).items[1:] == [act]

    @pytest.mark.parametrize(
        "deed",
        [
            Change(),
            Change(title="", slow=0, access=Access.OPEN),
            Membership(ANN, Role.OWNER),
            Membership(BOB, None),
            Bar(person=BOB, until=0),
            Erasure(BOB.id),
        ],
        ids=repr,
    )
    @pytest.mark.gen_test
    async def test_what_makes_no_difference_is_not_done(
        self, engine: Engine, delivered: list[Item], deed: AnyDeed
    ) -> None:
        await say(engine, "tea")
        assert await do(engine, "tea", ROOT, deed) == []
        assert len(delivered) == 1
        assert await engine.audited("tea", EVERYTHING, 10) == []

    @pytest.mark.parametrize(
        ("deed", "who", "error"),
        [
            (Change(title="mine"), BOB, NotAllowed),
            (Deletion(1), BOB, NotAllowed),
            (Deletion(99), ROOT, NotFound),
            (Deletion(2), ROOT, NotFound),
            (Erasure(ANN.id), BOB, NotAllowed),
            (Membership(BOB, Role.OWNER), BOB, NotAllowed),
            (Membership(NOBODY, Role.MEMBER), ANN, NotFound),
            (Bar(person=NOBODY, until=FOR_EVER), ANN, NotFound),
            (Membership(HOUSE, Role.MEMBER), ANN, NotFound),
            (Bar(person=ANN, until=FOR_EVER), ANN, OwnerStays),
            (Change(title="x"), NOBODY, NotSignedIn),
            (Change(title="x"), None, NotSignedIn),
        ],
        ids=repr,
    )
    @pytest.mark.gen_test
    async def test_what_is_refused_writes_nothing_and_harms_nobody(
        self,
        engine: Engine,
        delivered: list[Item],
        deed: AnyDeed,
        who: Person | None,
        error: type[Exception],
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(topic="leaves"))
        before = await order(engine, "tea")
        one, refused, other = await self.together(
            engine, say(engine, "tea"), do(engine, "tea", who, deed), say(engine, "tea", CAT)
        )
        assert type(refused) is error
        assert (one.message.offset, other.message.offset) == (3, 4)
        assert (await engine.tail("tea", 99)).items == delivered
        assert await order(engine, "tea") == before
        assert len(await engine.audited("tea", EVERYTHING, 10)) == 1
        assert not engine.failing

    @pytest.mark.parametrize(
        ("deed", "error"),
        [
            (Bar(person=BOB, until=FOR_EVER), NotFound),
            (Bar(person=BOB, until=FOR_EVER, mute=True), Muted),
            (Bar(person=CAT, until=FOR_EVER, address="192.0.2.7"), NotFound),
            (Change(read_only=True), RoomReadOnly),
            (Change(closed=True), NotFound),
            (Change(access=Access.PRIVATE), NotFound),
            (Change(access=Access.PASSWORD), NotFound),
        ],
        ids=repr,
    )
    @pytest.mark.gen_test
    async def test_whatever_is_said_behind_the_act_that_forbids_it_is_refused(
        self, engine: Engine, delivered: list[Item], deed: AnyDeed, error: type[Exception]
    ) -> None:
        await say(engine, "tea")
        theirs = {"address": "192.0.2.7"}
        before, (act,), behind, ours = await self.together(
            engine,
            say(engine, "tea", BOB, **theirs),
            do(engine, "tea", ANN, deed),
            say(engine, "tea", BOB, **theirs),
            say(engine, "tea"),
        )
        assert type(behind) is error
        assert [before.message.offset, act.offset, ours.message.offset] == [2, 3, 4]
        assert [it.offset for it in delivered] == [1, 2, 3, 4]

    @pytest.mark.gen_test
    async def test_who_was_refused_for_what_a_message_is_about_has_not_spoken_in_a_slow_room(
        self, engine: Engine
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(slow=30))
        for gone in ({"reply": 99}, {"files": ("gone",)}):
            with pytest.raises(NotFound):
                await engine.append(draft("why?", "tea", author=BOB, **gone))
        await say(engine, "tea", BOB)

    @pytest.mark.gen_test
    async def test_a_slow_room_refuses_the_second_of_two_messages(
        self, engine: Engine, clock: Clock
    ) -> None:
        await say(engine, "tea")
        _, first_, second, owners = await self.together(
            engine,
            do(engine, "tea", ANN, Change(slow=30)),
            say(engine, "tea", BOB),
            say(engine, "tea", BOB),
            say(engine, "tea"),
        )
        assert (first_.message.offset, owners.message.offset) == (3, 4)
        assert isinstance(second, SlowMode)
        assert second.retry_after == 30
        await say(engine, "tea", CAT)
        clock.forward(days=30 / 86_400)
        await say(engine, "tea", BOB)

    @pytest.mark.gen_test
    async def test_a_message_that_is_repeated_is_not_too_fast(self, engine: Engine) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(slow=30))
        await say(engine, "tea", BOB, client_id="c")
        assert (await say(engine, "tea", BOB, client_id="c")).repeated

    @pytest.mark.gen_test
    async def test_who_is_kept_out_is_not_told_what_they_said_before(self, engine: Engine) -> None:
        await say(engine, "tea")
        await say(engine, "tea", BOB, client_id="c")
        await do(engine, "tea", ANN, Bar(person=BOB, until=FOR_EVER))
        with pytest.raises(NotFound):
            await say(engine, "tea", BOB, client_id="c")

    @pytest.mark.gen_test
    async def test_a_bar_ends_when_it_says_so(self, engine: Engine, clock: Clock) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Bar(person=BOB, until=clock.now + 5))
        with pytest.raises(NotFound):
            await say(engine, "tea", BOB)
        clock.now += 5
        await say(engine, "tea", BOB)

    @pytest.mark.gen_test
    async def test_somebody_who_is_no_more_can_still_be_let_off(self, engine: Engine) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Bar(person=BOB, until=FOR_EVER))
        await engine.people.end_session(BOB.id.encode())
        assert await engine.people.person(BOB.id) is None
        await do(engine, "tea", ANN, Bar(person=BOB, until=0))
        assert (await order(engine, "tea")).bars == {}

    @pytest.mark.gen_test
    async def test_power_that_was_taken_away_is_not_believed(self, engine: Engine) -> None:
        """What a visitor was when they asked does not count: the file knows."""
        await say(engine, "tea")
        late = Visitor(ROOT, "", administrator=True)
        await engine.people.appoint(ROOT.id, administrator=False)
        with pytest.raises(NotAllowed):
            await engine.act("tea", Change(title="x"), late)
        await engine.people.bar(BOB.id, barred=True)
        with pytest.raises(NotSignedIn):
            await say(engine, "tea", BOB)

    # Conversations

    @pytest.mark.gen_test
    async def test_a_conversation_is_made_on_purpose_and_for_its_members(
        self, engine: Engine, delivered: list[Item]
    ) -> None:
        assert await engine.begin(FRIENDS, ANN, [BOB.id, CAT.id, BOB.id, ANN.id])
        assert await roles(engine, FRIENDS) == {
            ANN.id: Role.OWNER,
            BOB.id: Role.MEMBER,
            CAT.id: Role.MEMBER,
        }
        assert [it.offset for it in delivered] == [1, 2, 3]
        assert (await engine.tail(FRIENDS, 9)).items == delivered
        await say(engine, FRIENDS, BOB)
        for outsider in (DAN, ROOT):
            with pytest.raises(NotFound):
                await say(engine, FRIENDS, outsider)

    @pytest.mark.gen_test
    async def test_two_who_begin_at_once_have_one_conversation(self, engine: Engine) -> None:
        begun = await self.together(
            engine, engine.begin(PAIR, ANN, [BOB.id]), engine.begin(PAIR, BOB, [ANN.id])
        )
        assert begun == [True, False]
        assert await order(engine, PAIR) == Order(
            access=Access.PRIVATE,
            direct=True,
            roles={ANN.id: Role.MEMBER, BOB.id: Role.MEMBER},
        )

    @pytest.mark.parametrize("room", [PAIR, FRIENDS])
    @pytest.mark.gen_test
    async def test_who_is_no_more_cannot_be_talked_to(
        self, engine: Engine, delivered: list[Item], room: str
    ) -> None:
        refused, _, unknown = await self.together(
            engine,
            engine.begin(room, ANN, [NOBODY.id]),
            say(engine, "tea"),
            engine.begin(room, NOBODY, [ANN.id]),
        )
        assert isinstance(refused, NotFound)
        assert refused.field == "person"
        assert isinstance(unknown, NotSignedIn)
        assert len(delivered) == 1
        assert await engine.begin(room, ANN, [BOB.id])

    @pytest.mark.gen_test
    async def test_a_conversation_of_others_looks_like_one_that_is_not_there(
        self, engine: Engine
    ) -> None:
        await engine.begin(FRIENDS, ANN, [BOB.id])
        await engine.begin(PAIR, ANN, [BOB.id])
        for room, missing in ((FRIENDS, "private-none"), (PAIR, "private-two-none")):
            for who in (DAN, ROOT):
                for ask in (
                    lambda room, who=who: say(engine, room, who),
                    lambda room, who=who: do(engine, room, who, Change(title="x")),
                    lambda room, who=who: do(engine, room, who, Deletion(1)),
                    lambda room, who=who: do(engine, room, who, Membership(who, None)),
                ):
                    there, nowhere = await self.together(engine, ask(room), ask(missing))
                    assert type(there) is type(nowhere) is NotFound
                    assert (there.field, there.values) == (nowhere.field, nowhere.values)
                assert (await order(engine, missing)).admit == unwritten(missing).admit
        assert (await engine.tail("private-none", 9)).items == []

    @pytest.mark.gen_test
    async def test_talking_begins_no_conversation(
        self, engine: Engine, delivered: list[Item]
    ) -> None:
        for room in (FRIENDS, PAIR):
            with pytest.raises(NotFound):
                await say(engine, room)
        assert delivered == []
        assert await engine.begin(FRIENDS, BOB, [CAT.id])

    @pytest.mark.gen_test
    async def test_who_was_let_in_at_the_door_is_a_member(self, engine: Engine) -> None:
        await engine.begin(FRIENDS, ANN, [BOB.id])
        join = Membership(CAT, Role.MEMBER), Visitor(CAT, "")
        shown = Keys(shown=Door(None, b"token"))
        with pytest.raises(NotFound):
            await engine.act(FRIENDS, *join, shown)
        await engine.set_door(FRIENDS, Door(None, b"token"), Visitor(ANN))
        (act,) = await engine.act(FRIENDS, *join, shown)
        assert act.author == CAT
        await say(engine, FRIENDS, CAT)

    @pytest.mark.gen_test
    async def test_whoever_is_put_out_meanwhile_is_not_let_in(self, engine: Engine) -> None:
        await engine.begin(FRIENDS, ANN, [BOB.id, CAT.id])
        await engine.set_door(FRIENDS, Door(None, b"token"), Visitor(ANN))
        shown = Keys(shown=Door(None, b"token"))
        await do(engine, FRIENDS, ANN, Membership(CAT, None))
        with pytest.raises(NotFound):
            await engine.act(FRIENDS, Membership(CAT, Role.MEMBER), Visitor(CAT, ""), shown)

    @pytest.mark.gen_test
    async def test_a_room_is_shut_and_has_its_password_in_one(self, engine: Engine) -> None:
        await say(engine, "tea")
        change, old = Change(access=Access.PASSWORD), Keys(shown=Door("old", None))
        await engine.act("tea", change, Visitor(ANN), Keys(new=Door("old", None)))
        await engine.act("tea", change, Visitor(ANN), Keys(new=Door("new", None)))
        assert await engine.door("tea") == Door("new", None)
        with pytest.raises(NotFound):
            await engine.act("tea", Membership(BOB, Role.MEMBER), Visitor(BOB), old)
        shown = Keys(shown=Door("new", None))
        assert await engine.act("tea", Membership(BOB, Role.MEMBER), Visitor(BOB), shown)
        deeds = [it.deed for it in await engine.audited("tea", EVERYTHING, 9)]
        assert deeds[1:] == [Opening(password=True, invitation=False)] * 2 + [change]

    # What is deleted

    @pytest.mark.gen_test
    async def test_a_deleted_message_has_no_text_and_stays_where_it_was(
        self, engine: Engine
    ) -> None:
        await say(engine, "7", body="secret @Bob", client_id="c")
        await say(engine, "7", BOB)
        await do(engine, "7", ANN, Deletion(1))
        blank, other, act = (await engine.between("7", 0, EVERYTHING, 10)).items
        assert isinstance(blank, Message)
        assert (blank.body, blank.html, blank.client_id) == ("", "", "c")
        assert isinstance(other, Message)
        assert other.body
        assert isinstance(act, Act)
        assert act.deed == Deletion(1)

    @pytest.mark.gen_test
    async def test_what_is_deleted_already_is_not_deleted_again(self, engine: Engine) -> None:
        await say(engine, "7")
        done = await self.together(
            engine, do(engine, "7", ANN, Deletion(1)), do(engine, "7", ROOT, Deletion(1))
        )
        assert [len(it) for it in done] == [1, 0]

    @pytest.mark.gen_test
    async def test_a_deleted_message_that_is_said_again_is_that_message(
        self, engine: Engine, delivered: list[Item]
    ) -> None:
        await say(engine, "7", client_id="c")
        await do(engine, "7", ANN, Deletion(1))
        again = await say(engine, "7", client_id="c")
        assert again.repeated
        assert (again.message.offset, again.message.body) == (1, "")
        assert len(delivered) == 2
        await say(engine, "7", client_id="d")
        with pytest.raises(ClientIdReused):
            await say(engine, "7", body="another", client_id="d")

    @pytest.mark.gen_test
    async def test_an_erasure_takes_all_that_somebody_has_said_there_so_far(
        self, engine: Engine
    ) -> None:
        for room, author in (("7", BOB), ("7", ANN), ("7", BOB), ("8", BOB)):
            await say(engine, room, author)
        await do(engine, "7", ROOT, Erasure(BOB.id))
        await say(engine, "7", BOB)
        items = (await engine.tail("7", 9)).items
        bodies = [it.body for it in items if isinstance(it, Message)]
        assert [bool(it) for it in bodies] == [False, True, False, True]
        assert all(it.body for it in (await engine.tail("8", 9)).items)  # type: ignore[union-attr]
        assert len(await do(engine, "7", ROOT, Erasure(BOB.id))) == 1
        assert await do(engine, "7", ROOT, Erasure(BOB.id)) == []

    # The door and the audit

    @pytest.mark.gen_test
    async def test_a_door_keeps_what_it_is_not_told_anew(self, engine: Engine) -> None:
        await say(engine, "tea")
        assert await engine.door("tea") == Door(None, None) == await engine.door("nowhere")
        await engine.set_door("tea", Door("hash", None), Visitor(ANN))
        await engine.set_door("tea", Door(None, b"token"), Visitor(ANN))
        assert await engine.door("tea") == Door("hash", b"token")

    @pytest.mark.gen_test
    async def test_the_audit_knows_who_did_what_the_newest_first(
        self, engine: Engine, clock: Clock
    ) -> None:
        await say(engine, "tea")
        bar = Bar(person=BOB, until=FOR_EVER, address="192.0.2.1")
        deeds: list[AnyDeed] = [Change(title="Tea"), bar, Deletion(1)]
        for deed in deeds:
            await do(engine, "tea", ANN, deed)
        await do(engine, "7", ROOT, Change(title="Seven"))
        found = await engine.audited("tea", EVERYTHING, 10)
        deeds[1] = replace(bar, address="")  # moderators do not learn from where somebody comes
        assert [it.deed for it in found] == deeds[::-1]
        assert {(it.author, it.at) for it in found} == {(ANN, clock.now)}
        newest, older = found[:1], await engine.audited("tea", found[0].id, 1)
        assert list(older) == found[1:2]
        assert newest[0].id > older[0].id

    # What a room keeps

    @pytest.mark.gen_test
    async def test_a_room_lets_go_of_what_is_too_old(
        self, engine: Engine, clock: Clock, delivered: list[Item]
    ) -> None:
        for _ in range(3):
            await say(engine, "tea")
            clock.forward(days=1)
        await do(engine, "tea", ANN, Change(keep_days=3))
        await engine.trim()
        assert not any(isinstance(it, Act) and isinstance(it.deed, Trim) for it in delivered)
        clock.now += 1
        await engine.trim()
        trim = delivered[-1]
        assert isinstance(trim, Act)
        assert (trim.deed, trim.author, trim.offset) == (Trim(1), HOUSE, 5)
        assert [it.offset for it in (await engine.tail("tea", 9)).items] == [2, 3, 4, 5]
        assert [it.offset for it in (await engine.between("tea", 0, 9, 9)).items] == [2, 3, 4, 5]
        assert (await order(engine, "tea")).trimmed == 1

    @pytest.mark.gen_test
    async def test_a_room_lets_go_of_what_is_too_much_and_counts_messages_only(
        self, engine: Engine
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(keep_messages=3))
        for n in range(5):
            await say(engine, "tea", body=str(n))
            await do(engine, "tea", ANN, Change(topic=str(n)))
        for _ in range(3):  # what it says of it pushes nothing out
            await engine.trim()
        items = (await engine.tail("tea", 99)).items
        assert [it.body for it in items if isinstance(it, Message)] == ["2", "3", "4"]
        assert sum(isinstance(it, Act) and isinstance(it.deed, Trim) for it in items) == 1

    @pytest.mark.gen_test
    async def test_a_room_in_which_nobody_speaks_stays_as_it_is(
        self, engine: Engine, clock: Clock, delivered: list[Item]
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(keep_days=1, keep_messages=1))
        clock.forward(days=3)
        await engine.trim()
        trimmed = len(delivered)
        assert trimmed == 3
        for _ in range(3):
            clock.forward(days=30)
            await engine.trim()
        assert len(delivered) == trimmed
        assert (await engine.tail("tea", 9)).items == delivered[2:]
        assert (await roles(engine, "tea")) == {ANN.id: Role.OWNER}

    @pytest.mark.gen_test
    async def test_trimming_takes_more_than_one_step_and_no_other_room(
        self, engine: Engine
    ) -> None:
        await asyncio.gather(*(say(engine, room, body=room) for room in ["7", "8"] * 700))
        await do(engine, "7", ROOT, Change(keep_messages=10))
        await engine.trim()
        assert len((await engine.between("7", 0, EVERYTHING, 9999)).items) == 12
        assert len((await engine.between("8", 0, EVERYTHING, 9999)).items) == 700
        assert (await say(engine, "7")).message.offset == 703

    @pytest.mark.gen_test
    async def test_what_was_trimmed_may_be_said_again(self, engine: Engine) -> None:
        await say(engine, "tea", client_id="c")
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(keep_messages=1))
        await engine.trim()
        again = await say(engine, "tea", client_id="c")
        assert (again.repeated, again.message.offset) == (False, 5)

    @pytest.mark.gen_test
    async def test_a_room_that_keeps_everything_again_is_not_trimmed(
        self, engine: Engine, clock: Clock, delivered: list[Item]
    ) -> None:
        await say(engine, "tea")
        await do(engine, "tea", ANN, Change(keep_days=1))
        await do(engine, "tea", ANN, Change(keep_days=0))
        clock.forward(days=9)
        await engine.trim()
        assert len(delivered) == 3

    # All of it

    @pytest.mark.gen_test
    async def test_the_order_of_a_room_is_the_sum_of_what_was_delivered(
        self, engine: Engine, clock: Clock, delivered: list[Item]
    ) -> None:
        await say(engine, "tea")
        await engine.begin(FRIENDS, ANN, [BOB.id])
        for deed in (
            Change(title="Tea", topic="leaves", slow=3, keep_messages=1),
            Membership(BOB, Role.MODERATOR),
            Bar(person=CAT, until=FOR_EVER, address="192.0.2.1"),
            Bar(person=DAN, until=FOR_EVER, mute=True),
            Membership(BOB, Role.OWNER),
        ):
            await do(engine, "tea", ROOT, deed)
        await say(engine, "tea", BOB)
        await engine.trim()
        for room in ("tea", FRIENDS):
            assert folded(room, delivered) == await order(engine, room)
        assert (await order(engine, "tea")).trimmed == 1


def folded(room: str, items: Iterable[Item]) -> Order:
    """The order of a room, as whoever has heard all of its items knows it."""
    found = unwritten(room)
    for item in items:
        if item.room == room and isinstance(item, Act):
            found = found.after(item)
        elif item.room == room and item.offset == 1:
            found = first(room, item.author)
    return found


async def order(engine: Engine, room: str) -> Order:
    return (await engine.tail(room, 1)).order


async def roles(engine: Engine, room: str) -> dict[str, Role]:
    found = (await order(engine, room)).roles
    members = await engine.members(room)
    assert {it.person.id: it.role for it in members} == found
    return dict(found)


async def say(
    engine: Engine, room: str, author: Person = ANN, body: str = "hello", **more: str
) -> Any:
    return await engine.append(replace(draft(body, room), author=author, **more))


async def do(engine: Engine, room: str, who: Person | None, deed: AnyDeed) -> Sequence[Act]:
    return list(await engine.act(room, deed, Visitor(who, "192.0.2.1")))
