"""Polls that also name the version of what is their reader's own: held with all who stand at the same place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chatroom.app import Chatroom
from tests.api import bodies, offset
from tests.conftest import until
from tests.server.chatting import told
from tests.server.hosting import Answer, Client, Host
from tests.server.polling import Say, admitted, form, poll


class Reader:
    """Somebody with a session, and the version of what is theirs."""

    def __init__(self, app: Chatroom, token: str, person: str) -> None:
        self.header = f"Authorization: Bearer {token}"
        self.person = person
        self._app = app

    @property
    def me(self) -> str:
        return self._app.parts.marks.version(self.person)

    @classmethod
    async def new(cls, app: Chatroom) -> Reader:
        token, person = await app.sessions.open("Ann")
        return cls(app, token, person.id)


@asynccontextmanager
async def held(app: Chatroom, client: Client, request: bytes) -> AsyncIterator[None]:
    """Within it one more poll is held."""
    before = app.holds.held
    client.send(request)
    await until(lambda: app.holds.held == before + 1)
    yield


@pytest.mark.gen_test
@pytest.mark.parametrize("make", [poll, form])
async def test_the_newest_version_is_held_the_short_way_and_told_nothing(  # noqa: PLR0913, PLR0917 - what it needs are fixtures
    app: Chatroom, ours: Host, stock: Host, say: Say, short: list[bytes], make: object
) -> None:
    reader = await Reader.new(app)
    assert callable(make)

    def request(at: str) -> bytes:
        return bytes(make(f"room=7&cursor={at}&me={reader.me}", reader.header))

    at = await say("before")
    client, other = await admitted(ours, app, say, request(at)), await stock.connect()
    for turn in range(3):
        at = await say("between")
        async with held(app, client, request(at)), held(app, other, request(at)):
            await say(f"no. {turn}")
        answer = await client.answer()
        assert answer.timeless == (await other.answer()).timeless
        assert bodies(told(answer)) == [f"no. {turn}"]
        assert not app.parts.marks._held
    assert len(short) == 3


@pytest.mark.gen_test
async def test_readers_with_versions_of_their_own_wait_together(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    readers = [await Reader.new(app) for _ in range(3)]
    clients = [
        await admitted(ours, app, say, poll(f"room=7&me={it.me}", it.header)) for it in readers
    ]
    clients.append(await admitted(ours, app, say, poll("room=7")))
    at = await say("between")
    for client, it in zip(clients, readers, strict=False):
        client.send(poll(f"room=7&cursor={at}&me={it.me}", it.header))
    clients[-1].send(poll(f"room=7&cursor={at}"))
    await until(lambda: app.holds.held == 4)
    assert len(short) == 4
    assert len(app.chat.rooms._rooms["7"].buffer.waiters) == 1
    assert len({it.held for it in ours.connections}) == 1
    await say("news")
    for client in clients:
        update = app.chat.rooms._rooms["7"].buffer.update(offset(at))
        assert update is not None
        assert (await client.answer()).body == update.body


@pytest.mark.gen_test
async def test_a_change_ends_the_polls_of_that_reader_and_tells_the_version(
    app: Chatroom, ours: Host, stock: Host, say: Say, short: list[bytes]
) -> None:
    reader, bystander = await Reader.new(app), await Reader.new(app)
    client = await admitted(ours, app, say, poll("room=7&me=" + reader.me, reader.header))
    other = await admitted(ours, app, say, poll("room=7&me=" + bystander.me, bystander.header))
    long = await stock.connect()
    at = await say("between")
    mine = poll(f"room=7&cursor={at}&me={reader.me}", reader.header)
    theirs = poll(f"room=7&cursor={at}&me={bystander.me}", bystander.header)
    async with held(app, client, mine), held(app, long, mine), held(app, other, theirs):
        app.parts.marks.changed(reader.person)
    answers = [await client.answer(), await long.answer()]
    assert answers[0].timeless == answers[1].timeless
    expected = {"messages": [], "cursors": {"7": at}, "me": reader.me}
    assert told(answers[0]) == expected
    assert app.holds.held == app.chat.rooms.listening("7") == 1
    assert told(await client.ask(mine)) == expected
    assert len(short) == 2
    await say("news")
    assert bodies(told(await other.answer())) == ["news"]
    assert not app.parts.marks._held


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "arguments",
    [
        "me={me}&room=7&cursor={at}",
        "room=7&me={me}&cursor={at}",
        "room=7&cursor={at}&%6de={me}",
        "room=7&cursor={at}&me={me}&me={me}",
        "room=7&cursor={at}&me=old&me={me}",
        "room=7&cursor={at}&me=%{first:02x}{rest}",
        "room=7&cursor={at}&me={me}&x=y",
    ],
)
async def test_what_is_unusual_takes_the_long_way_and_is_held_all_the_same(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], arguments: str
) -> None:
    reader = await Reader.new(app)
    client = await admitted(ours, app, say, poll("room=7&me=" + reader.me, reader.header))
    at = await say("between")
    me = reader.me
    text = arguments.format(me=me, at=at, first=ord(me[0]), rest=me[1:])
    async with held(app, client, poll(text, reader.header)):
        assert short == []
        app.parts.marks.changed(reader.person)
    assert told(await client.answer())["me"] == reader.me


@pytest.mark.gen_test
@pytest.mark.parametrize("me", ["", "old", "{me}0", "0{me}", "{me}&wait=20", "&me={me}x"])
async def test_any_other_version_is_told_as_tornado_tells_it(
    app: Chatroom, ours: Host, stock: Host, say: Say, me: str
) -> None:
    reader = await Reader.new(app)
    client = await admitted(ours, app, say, poll("room=7&me=" + reader.me, reader.header))
    for at in (await say("owed"), await say("head")):
        text = f"room=7&cursor={at}&me=" + me.format(me=reader.me)
        if me.endswith("wait=20"):
            app.parts.marks.changed(reader.person)
        answers: list[Answer] = [
            await it.ask(poll(text, reader.header)) for it in (client, await stock.connect())
        ]
        assert answers[0].timeless == answers[1].timeless
        assert told(answers[0])["me"] == reader.me


@pytest.mark.gen_test
async def test_nobody_s_version_is_of_no_account(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    client = await admitted(ours, app, say, poll("room=7"))
    at = await say("between")
    async with held(app, client, poll(f"room=7&cursor={at}&me=x")):
        assert not app.parts.marks._held
    await say("news")
    assert bodies(told(await client.answer())) == ["news"]


@pytest.mark.gen_test
async def test_who_leaves_or_waits_no_more_is_forgotten(
    app: Chatroom, ours: Host, say: Say
) -> None:
    reader = await Reader.new(app)
    request = poll("room=7&me=" + reader.me, reader.header)
    client = await admitted(ours, app, say, request)
    async with held(app, client, request):
        assert reader.person in app.parts.marks._held
        ours.later(61)
    assert told(await client.answer())["messages"] == []
    assert not app.parts.marks._held
    async with held(app, client, request):
        assert reader.person in app.parts.marks._held
    client.reset()
    await until(lambda: app.holds.held == 0)
    assert not app.parts.marks._held
