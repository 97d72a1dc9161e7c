"""What every engine promises of messages that are answered and changed, as tests. An engine's own inherit them."""

from __future__ import annotations

from typing import Any

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import (
    FOR_EVER,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Item,
    Reaction,
)
from chatroom.engines.base import Engine
from chatroom.errors import (
    ClientIdReused,
    Muted,
    NotAllowed,
    NotFound,
    RoomReadOnly,
    SlowMode,
    TooManyEmoji,
)
from chatroom.message import EMOJI_LIMIT, Message, Quoted
from chatroom.people import Person
from tests.conftest import Clock
from tests.engines.contract_order import CAT, EVERYTHING, do, say
from tests.making import ANN, BOB

BETTER = Edit(1, "better", "<p>better</p>")
SECOND = 1_000_000  # microseconds


class TextsContract:
    """Ann owns the room `tea`, and has said `hello` there first."""

    @pytest.fixture(autouse=True)
    def folk(self, engine: Engine, io_loop: IOLoop) -> None:
        async def enter() -> None:
            for person in (ANN, BOB, CAT):
                await engine.people.add_session(person.id.encode(), person, person.name)
            await say(engine, "tea")

        io_loop.run_sync(enter)

    async def first(self, engine: Engine) -> Message:
        """The first message, as it is now."""
        (found,) = (await engine.between("tea", 0, 2, 1)).items
        assert isinstance(found, Message)
        return found

    @pytest.mark.gen_test
    async def test_an_edit_is_an_entry_that_brings_the_message_as_it_is(
        self, engine: Engine, clock: Clock
    ) -> None:
        delivered: list[Item] = []
        engine.subscribe(delivered.extend)
        clock.forward(1)
        (done,) = await do(engine, "tea", ANN, BETTER)
        now = await self.first(engine)
        assert (now.body, now.html, now.edited_at) == ("better", "<p>better</p>", clock())
        assert (done.deed, done.offset, done.message) == (Edit(1), 2, now)
        assert delivered == [done] == list((await engine.between("tea", 1, 9, 9)).items)

    @pytest.mark.gen_test
    async def test_an_old_edit_brings_the_message_of_now(self, engine: Engine) -> None:
        await do(engine, "tea", ANN, BETTER)
        await do(engine, "tea", ANN, Edit(1, "best", "<p>best</p>"))
        items = (await engine.between("tea", 1, 9, 9)).items
        assert [it.message.body for it in items if isinstance(it, Act) and it.message] == [
            "best"
        ] * 2

    @pytest.mark.gen_test
    async def test_the_same_words_again_change_nothing(self, engine: Engine, clock: Clock) -> None:
        await do(engine, "tea", ANN, BETTER)
        before = await self.first(engine)
        clock.forward(1)
        assert await do(engine, "tea", ANN, BETTER) == []
        assert await self.first(engine) == before
        assert len((await engine.between("tea", 0, EVERYTHING, 9)).items) == 2

    @pytest.mark.gen_test
    async def test_nobody_edits_what_somebody_else_has_said(self, engine: Engine) -> None:
        await say(engine, "tea", BOB)
        for who, edit in ((BOB, BETTER), (ANN, Edit(2, "x", "x"))):
            with pytest.raises(NotAllowed):
                await do(engine, "tea", who, edit)
        assert (await self.first(engine)).body == "hello"

    @pytest.mark.gen_test
    async def test_only_what_is_there_is_changed(self, engine: Engine) -> None:
        await do(engine, "tea", ANN, Change(topic="x"))  # an entry, and no message
        await say(engine, "tea")
        await do(engine, "tea", ANN, Deletion(3))
        for target in (2, 3, 99):
            for deed in (Edit(target, "x", "x"), Reaction(target, "👍", on=True)):
                with pytest.raises((NotFound, NotAllowed)):
                    await do(engine, "tea", ANN, deed)

    @pytest.mark.gen_test
    @pytest.mark.parametrize("deed", [Edit(2, "x", "x"), Reaction(1, "👍", on=True)])
    async def test_who_may_not_speak_does_not_get_round_it(
        self, engine: Engine, deed: AnyDeed
    ) -> None:
        await say(engine, "tea", BOB)
        await do(engine, "tea", ANN, Bar(person=BOB, until=FOR_EVER, mute=True))
        with pytest.raises(Muted):
            await do(engine, "tea", BOB, deed)
        await do(engine, "tea", ANN, Bar(person=BOB, until=0, mute=True))
        await do(engine, "tea", ANN, Change(read_only=True))
        with pytest.raises(RoomReadOnly):
            await do(engine, "tea", BOB, deed)

    @pytest.mark.gen_test
    async def test_in_a_slow_room_what_was_said_last_is_put_right_once_and_then_there_is_a_pause(
        self, engine: Engine, clock: Clock
    ) -> None:
        await do(engine, "tea", ANN, Change(slow=60))
        said = (await say(engine, "tea", BOB)).message.offset
        clock.now += 5 * SECOND
        await do(engine, "tea", BOB, Edit(said, "helo", "helo"))
        clock.now += 5 * SECOND
        assert await do(engine, "tea", BOB, Edit(said, "helo", "helo")) == []  # a repeat
        with pytest.raises(SlowMode) as refused:
            await do(engine, "tea", BOB, Edit(said, "hello", "hello"))
        assert refused.value.retry_after == 55
        with pytest.raises(SlowMode):
            await say(engine, "tea", BOB)
        clock.now += 55 * SECOND
        await do(engine, "tea", BOB, Edit(said, "hello", "hello"))

    @pytest.mark.gen_test
    async def test_in_a_slow_room_an_edit_of_what_is_older_is_like_a_message(
        self, engine: Engine, clock: Clock
    ) -> None:
        (first, second) = [(await say(engine, "tea", BOB)).message.offset for _ in range(2)]
        await do(engine, "tea", ANN, Change(slow=60))
        clock.now += SECOND
        await do(engine, "tea", BOB, Edit(first, "1", "1"))
        clock.now += 5 * SECOND
        with pytest.raises(SlowMode):
            await do(engine, "tea", BOB, Edit(second, "2", "2"))
        await do(engine, "tea", BOB, Reaction(1, "👍", on=True))

    @pytest.mark.gen_test
    async def test_moderators_edit_in_a_slow_room_as_they_like(
        self, engine: Engine, clock: Clock
    ) -> None:
        await do(engine, "tea", ANN, Change(slow=60))
        for body in ("1", "2", "3"):
            clock.now += SECOND
            await do(engine, "tea", ANN, Edit(1, body, body))
        assert (await self.first(engine)).body == "3"

    @pytest.mark.gen_test
    async def test_reactions_are_kept_in_their_order_once_for_each_person(
        self, engine: Engine
    ) -> None:
        for who, emoji in ((BOB, "👍"), (ANN, "🎉"), (ANN, "👍"), (BOB, "👍")):
            await do(engine, "tea", who, Reaction(1, emoji, on=True))
        assert (await self.first(engine)).reactions == {"👍": [BOB, ANN], "🎉": [ANN]}
        assert len((await engine.between("tea", 1, EVERYTHING, 9)).items) == 3

    @pytest.mark.gen_test
    async def test_a_reaction_is_taken_back_by_whose_it_is(self, engine: Engine) -> None:
        await do(engine, "tea", BOB, Reaction(1, "👍", on=True))
        assert await do(engine, "tea", ANN, Reaction(1, "👍", on=False)) == []
        (done,) = await do(engine, "tea", BOB, Reaction(1, "👍", on=False))
        assert done.message == await self.first(engine)
        assert (await self.first(engine)).reactions == {}

    @pytest.mark.gen_test
    async def test_there_are_so_many_different_emoji_and_no_more(self, engine: Engine) -> None:
        many = [chr(0x1F600 + n) for n in range(EMOJI_LIMIT)]
        for emoji in many:
            await do(engine, "tea", BOB, Reaction(1, emoji, on=True))
        with pytest.raises(TooManyEmoji):
            await do(engine, "tea", ANN, Reaction(1, "👍", on=True))
        await do(engine, "tea", ANN, Reaction(1, many[0], on=True))
        assert list((await self.first(engine)).reactions) == many

    @pytest.mark.gen_test
    async def test_neither_is_an_affair_of_those_who_keep_order(self, engine: Engine) -> None:
        await do(engine, "tea", ANN, BETTER)
        await do(engine, "tea", BOB, Reaction(1, "👍", on=True))
        assert await engine.audited("tea", EVERYTHING, 9) == []

    @pytest.mark.gen_test
    @pytest.mark.parametrize("gone", [Deletion(1), Erasure(ANN.id)])
    async def test_what_is_gone_leaves_nothing_behind(self, engine: Engine, gone: AnyDeed) -> None:
        await do(engine, "tea", ANN, BETTER)
        await do(engine, "tea", BOB, Reaction(1, "👍", on=True))
        await do(engine, "tea", ANN, gone)
        found = await self.first(engine)
        assert (found.body, found.html, found.edited_at, found.reactions) == ("", "", None, {})
        acts = (await engine.between("tea", 1, 4, 9)).items
        assert [it.message for it in acts if isinstance(it, Act)] == [found, found]

    @pytest.mark.gen_test
    async def test_an_act_outlives_the_message_that_is_trimmed(
        self, engine: Engine, clock: Clock
    ) -> None:
        await do(engine, "tea", ANN, Change(keep_days=1))
        clock.forward(2)
        await do(engine, "tea", ANN, BETTER)
        await say(engine, "tea")
        await engine.trim()
        (done, *_) = (await engine.between("tea", 2, EVERYTHING, 9)).items
        assert isinstance(done, Act)
        assert (done.deed, done.message) == (Edit(1), None)

    @pytest.mark.gen_test
    async def test_an_answer_knows_whom_it_answers(self, engine: Engine) -> None:
        await self.answer(engine, 1)
        await engine.people.rename(Person(ANN.id, "Anna"), "anna")
        (answer,) = (await engine.between("tea", 1, 3, 1)).items
        assert isinstance(answer, Message)
        assert answer.reply == Quoted(1, ANN)

    @pytest.mark.gen_test
    async def test_only_what_is_there_is_answered(self, engine: Engine) -> None:
        await do(engine, "tea", ANN, Change(topic="x"))
        await do(engine, "tea", ANN, Deletion(1))
        for target in (0, 1, 2, 99):
            with pytest.raises(NotFound):
                await self.answer(engine, target)
        assert len((await engine.between("tea", 0, EVERYTHING, 9)).items) == 3

    @pytest.mark.gen_test
    async def test_a_repeat_is_known_also_when_the_text_was_edited(self, engine: Engine) -> None:
        await say(engine, "tea", body="one", client_id="c")
        await do(engine, "tea", ANN, Edit(2, "two", "<p>two</p>"))
        message, repeated = await say(engine, "tea", body="one", client_id="c")
        assert (message.body, repeated) == ("two", True)

    @pytest.mark.gen_test
    async def test_a_client_id_does_not_stand_for_other_files(self, engine: Engine) -> None:
        await say(engine, "tea", client_id="c")
        with pytest.raises(ClientIdReused):
            await say(engine, "tea", client_id="c", files=("f",))

    @pytest.mark.gen_test
    async def test_files_that_nobody_has_sent_belong_to_no_message(self, engine: Engine) -> None:
        with pytest.raises(NotFound):
            await say(engine, "tea", files=("f",))
        assert len((await engine.between("tea", 0, EVERYTHING, 9)).items) == 1

    async def answer(self, engine: Engine, target: int) -> Any:
        """What Bob says to it."""
        return await say(engine, "tea", BOB, reply=target)
