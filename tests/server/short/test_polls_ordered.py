"""S10 on the short way: a head that is known lets nobody into a room that is not theirs any more."""

from __future__ import annotations

import asyncio

import pytest

from chatroom.app import Chatroom
from chatroom.deed import FOR_EVER, Access, AnyDeed, Bar, Change, Membership, Role
from chatroom.people import Person, Visitor
from chatroom.server.place import Place
from tests.api import bodies
from tests.conftest import until
from tests.making import said
from tests.server.chatting import bearer, saying, told
from tests.server.hosting import Client, Host
from tests.server.polling import Say, admitted, poll


async def known(app: Chatroom, header: str) -> Person:
    """Whose header it is."""
    person = await app.sessions.person(header.rpartition(" ")[2])
    assert person is not None
    return person


class Crew:
    """Ann, who owns the room `tea`, and two others who wait there with the same words and heads that are known."""

    def __init__(self, app: Chatroom, ours: Host) -> None:
        self.app = app
        self.ours = ours

    async def gather(self, say: Say) -> None:
        """Everybody holds a poll; Cleo is a moderator."""
        self.heads = {name: await bearer(self.app, name) for name in ("Ann", "Bob", "Cleo")}
        self.people = {name: await known(self.app, head) for name, head in self.heads.items()}
        self.ann = Visitor(self.people["Ann"])
        await self.app.chat.post(said(self.people["Ann"], "tea", "hello"))
        await self.do(Membership(self.people["Cleo"], Role.MODERATOR))
        self.clients = {name: await self._admitted(name, say) for name in ("Bob", "Cleo")}
        self.cursor = await self._head()
        for name in self.clients:
            self.send(name)
        await until(lambda: self.app.holds.held == 2)

    async def do(self, deed: AnyDeed) -> None:
        """Ann does that."""
        await self.app.parts.conduct.act("tea", deed, self.ann)

    async def say(self, body: str) -> None:
        """Ann says that."""
        await self.app.chat.post(said(self.people["Ann"], "tea", body))

    def send(self, name: str, cursor: str | None = None) -> None:
        """Poll, in the same words as the other."""
        self.clients[name].send(self._poll(name, cursor or self.cursor))

    async def answer(self, name: str) -> object:
        """What the poll of that one is answered."""
        return await self.clients[name].answer()

    async def status(self, request: bytes, name: str) -> int:
        """What comes of a request on the connection of that one."""
        return (await self.clients[name].ask(request)).status

    def _poll(self, name: str, cursor: str) -> bytes:
        return poll(f"room=tea&cursor={cursor}", self.heads[name])

    async def _admitted(self, name: str, say: Say) -> Client:
        async def speak(body: str) -> str:
            await self.say(body)
            return ""

        return await admitted(self.ours, self.app, speak, self._poll(name, await self._head()))

    async def _head(self) -> str:
        outlook = await self.app.chat.outlook("tea", self.ann)
        return self.app.chat.rooms.wire.id(outlook.head)


@pytest.fixture
def crew(app: Chatroom, ours: Host) -> Crew:
    return Crew(app, ours)


def deeds(crew: Crew) -> dict[str, list[AnyDeed]]:
    """What puts Bob out, and lets Cleo stay."""
    bob = crew.people["Bob"]
    member = Membership(bob, Role.MEMBER)
    return {
        "barred": [Bar(person=bob, until=FOR_EVER)],
        "made private": [Change(access=Access.PRIVATE)],
        "closed": [Change(closed=True)],
        "no member any more": [member, Change(access=Access.PRIVATE), Membership(bob, None)],
    }


