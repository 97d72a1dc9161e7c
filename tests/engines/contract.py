"""What every engine promises, as tests. An engine's own test module inherits them and brings an `engine` fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines.base import Engine
from chatroom.errors import ClientIdReused, Closing, NotSignedIn
from chatroom.message import Message
from chatroom.people import Person
from tests.conftest import Clock
from tests.making import ANN, BOB, draft

EVERYTHING = 10**9


class EngineContract:
    """Log and people, whatever keeps them."""

    @pytest.fixture
    def delivered(self, engine: Engine) -> list[Message]:
        """What the engine has delivered so far."""
        found: list[Message] = []

        def deliver(messages: Iterable[Message]) -> None:
            found.extend(messages)

        engine.subscribe(deliver)
        return found

    @pytest.fixture(autouse=True)
    def people(self, engine: Engine, io_loop: IOLoop) -> None:
        """Ann and Bob have sessions."""
        io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, ANN.name))
        io_loop.run_sync(lambda: engine.people.add_session(b"bob", BOB, BOB.name))

    @pytest.mark.gen_test
    async def test_offsets_are_dense_in_each_room(self, engine: Engine) -> None:
        rooms = ["7", "8", "7", "7", "8"]
        appended = [await engine.append(draft(room=room)) for room in rooms]
        assert [it.message.offset for it in appended] == [1, 1, 2, 3, 2]
        assert not any(it.repeated for it in appended)

    @pytest.mark.gen_test
    async def test_a_message_is_what_the_draft_said_at_the_time_of_the_clock(
        self, engine: Engine, clock: Clock
    ) -> None:
        (message, _) = await engine.append(draft("你好\n*there*", client_id="c1"))
        assert message == Message(
            room="7",
            offset=1,
            author=ANN,
            body="你好\n*there*",
            html="<p>你好\n*there*</p>",
            at=clock.now,
            client_id="c1",
        )
        assert (await engine.between("7", 0, EVERYTHING, 10)).items == [message]

    @pytest.mark.gen_test
    async def test_many_at_once_are_delivered_in_the_order_of_their_offsets(
        self, engine: Engine, delivered: list[Message]
    ) -> None:
        posts = [engine.append(draft(str(n), room=str(n % 3))) for n in range(300)]
        appended = await asyncio.gather(*posts)
        assert len(delivered) == 300
        for room in "012":
            assert [it.offset for it in delivered if it.room == room] == list(range(1, 101))
        assert {(it.message.room, it.message.offset) for it in appended} == {
            (it.room, it.offset) for it in delivered
        }

    @pytest.mark.gen_test
    async def test_a_message_is_delivered_before_its_author_is_told(
        self, engine: Engine, delivered: list[Message]
    ) -> None:
        (message, _) = await engine.append(draft())
        assert delivered == [message]

    @pytest.mark.gen_test
    async def test_the_same_client_id_is_the_same_message(
        self, engine: Engine, delivered: list[Message]
    ) -> None:
        first = await engine.append(draft(client_id="c1"))
        again = await engine.append(draft(client_id="c1"))
        assert again.message == first.message
        assert again.repeated
        assert len(delivered) == 1

    @pytest.mark.gen_test
    async def test_the_same_client_id_twice_at_once_is_one_message(
        self, engine: Engine, delivered: list[Message]
    ) -> None:
        found = await asyncio.gather(*(engine.append(draft(client_id="c1")) for _ in range(20)))
        assert {it.message.offset for it in found} == {1}
        assert sorted(it.repeated for it in found) == [False] + [True] * 19
        assert len(delivered) == 1

    @pytest.mark.gen_test
    async def test_a_client_id_is_its_authors_and_its_rooms_own(self, engine: Engine) -> None:
        await engine.append(draft(client_id="c1"))
        assert not (await engine.append(draft(client_id="c1", room="8"))).repeated
        assert not (await engine.append(draft(client_id="c1", author=BOB))).repeated

    @pytest.mark.gen_test
    async def test_a_client_id_for_another_text_is_refused_and_harms_nobody(
        self, engine: Engine, delivered: list[Message]
    ) -> None:
        await engine.append(draft(client_id="c1"))
        refused, taken = await asyncio.gather(
            engine.append(draft("other", client_id="c1")),
            engine.append(draft("another")),
            return_exceptions=True,
        )
        assert isinstance(refused, ClientIdReused)
        assert not isinstance(taken, BaseException)
        assert [it.offset for it in delivered] == [1, 2]

    @pytest.mark.gen_test
    async def test_a_range_is_open_at_both_ends_and_keeps_the_newest(self, engine: Engine) -> None:
        for n in range(1, 11):
            await engine.append(draft(str(n)))
        page = await engine.between("7", 2, 9, 3)
        assert [it.offset for it in page.items] == [6, 7, 8]
        assert page.more
        page = await engine.between("7", 2, 9, 6)
        assert [it.offset for it in page.items] == [3, 4, 5, 6, 7, 8]
        assert not page.more

    @pytest.mark.gen_test
    async def test_tails_are_the_newest_of_each_room(self, engine: Engine) -> None:
        for n in range(5):
            await engine.append(draft(str(n)))
        await engine.append(draft(room="8"))
        tails = [await engine.tail(room, 3) for room in ("8", "7", "nowhere")]
        assert [[it.offset for it in tail.items] for tail in tails] == [[1], [3, 4, 5], []]

    @pytest.mark.gen_test
    async def test_a_session_is_found_by_its_token_only(self, engine: Engine, clock: Clock) -> None:
        session = await engine.people.session(b"ann")
        assert session is not None
        assert (session.person, session.used_at) == (ANN, clock.now)
        assert await engine.people.session(b"nobody") is None

    @pytest.mark.gen_test
    async def test_a_new_name_is_for_new_messages(self, engine: Engine) -> None:
        (old, _) = await engine.append(draft())
        await engine.people.rename(Person(ANN.id, "Anna"), "anna")
        session = await engine.people.session(b"ann")
        assert session is not None
        assert session.person == Person(ANN.id, "Anna")
        assert (await engine.between("7", 0, EVERYTHING, 1)).items == [old]

    @pytest.mark.gen_test
    async def test_sessions_that_are_not_used_end(self, engine: Engine, clock: Clock) -> None:
        await engine.append(draft())
        clock.forward(days=10)
        await engine.people.touch(b"bob")
        await engine.people.expire(clock.now - 1)
        assert await engine.people.session(b"ann") is None
        assert await engine.people.session(b"bob") is not None
        assert len((await engine.between("7", 0, EVERYTHING, 1)).items) == 1

    @pytest.mark.gen_test
    async def test_a_session_ends_and_its_owner_stays_for_what_was_said(
        self, engine: Engine
    ) -> None:
        await engine.append(draft())
        for token in (b"ann", b"bob", b"ann", b"nobody"):
            await engine.people.end_session(token)
            assert await engine.people.session(token) is None
        assert len((await engine.between("7", 0, EVERYTHING, 1)).items) == 1
        await engine.append(draft("still Ann"))
        with pytest.raises(NotSignedIn):
            await engine.append(draft(author=BOB))

    @pytest.mark.gen_test
    async def test_whoever_changes_their_name_is_here(self, engine: Engine, clock: Clock) -> None:
        clock.forward(days=10)
        await engine.people.rename(Person(ANN.id, "Anna"), "anna")
        await engine.people.expire(clock.now)
        assert await engine.people.session(b"ann") is not None
        assert await engine.people.session(b"bob") is None

    @pytest.mark.gen_test
    async def test_many_sessions_end_as_surely_as_one(self, engine: Engine, clock: Clock) -> None:
        tokens = [f"guest-{n}".encode() for n in range(1100)]
        guests = [Person(f"p-{n}", f"guest-{n}") for n in range(1100)]
        keys = [guest.name for guest in guests]
        await asyncio.gather(*map(engine.people.add_session, tokens, guests, keys))
        clock.forward(days=10)
        await engine.people.expire(clock.now)
        assert [await engine.people.session(token) for token in tokens] == [None] * 1100

    @pytest.mark.gen_test
    async def test_who_is_no_more_says_nothing_and_harms_nobody(
        self, engine: Engine, clock: Clock, delivered: list[Message]
    ) -> None:
        clock.forward(days=10)
        await engine.people.touch(b"bob")
        await engine.people.expire(clock.now)
        refused, taken = await asyncio.gather(
            engine.append(draft()), engine.append(draft(author=BOB)), return_exceptions=True
        )
        assert isinstance(refused, NotSignedIn)
        assert not isinstance(taken, BaseException)
        assert [it.offset for it in delivered] == [1]
        assert not engine.failing

    @pytest.mark.gen_test
    async def test_after_the_end_nothing_is_taken(self, engine: Engine) -> None:
        last = asyncio.ensure_future(engine.append(draft()))
        await asyncio.sleep(0)
        await engine.close()
        assert (await last).message.offset == 1
        with pytest.raises(Closing):
            await engine.append(draft())

    def test_an_epoch_has_the_form_of_the_protocol(self, engine: Engine) -> None:
        assert len(engine.epoch) == 8
        assert engine.epoch.isascii()
        assert engine.epoch.isalnum()
        assert engine.epoch == engine.epoch.lower()
