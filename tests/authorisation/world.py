"""A small world with somebody of every kind in rooms of every kind, kept in a file: to be asked things and put back."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from chatroom.app import Chatroom, make_app
from chatroom.conduct import Judging, Verdict
from chatroom.deed import Change, Membership, Role
from chatroom.engines.files import Allowance, Part
from chatroom.engines.rows import decode_order
from chatroom.engines.sqlite import SqliteEngine
from chatroom.founding import unwritten
from chatroom.message import File
from chatroom.people import Person, Visitor
from chatroom.sessions import Known
from chatroom.settings import Settings
from tests.api import Api, Reply
from tests.authorisation.table import ASKERS, Request
from tests.conftest import Clock
from tests.handlers.site import Site
from tests.making import said

#: Of the room with a password, and of all accounts.
PASSWORD = "a word to come in by"
#: Bytes that files may have.
_PLENTY = 1_000_000
#: A conversation that nobody has ever begun.
_NEVER = "private-never"
#: What opening a page makes of somebody without a session.
_GUESTS = frozenset({"people", "sessions"})

Kept = Mapping[str, list[tuple[object, ...]]]
#: Status, headers and body.
Told = tuple[int, list[tuple[str, str]], str]


class Place(NamedTuple):
    """A room: its name, ids of its first and last entry, of what two said and of a file, the token that invites."""

    name: str
    first: str
    last: str
    owners: str
    members: str
    file: str
    word: str


class Cast(NamedTuple):
    """Who and what there is: tokens and ids by asker, places by the kind of room.

    The id of `program` is that of a session of the member.
    """

    tokens: Mapping[str, str]
    ids: Mapping[str, str]
    places: Mapping[str, Place]


class Builder:
    """Makes the world, as people would."""

    def __init__(self, app: Chatroom) -> None:
        self._app = app
        self._conduct, self._doors = app.parts.conduct, app.parts.doors
        self._tokens: dict[str, str] = {}
        self._people: dict[str, Person] = {}
        self._places: dict[str, Place] = {}

    async def build(self) -> Cast:
        """Everybody comes, and everything happens."""
        for asker in ASKERS[1:]:
            await self._come(asker)
        await self._app.chat.engine.people.appoint(self.id("administrator"), administrator=True)
        for room in ("7", "tea", "den"):
            await self._open(room)
        others = [self.id(it) for it in ("member", "moderator", "outcast")]
        talk = await self._conduct.talk(others, "", self.visitor("owner"))
        await self._settle("talk", talk.room, "owner", Judging.KICK)
        two = await self._conduct.talk([self.id("member")], "", self.visitor("owner"))
        await self._speak("two", two.room)
        ids = {asker: person.id for asker, person in self._people.items()}
        ids["program"] = await self._program("member")
        return Cast(self._tokens, ids, self._places)

    def id(self, asker: str) -> str:
        """Their id."""
        return self._people[asker].id

    def visitor(self, asker: str) -> Visitor:
        """They, as the rooms see them."""
        return Visitor(self._people[asker], "", asker == "administrator")

    async def _come(self, asker: str) -> None:
        token, person = await self._app.sessions.open(asker.title())
        if asker != "guest":
            known = await self._known(token)
            accounts = self._app.parts.accounts
            token, person = await accounts.claim(known, person.name, PASSWORD, "")
        self._tokens[asker], self._people[asker] = token, person

    async def _known(self, token: str) -> Known:
        known = await self._app.sessions.known(token)
        assert known is not None
        return known

    async def _program(self, asker: str) -> str:
        known = await self._known(self._tokens[asker])
        return (await self._app.parts.accounts.add_token(known, "Program")).id

    async def _open(self, room: str) -> None:
        await self._say("owner", room, "first of all")
        if room != "7":
            for asker in ("member", "outcast"):
                deed = Membership(self._people[asker], Role.MEMBER)
                await self._conduct.act(room, deed, self.visitor("owner"))
        await self._settle(room, room, "administrator" if room == "7" else "owner", Judging.BAN)

    async def _settle(self, kind: str, room: str, chief: str, judging: Judging) -> None:
        """Everybody speaks; the `chief` appoints, shuts and puts out."""
        chief_ = self.visitor(chief)
        if kind != "7":
            deed = Membership(self._people["moderator"], Role.MODERATOR)
            await self._conduct.act(room, deed, chief_)
        await self._say("outcast", room, "so long")
        await self._doors.change(room, Change(title=f"title of {kind}"), "", chief_)
        if kind == "den":
            await self._doors.change(room, Change(), PASSWORD, chief_)
        await self._conduct.judge(room, Verdict(self._people["outcast"], judging), chief_)
        await self._speak(kind, room)
        word = await self._doors.invite(room, chief_)
        self._places[kind] = self._places[kind]._replace(word=word)

    async def _speak(self, kind: str, room: str) -> None:
        """Two speak, of what is nobody else's business."""
        file = await self._draw("owner", room)
        owners = await self._say("owner", room, secret(kind), file)
        members = await self._say("member", room, secret(kind))
        last = await self._say("owner", room, secret(kind))
        first = f"{self._app.chat.engine.epoch}-1"
        self._places[kind] = Place(room, first, last, owners, members, file, "no-such-word")

    async def _draw(self, asker: str, room: str) -> str:
        """A picture that waits for its message; returns its id."""
        files, person = self._app.chat.engine.files, self.id(asker)
        id_ = await files.begin(person, 1, Allowance(_PLENTY, _PLENTY))
        await files.write(id_, Part.PICTURE, 0, b"a")
        await files.keep(File(id_, "a.png", "image/png", 1, 1, 1), person, room)
        return id_

    async def _say(self, asker: str, room: str, body: str, *files: str) -> str:
        draft = msgspec.structs.replace(said(self._people[asker], room, body), files=files)
        posted = await self._app.chat.post(draft)
        return self._app.chat.rooms.wire.id(posted.entry.offset)