@pytest.mark.gen_test(timeout=10)
@pytest.mark.parametrize("way", ["barred", "made private", "closed", "no member any more"])
async def test_the_hold_ends_and_the_known_head_gets_404_and_others_at_the_same_place_go_on(
    app: Chatroom, crew: Crew, say: Say, short: list[bytes], way: str
) -> None:
    await crew.gather(say)
    (place,) = app.chat.rooms._rooms["tea"].buffer.waiters
    assert isinstance(place, Place)
    assert len(place._connections) == 2  # they share it
    assert len(short) == 2
    *before, last = deeds(crew)[way]
    for deed in before:
        await crew.do(deed)
        for name in crew.clients:
            crew.cursor = told(await crew.answer(name))["cursors"]["tea"]  # type: ignore[arg-type]
        for name in crew.clients:
            crew.send(name)
        await until(lambda: app.holds.held == 2)
    await asyncio.gather(crew.do(last), crew.say("after"))
    update = told(await crew.answer("Bob"))  # type: ignore[arg-type]
    assert (update["messages"], update["cursors"]) == ([], {"tea": crew.cursor})
    taken = len(short)
    for request in (
        crew._poll("Bob", crew.cursor),
        crew._poll("Bob", crew.cursor.partition("-")[0] + "-0"),
        poll("room=tea", crew.heads["Bob"]),
        poll(f"room=7&room=tea&cursor=&cursor={crew.cursor}", crew.heads["Bob"]),
    ):
        assert await crew.status(request, "Bob") == 404
    assert len(short) == taken  # it is the long way that says no
    heard = told(await crew.answer("Cleo"))["messages"]  # type: ignore[arg-type]
    assert [it["kind"] for it in heard][:1] != ["message"]
    crew.send("Cleo")
    behind = told(await crew.answer("Cleo"))["messages"]  # type: ignore[arg-type]
    assert [it["body"] for it in behind if it["kind"] == "message"] == ["after"]
    assert app.holds.held == 0


@pytest.mark.gen_test(timeout=10)
async def test_whoever_stays_is_held_on_the_short_way_in_a_guarded_room_and_told_everything(
    app: Chatroom, crew: Crew, say: Say, short: list[bytes]
) -> None:
    await crew.gather(say)
    await crew.do(Bar(person=crew.people["Bob"], until=FOR_EVER))
    told(await crew.answer("Bob"))  # type: ignore[arg-type]
    cursor = told(await crew.answer("Cleo"))["cursors"]["tea"]  # type: ignore[arg-type]
    taken = len(short)
    crew.send("Cleo", cursor)
    await until(lambda: app.holds.held == 1)
    crew.send("Bob", cursor)  # where Cleo waits already
    assert (await crew.answer("Bob")).status == 404  # type: ignore[attr-defined]
    await crew.say("news")
    assert bodies(told(await crew.answer("Cleo"))) == ["news"]  # type: ignore[arg-type]
    assert len(short) == taken + 1


@pytest.mark.gen_test(timeout=10)
async def test_a_known_head_posts_nothing_into_a_room_that_is_not_theirs_any_more(
    app: Chatroom, crew: Crew, say: Say, short: list[bytes]
) -> None:
    await crew.gather(say)
    post = saying("room=tea&body=hello", crew.heads["Bob"])
    client = await crew.ours.connect()
    assert [(await client.ask(post)).status for _ in range(2)] == [201, 201]
    taken = len(short)
    assert taken > 2
    for deed, status in [
        (Bar(person=crew.people["Bob"], until=FOR_EVER, mute=True), 403),
        (Bar(person=crew.people["Bob"], until=FOR_EVER), 404),
    ]:
        await crew.do(deed)
        assert (await client.ask(post)).status == status
    texts = [it for it in (await app.chat.engine.tail("tea", 100)).items if hasattr(it, "body")]
    assert [it.body for it in texts].count("hello") == 3


@pytest.mark.gen_test(timeout=10)
async def test_from_a_barred_address_nobody_is_held_on_a_known_head(
    app: Chatroom, crew: Crew, say: Say, short: list[bytes]
) -> None:
    await crew.gather(say)
    nobody = await crew.ours.connect()
    request = poll(f"room=tea&cursor={crew.cursor}")
    nobody.send(request)
    await until(lambda: app.holds.held == 3)
    address = app.sessions.address_of(crew.people["Bob"].id)
    assert address
    await crew.do(Bar(person=crew.people["Bob"], until=FOR_EVER, address=address))
    for client in (crew.clients["Bob"], nobody):
        assert told(await client.answer())["messages"] == []
    assert (await nobody.ask(request)).status == 404
    assert len(told(await crew.answer("Cleo"))["messages"]) == 1  # type: ignore[arg-type]
