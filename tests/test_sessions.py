from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chatroom.engines.people import People, Session
from chatroom.engines.sqlite import SqliteEngine
from chatroom.engines.sqlite_people import SqlitePeople
from chatroom.errors import NotFound
from chatroom.lookalikes import name_key
from chatroom.people import Person, Visitor, name_from
from chatroom.sessions import Sessions, guest_name
from tests.conftest import Clock


class CountingPeople(SqlitePeople):
    """The real people, and how often sessions were looked up."""

    looked_up = 0

    async def session(self, token: bytes) -> Session | None:
        self.looked_up += 1
        return await super().session(token)


@pytest.fixture
def people(engine: SqliteEngine, clock: Clock) -> CountingPeople:
    return CountingPeople(engine._store, clock)


def opened(people: People, clock: Clock, limit: int = 10) -> Sessions:
    return Sessions(people, clock, limit, days=90)


@pytest.mark.gen_test
async def test_a_token_is_its_owner(people: CountingPeople, clock: Clock) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    assert await sessions.person(token) == ann
    assert await sessions.person(token + "x") is None


@pytest.mark.gen_test
async def test_tokens_have_256_bits_and_are_not_in_the_file(
    people: CountingPeople, clock: Clock, tmp_path: Path
) -> None:
    token, _ = await opened(people, clock).open("Ann")
    assert re.fullmatch(r"[\w-]{43}", token)
    kept = b"".join(it.read_bytes() for it in tmp_path.iterdir())
    assert b"Ann" in kept
    assert token.encode() not in kept


@pytest.mark.gen_test
async def test_a_session_survives_a_restart(people: CountingPeople, clock: Clock) -> None:
    token, ann = await opened(people, clock).open("Ann")
    assert await opened(people, clock).person(token) == ann


