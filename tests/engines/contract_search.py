"""What every engine promises of searching: what is found, in which order, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Access, Change, Deletion, Edit, Erasure, Membership, Role
from chatroom.engines.base import Engine, Found, Place, Wanted
from chatroom.errors import NotFound, NotSignedIn
from chatroom.people import Person, Visitor
from chatroom.words import phrases
from tests.conftest import Clock
from tests.making import ANN, BOB, draft

CAT = Person("p-cat", "Cat")
NOBODY = Visitor(None)


class SearchContract:
    """Ann, Bob and Cat are there; Ann reads in the rooms tea and 7."""

    @pytest.fixture(autouse=True)
    def people(self, engine: Engine, io_loop: IOLoop) -> None:
        for person in (ANN, BOB, CAT):
            token, key = person.id.encode(), person.name.lower()
            io_loop.run_sync(
                lambda it=person, by=token, of=key: engine.people.add_session(by, it, of)
            )

    @pytest.mark.gen_test
    async def test_what_was_just_said_is_found_the_newest_first(self, engine: Engine) -> None:
        for n in range(3):
            await engine.append(draft(f"green tea {n}", "tea"))
        await engine.append(draft("black coffee", "tea"))
        found = await look(engine, "tea", room="tea")
        assert found == Found(found.messages, more=False, complete=True)
        assert bodies(found) == ["green tea 2", "green tea 1", "green tea 0"]

    @pytest.mark.gen_test
    async def test_what_is_found_is_the_whole_message(self, engine: Engine) -> None:
        (message, _) = await engine.append(draft("green tea", "tea"))
        assert (await look(engine, "green", room="tea")).messages == [message]

    @pytest.mark.gen_test
    async def test_several_words_have_to_be_there_in_any_order(self, engine: Engine) -> None:
        for text in ("milk and tea", "tea without", "tea, Milk"):
            await engine.append(draft(text, "tea"))
        assert bodies(await look(engine, "milk tea", room="tea")) == ["tea, Milk", "milk and tea"]

    @pytest.mark.parametrize("query", ["京", "北京", "天气", "天"])
    @pytest.mark.gen_test
    async def test_chinese_words_of_one_and_two_characters_are_found(
        self, engine: Engine, query: str
    ) -> None:
        await engine.append(draft("北京的天气很好", "tea"))
        await engine.append(draft("上海", "tea"))
        assert bodies(await look(engine, query, room="tea")) == ["北京的天气很好"]

    @pytest.mark.gen_test
    async def test_a_run_of_characters_is_found_as_it_stands_only(self, engine: Engine) -> None:
        await engine.append(draft("京北有天", "tea"))
        assert bodies(await look(engine, "北京", room="tea")) == []
        assert bodies(await look(engine, "北 京", room="tea")) == ["京北有天"]

    @pytest.mark.parametrize(
        "query", ["カフェ", "ｶﾌｪ", "한국", "café", "CAFE", "Straße", "สวัส", "🎉"]
    )
    @pytest.mark.gen_test
    async def test_scripts_case_width_and_accents_make_no_difference(
        self, engine: Engine, query: str
    ) -> None:
        await engine.append(draft("カフェ 한국어 Café STRASSE สวัสดี 🎉", "tea"))
        assert len((await look(engine, query, room="tea")).messages) == 1

    @pytest.mark.parametrize(
        "query",
        ['"', "tea*", "tea OR", "NEAR(tea)", "said:tea", "-tea", "(tea", "tea AND NOT", "^tea"],
    )
    @pytest.mark.gen_test
    async def test_nothing_that_is_typed_is_a_command(self, engine: Engine, query: str) -> None:
        await engine.append(draft("near tea or and not said: tea", "tea"))
        await engine.append(draft("teapot", "tea"))
        found = await look(engine, f"{query} tea", room="tea")
        assert bodies(found) == ["near tea or and not said: tea"]

    @pytest.mark.gen_test
    async def test_pages_follow_each_other_without_a_gap(self, engine: Engine) -> None:
        said = [(await engine.append(draft(f"tea {n}", "tea"))).message for n in range(7)]
        before, pages = None, []
        more = True
        while more:
            found = await look(engine, "tea", room="tea", before=before, limit=3)
            pages.append(found.messages)
            more, before = found.more, Place("tea", found.messages[-1].offset)
        assert [len(it) for it in pages] == [3, 3, 1]
        assert [it for page in pages for it in page] == said[::-1]

    @pytest.mark.gen_test
    async def test_pages_go_through_several_rooms(self, engine: Engine) -> None:
        await reads(engine, ANN, "tea", "7")
        for n in range(4):
            await engine.append(draft(f"tea {n}", "tea" if n % 2 else "7"))
        first = await look(engine, "tea", limit=2)
        last = first.messages[-1]
        rest = await look(engine, "tea", before=Place(last.room, last.offset))
        assert bodies(first) + bodies(rest) == ["tea 3", "tea 2", "tea 1", "tea 0"]

    @pytest.mark.gen_test
    async def test_a_page_before_a_message_of_another_room_is_not_found(
        self, engine: Engine
    ) -> None:
        await engine.append(draft("tea", "tea"))
        await engine.append(draft("tea", "7"))
        with pytest.raises(NotFound):
            await look(engine, "tea", room="tea", before=Place("7", 1))

    @pytest.mark.gen_test
    async def test_without_a_room_all_of_ones_own_are_looked_in_and_no_others(
        self, engine: Engine
    ) -> None:
        for room in ("tea", "7", "8"):
            await engine.append(draft(f"word in {room}", room, author=BOB))
        await reads(engine, ANN, "tea", "7")
        assert bodies(await look(engine, "word")) == ["word in 7", "word in tea"]
        assert bodies(await look(engine, "word", room="8")) == ["word in 8"]
        assert bodies(await look(engine, "word", Visitor(CAT))) == []

    @pytest.mark.gen_test
    async def test_nobody_has_no_rooms_but_may_look_in_an_open_one(self, engine: Engine) -> None:
        await engine.append(draft("word", "7"))
        with pytest.raises(NotSignedIn):
            await look(engine, "word", NOBODY)
        assert bodies(await look(engine, "word", NOBODY, room="7")) == ["word"]

    @pytest.mark.gen_test
    async def test_a_private_room_is_searched_by_its_members_only(self, engine: Engine) -> None:
        await engine.append(draft("secret", "tea"))
        await engine.act("tea", Membership(BOB, Role.MEMBER), Visitor(ANN))
        await engine.act("tea", Change(access=Access.PRIVATE), Visitor(ANN))
        await reads(engine, CAT, "tea")
        assert bodies(await look(engine, "secret", Visitor(BOB))) == ["secret"]
        assert bodies(await look(engine, "secret", Visitor(CAT))) == []
        for query in ("secret", "no-such-word"):
            with pytest.raises(NotFound):
                await look(engine, query, Visitor(CAT), room="tea")

    @pytest.mark.gen_test
    async def test_whoever_is_put_out_finds_nothing_from_then_on(self, engine: Engine) -> None:
        await engine.append(draft("secret", "tea"))
        await engine.act("tea", Membership(BOB, Role.MEMBER), Visitor(ANN))
        await engine.act("tea", Change(access=Access.PRIVATE), Visitor(ANN))
        await engine.act("tea", Membership(BOB, None), Visitor(ANN))
        await reads(engine, BOB, "tea")
        assert bodies(await look(engine, "secret", Visitor(BOB))) == []

    @pytest.mark.gen_test
    async def test_a_person_is_found_by_id_and_by_the_name_they_had(self, engine: Engine) -> None:
        await engine.append(draft("tea", "tea"))
        await engine.append(draft("more tea", "tea", author=BOB))
        for author in (BOB.id, "bob", "BOB"):
            assert bodies(await look(engine, "tea", room="tea", author=author)) == ["more tea"]
            assert bodies(await look(engine, "", room="tea", author=author)) == ["more tea"]
        assert bodies(await look(engine, "tea", room="tea", author="nobody")) == []

    @pytest.mark.gen_test
    async def test_a_name_is_not_found_as_if_it_had_been_said(self, engine: Engine) -> None:
        await engine.append(draft("hello", "tea"))
        assert bodies(await look(engine, "Ann", room="tea")) == []
        assert bodies(await look(engine, "tea", room="tea")) == []

    @pytest.mark.gen_test
    async def test_times_are_from_including_until_excluding(
        self, engine: Engine, clock: Clock
    ) -> None:
        times = []
        for n in range(5):
            clock.forward(days=1)
            times.append(clock.now)
            await engine.append(draft(f"tea {n}", "tea"))
        found = await look(engine, "tea", room="tea", since=times[1], until=times[3])
        assert bodies(found) == ["tea 2", "tea 1"]
        assert bodies(await look(engine, "tea", room="tea", since=times[4] + 1)) == []
        assert bodies(await look(engine, "tea", room="tea", until=times[0])) == []

    @pytest.mark.parametrize("looked", [True, False])
    @pytest.mark.gen_test
    async def test_what_was_deleted_is_not_found(self, engine: Engine, looked: bool) -> None:
        await engine.append(draft("secret one", "tea"))
        await engine.append(draft("secret two", "tea"))
        if looked:
            await look(engine, "secret", room="tea")
        await engine.act("tea", Deletion(1), Visitor(ANN))
        assert bodies(await look(engine, "secret", room="tea")) == ["secret two"]

    @pytest.mark.parametrize("looked", [True, False])
    @pytest.mark.gen_test
    async def test_what_was_changed_is_found_as_it_is_now(
        self, engine: Engine, looked: bool
    ) -> None:
        await engine.append(draft("first words", "tea"))
        if looked:
            await look(engine, "first", room="tea")
        for text in ("second words", "third words"):
            await engine.act("tea", Edit(1, text, f"<p>{text}</p>"), Visitor(ANN))
        assert bodies(await look(engine, "first", room="tea")) == []
        assert bodies(await look(engine, "second", room="tea")) == []
        assert bodies(await look(engine, "third", room="tea")) == ["third words"]
        await engine.act("tea", Deletion(1), Visitor(ANN))
        assert bodies(await look(engine, "third", room="tea")) == []

    @pytest.mark.gen_test
    async def test_what_was_erased_or_trimmed_is_not_found(self, engine: Engine) -> None:
        for n in range(3):
            await engine.append(draft(f"secret {n}", "tea", author=BOB if n == 1 else ANN))
        assert len((await look(engine, "secret", room="tea")).messages) == 3
        await engine.act("tea", Erasure(BOB.id), Visitor(ANN))
        assert bodies(await look(engine, "secret", room="tea")) == ["secret 2", "secret 0"]
        await engine.act("tea", Change(keep_messages=1), Visitor(ANN))
        await engine.trim()
        found = await look(engine, "secret", room="tea")
        assert found == Found(found.messages, more=False, complete=True)
        assert bodies(found) == ["secret 2"]

    @pytest.mark.gen_test
    async def test_acts_are_not_found(self, engine: Engine) -> None:
        await engine.append(draft("hello", "tea"))
        await engine.act("tea", Change(title="Curious"), Visitor(ANN))
        assert bodies(await look(engine, "curious", room="tea")) == []
        assert bodies(await look(engine, "title", room="tea")) == []


async def look(engine: Engine, query: str, visitor: Visitor | None = None, **more: Any) -> Found:
    """What `visitor` finds; Ann, if it is nobody else."""
    return await engine.search(Wanted(phrases(query), **more), visitor or Visitor(ANN))


async def reads(engine: Engine, person: Person, *rooms: str) -> None:
    """Let those be rooms of theirs."""
    for room in rooms:
        await engine.append(draft("begin", room))
        await engine.people.read(person.id, room, 1)


def bodies(found: Found) -> list[str]:
    """What the messages say."""
    return [it.body for it in found.messages]