async def build(path: Path, clock: Clock) -> Cast:
    """The world, in a new file."""
    engine = SqliteEngine(path, clock)
    app = make_app(Settings(), engine, clock)
    try:
        return await Builder(app).build()
    finally:
        await app.parts.accounts.close()
        await engine.close()
        with closing(sqlite3.connect(path)) as connection:  # all in one file, to be copied
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def secret(kind: str) -> str:
    """What is said in a room of that kind and nowhere else."""
    return f"secret-of-{kind}"


class Answer(NamedTuple):
    """What was answered, and which tables are not what they were."""

    reply: Reply
    changed: frozenset[str]

    @property
    def word(self) -> str:
        """As the table has it; with "!" what it never has: a change by what was refused or only read."""
        status, method = self.reply.status, self.reply.response.request.method
        if method != "POST":
            return f"{status}{'!' if self.changed - _GUESTS else ''}"
        if status < 400:
            return f"{status}{'' if self.changed else '='}"
        return f"{status}{'!' if self.changed else ''}"


class World:
    """The world of the file `original`, on a copy of it that `site` serves from `path`."""

    def __init__(self, original: Path, cast: Cast, site: Site, path: Path) -> None:
        self.cast = cast
        self.site = site
        self._original = original
        self._path = path
        self._apis: dict[str, Api] = {}
        self._kept: Kept = {}

    def start(self) -> None:
        """Let people ask."""
        shutil.copyfile(self._original, self._path)
        self.site.start()
        self._apis = self._apis or {asker: self._api(asker) for asker in ASKERS}
        self._kept = self._keeps()

    async def renew(self) -> None:
        """Let nothing have happened."""
        await self.site.stop()
        for path in self.site.files():
            path.unlink()
        self.start()

    async def answer(
        self,
        request: Request,
        method: str,
        asker: str,
        kind: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask that in a room of that kind, which is in memory; what it has changed is still so."""
        place = self.cast.places.get(kind)
        if place is not None:
            owner = Visitor(Person(self.cast.ids["owner"], ""))
            await self.site.app.chat.order(place.name, owner)
        reply = await self._send(request, method, asker, place, headers or {})
        before, self._kept = self._kept, self._keeps()
        return Answer(reply, frozenset(it for it in before if before[it] != self._kept[it]))

    async def elsewhere(
        self,
        request: Request,
        method: str,
        asker: str,
        kind: str,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """What is told of a conversation that nobody has ever begun, if the room's name had been that of the other."""
        place = self.cast.places[kind]
        never = place._replace(name=_NEVER)
        reply = await self._send(request, method, asker, never, headers or {})
        return told(reply, place.name)

    def adrift(self) -> list[str]:
        """The rooms in memory that are not as the file has them."""
        found: list[str] = []
        with self._reading() as connection:
            rows = connection.execute('SELECT name, head, "order" FROM rooms').fetchall()
        for name, head, text in rows:
            order = decode_order(text) if text else unwritten(name)
            rooms = self.site.app.chat.rooms.warm([name]) or []
            found += [it.name for it in rooms if (it.buffer.head, it.order) != (head, order)]
        return found

    def api(self, asker: str) -> Api:
        """That person's client."""
        return self._apis[asker]

    async def _send(
        self,
        request: Request,
        method: str,
        asker: str,
        place: Place | None,
        headers: Mapping[str, str],
    ) -> Reply:
        known = self.cast.ids | {"password": PASSWORD} | (place._asdict() if place else {})
        known["room"] = place.name if place else ""
        path = request.path.format_map(known)
        fields = urlencode([(name, value.format_map(known)) for name, value in request.fields])
        if not path.startswith("/a/"):
            headers = {"Accept": "text/html", **headers}
        if method == "POST":
            return await self.api(asker).send(method, path, fields.encode(), dict(headers))
        return await self.api(asker).send(
            method, f"{path}?{fields}".rstrip("?"), None, dict(headers)
        )

    def _api(self, asker: str) -> Api:
        api = self.site.api()
        api.token, api.id = self.cast.tokens.get(asker), self.cast.ids.get(asker, "")
        return api

    def _keeps(self) -> Kept:
        """All that is on the disk, by table, but for the index of words: it follows by itself, when there is time."""
        with self._reading() as connection:
            found = connection.execute("""
                SELECT name FROM sqlite_master WHERE type = 'table'
                AND name NOT IN ('indexed', 'outdated', 'volumes') AND name NOT LIKE 'volume_%'
            """)
            names = [it for (it,) in found.fetchall()]
            return {it: connection.execute(f'SELECT * FROM "{it}"').fetchall() for it in names}

    def _reading(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True))


def told(reply: Reply, name: str = _NEVER) -> Told:
    """All that somebody learns from a reply, but for what is random; with that `name` where none has ever been."""
    body = re.sub(r'name="_xsrf" value="[^"]*"', "", reply.text).replace(_NEVER, name)
    ignored = {"Date", "Content-Length", "Set-Cookie"}
    headers = sorted(it for it in reply.response.headers.get_all() if it[0] not in ignored)
    return reply.status, headers, body