@pytest.mark.gen_test
async def test_a_session_in_memory_is_not_looked_up_again(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    token, _ = await sessions.open("Ann")
    for _ in range(5):
        await sessions.person(token)
    assert people.looked_up == 1


@pytest.mark.gen_test
async def test_no_more_sessions_than_the_limit_stay_in_memory(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock, limit=2)
    tokens = [(await sessions.open(str(n)))[0] for n in range(3)]
    for token in (*tokens, tokens[2], tokens[0]):
        await sessions.person(token)
    assert people.looked_up == 4


@pytest.mark.gen_test
async def test_unknown_tokens_take_no_memory(people: CountingPeople, clock: Clock) -> None:
    sessions = opened(people, clock)
    for n in range(5):
        assert await sessions.person(str(n)) is None
    assert not sessions._known


@pytest.mark.gen_test
async def test_a_session_that_is_used_never_ends(people: CountingPeople, clock: Clock) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    for _ in range(5):
        clock.forward(days=60)
        assert await sessions.person(token) == ann
        await sessions.expire()
    assert await opened(people, clock).person(token) == ann


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.gen_test
async def test_a_session_that_is_not_used_ends_on_its_day(
    fresh: bool, people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    token, _ = await sessions.open("Ann")
    await sessions.person(token)
    clock.forward(days=90.5)
    asked = opened(people, clock) if fresh else sessions
    assert await asked.person(token) is None


@pytest.mark.gen_test
async def test_a_new_name_holds_at_once_and_after_a_restart(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    renamed = await sessions.rename(token, "Anna")
    assert renamed is not None
    assert (renamed.id, renamed.name) == (ann.id, "Anna")
    assert await sessions.person(token) == renamed
    assert await opened(people, clock).person(token) == renamed


@pytest.mark.gen_test
async def test_whoever_holds_a_session_knows_the_new_name_and_has_to_ask_again(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    held = await sessions.known(token)
    assert held is not None
    await sessions.rename(token, "Anna")
    assert (held.person, held.until) == (Person(ann.id, "Anna"), 0)


@pytest.mark.gen_test
async def test_nobody_cannot_be_renamed(people: CountingPeople, clock: Clock) -> None:
    assert await opened(people, clock).rename("nobody", "Anna") is None


@pytest.mark.gen_test
async def test_a_full_disk_ends_nobodys_session(
    people: CountingPeople, clock: Clock, logged: Callable[[str], None]
) -> None:
    logged("writes failed")
    logged("could not be noted")
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    clock.forward(days=2)
    await people._store._writer.write(lambda it: it.execute("PRAGMA query_only = 1"))
    assert await opened(people, clock).person(token) == ann


def test_guests_get_a_name_that_may_be_kept() -> None:
    name = guest_name()
    assert name_from(name) == name


@pytest.mark.gen_test
async def test_a_session_that_is_ended_is_nobody_at_once(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    ended: list[bytes] = []
    sessions.watchers.add(ended.extend)
    (token, _), (other, bob) = await sessions.open("Ann"), await sessions.open("Bob")
    known, others = await sessions.known(token), await sessions.known(other)
    assert known is not None
    assert others is not None
    assert await sessions.end(token)
    assert (ended, known.until) == ([known.key], 0)
    assert await sessions.person(token) is None
    assert await opened(people, clock).person(token) is None
    assert (await sessions.person(other), others.until > 0) == (bob, True)
    assert not await sessions.end(token)
    assert ended == [known.key]


@pytest.mark.gen_test
@pytest.mark.parametrize("change", ["end", "rename"])
async def test_what_was_read_before_a_change_is_not_remembered_behind_it(
    people: CountingPeople, clock: Clock, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    assert await sessions.person(token) == ann
    read = people.session

    async def slow(key: bytes) -> Session | None:
        found = await read(key)
        monkeypatch.setattr(people, "session", read)
        await (sessions.end(token) if change == "end" else sessions.rename(token, "Anna"))
        return found

    other = opened(people, clock)
    sessions._forget(next(iter(sessions._known)))
    monkeypatch.setattr(people, "session", slow)
    person = await sessions.person(token)
    assert person == await other.person(token)
    assert (person and person.name) == (None if change == "end" else "Anna")


@pytest.mark.gen_test
@pytest.mark.parametrize("turns", range(6))
async def test_a_name_that_is_given_while_a_session_ends_does_not_bring_it_back(
    people: CountingPeople, clock: Clock, turns: int
) -> None:
    sessions = opened(people, clock)
    token, _ = await sessions.open("Ann")
    ending = asyncio.create_task(sessions.end(token))
    for _ in range(turns):
        await asyncio.sleep(0)
    renaming = asyncio.create_task(sessions.rename(token, "Eve"))
    await asyncio.gather(ending, renaming)
    assert await sessions.person(token) is None
    assert not sessions._known
    assert not sessions._reads


@pytest.mark.gen_test
async def test_others_who_change_their_names_keep_nobody_out(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock, limit=100)
    tokens = [(await sessions.open(f"Ann {number}"))[0] for number in range(10)]
    eve, _ = await sessions.open("Eve")
    assert all([await sessions.person(token) for token in tokens])
    clock.forward(days=1.1)
    back = [asyncio.create_task(sessions.known(it)) for it in tokens]
    while not all(it.done() for it in back):
        await sessions.rename(eve, "Adam")
    assert all([await it for it in back])
    assert not sessions._reads


@pytest.mark.gen_test
@pytest.mark.parametrize("change", ["rename", "appoint"])
async def test_whoever_is_changed_while_another_session_of_theirs_is_read_is_known_as_they_are_now(
    people: CountingPeople, clock: Clock, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    other = await sessions.open_for(ann, "my bot")
    await people.claim(ann, "ann", "hash")
    await sessions.known(token)
    read = people.session

    async def slow(key: bytes) -> Session | None:
        found = await read(key)
        monkeypatch.setattr(people, "session", read)
        if change == "rename":
            await sessions.rename(token, "Anna")
        else:
            await people.appoint(ann.id, administrator=True)
            sessions.refresh(ann.id)
        return found

    monkeypatch.setattr(people, "session", slow)
    known = await sessions.known(other)
    assert known is not None
    assert (known.person.name, known.administrator) == (
        ("Anna", False) if change == "rename" else ("Ann", True)
    )
    assert not sessions._reads
    assert not sessions._last_changes


@pytest.mark.gen_test
async def test_what_is_held_for_somebody_who_may_do_other_things_now_is_decided_anew(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    ended: list[bytes] = []
    sessions.watchers.add(ended.extend)
    (token, ann), (other, _) = await sessions.open("Ann"), await sessions.open("Bob")
    known, others = await sessions.known(token), await sessions.known(other)
    assert known is not None
    assert others is not None
    sessions.refresh(ann.id)
    assert (ended, known.until) == ([known.key], 0)
    assert others.until > 0
    assert await sessions.person(token) == ann


@pytest.mark.gen_test
async def test_whoever_watches_is_told_once_however_many_sessions_end(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    told: list[frozenset[bytes]] = []
    sessions.watchers.add(told.append)
    sessions.ended([b"1", b"2"])
    sessions.ended([])
    assert told == [{b"1", b"2"}]


@pytest.mark.gen_test
async def test_somebody_ends_one_of_their_sessions_and_nobody_elses(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    (token, ann), (other, bob) = await sessions.open("Ann"), await sessions.open("Bob")
    bot = await sessions.open_for(ann, "my bot")
    listed = {it.name: it.id for it in await sessions.listed(ann.id)}
    assert set(listed) == {None, "my bot"}
    ended: list[bytes] = []
    sessions.watchers.add(ended.extend)
    with pytest.raises(NotFound):
        await sessions.revoke(bob.id, listed["my bot"])
    assert ended == []
    await sessions.revoke(ann.id, listed["my bot"])
    assert len(ended) == 1
    assert [await sessions.person(it) for it in (token, bot, other)] == [ann, None, bob]


@pytest.mark.gen_test
async def test_a_guest_gets_another_name_where_theirs_belongs_to_somebody(
    people: CountingPeople, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = opened(people, clock)
    _, ann = await sessions.open("guest-1000")
    await people.claim(ann, name_key("guest-1000"), "hash")
    names = iter(["guest-1000", "guest-1000", "guest-2000"])
    monkeypatch.setattr("chatroom.sessions.guest_name", lambda: next(names))
    _, guest = await sessions.open_guest()
    assert guest.name == "guest-2000"


@pytest.mark.gen_test
async def test_a_visitor_is_the_owner_of_the_session_and_where_they_come_from(
    people: CountingPeople, clock: Clock
) -> None:
    sessions = opened(people, clock)
    token, ann = await sessions.open("Ann")
    await people.claim(ann, "ann", "hash")
    await people.appoint(ann.id, administrator=True)
    known = await sessions.known(token)
    assert known is not None
    assert known.account
    assert known.at("192.0.2.1") == Visitor(ann, "192.0.2.1", administrator=True)
