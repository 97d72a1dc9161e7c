"""GET /a/search and the page /search: looking for what was said."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import Raw

from chatroom.cursor import REPLY_LIMIT
from chatroom.drafting import offset_from
from chatroom.engines.base import Found, Place, Wanted
from chatroom.errors import ChatroomError, Invalid, QueryInvalid, Refused, Unavailable
from chatroom.fields import moment, number
from chatroom.founding import is_conversation
from chatroom.handlers.base import Handler, room_path
from chatroom.handlers.heading import Heading, heading_of
from chatroom.handlers.pages import Mine
from chatroom.message import Message, room_from
from chatroom.news import REPLY_BYTES, newest
from chatroom.people import NAME_LIMIT, Person, Visitor
from chatroom.poll import RANGE_DEFAULT, Arguments, last
from chatroom.sessions import Known
from chatroom.wire import Wire, timestamp
from chatroom.words import PHRASE_LIMIT, QUERY_LIMIT, Phrase, Piece, excerpt, phrases

#: Messages on a page of what was found.
_PAGE = 20
#: Characters that may stand for a person: an id or a name.
_AUTHOR_LIMIT = 8 * NAME_LIMIT
#: Arguments that the form of the page has.
_FIELDS = ("q", "room", "author", "from", "until")


class Hit(NamedTuple):
    """A message that was found, as the page shows it; `title` is what its room is called."""

    path: str
    title: str
    author: Person
    at: str
    pieces: list[Piece]

    @classmethod
    def of(cls, message: Message, looked_for: tuple[Phrase, ...], title: str, wire: Wire) -> Hit:
        """With the words that were looked for marked."""
        path = f"{room_path(message.room)}?at={wire.id(message.offset)}"
        pieces = excerpt(message.body, looked_for)
        return cls(path, title, message.author, timestamp(message.at), pieces)

    @property
    def minute(self) -> str:
        """`at` as a person reads it, in UTC."""
        return f"{self.at[:10]} {self.at[11:16]}"


class Searching(Handler):
    """Looks for messages, for nobody so often that others do not get their turn."""

    async def search(self, wanted: Wanted, visitor: Visitor) -> Found:
        """What is found. Raises what `Engine.search` does, and SearchBusy for who looks for much at once."""
        person = visitor.person.id if visitor.person else None
        with self.parts.rates.searching(person, self.address):
            return await self.chat.engine.search(wanted, visitor)


class SearchHandler(Searching):
    """Messages by their words."""

    async def get(self) -> None:
        """The newest first; as many as fit into one reply."""
        wire = self.chat.rooms.wire
        wanted = wanted_from(self.arguments, wire.epoch)
        found = await self.search(wanted, await self.visitor())
        entries = [wire.message(it) for it in reversed(found.messages)]
        fitting = newest(entries, wanted.limit, REPLY_BYTES)
        told = {
            "messages": [Raw(it.json) for it in reversed(fitting)],
            "more": found.more or len(fitting) < len(entries),
            "complete": found.complete,
        }
        self.write_json(msgspec.json.encode(told))

    head = get


class SearchPage(Searching):
    """A form to look for messages, and what was found."""

    async def get(self) -> None:
        """The form alone as long as nothing is looked for. What is wrong is told above it."""
        known = await self.known()
        visitor, told = self.visitor_of(known), self._told()
        room = room_from(told["room"]) if told["room"] else ""
        heading = await self._heading(room, visitor, known) if room else None
        found, error = None, None
        if any(told[it] for it in _FIELDS if it != "room"):
            try:
                found = await self._found(visitor)
            except (Refused, Unavailable) as refusal:
                error = refusal
                self._refuse(refusal)
        self.render(
            "search.html",
            told=told,
            room=room,
            heading=heading,
            found=found,
            hits=await self._hits(found, visitor, known) if found else (),
            older=self._older(found, told) if found and found.more else None,
            error=error,
            query_limit=QUERY_LIMIT,
            author_limit=NAME_LIMIT,
        )

    head = get

    async def _found(self, visitor: Visitor) -> Found:
        wanted = wanted_from(self.arguments, self.chat.rooms.wire.epoch)
        return await self.search(wanted._replace(limit=_PAGE), visitor)

    def _told(self) -> dict[str, str]:
        """What stands in the form."""
        return {it: (last(self.arguments, it) or "").strip() for it in _FIELDS}

    async def _heading(self, room: str, visitor: Visitor, known: Known | None) -> Heading:
        """What the room is called. Raises NotFound for one that is not open."""
        order, _ = await self.chat.order(room, visitor)
        members = await self.chat.engine.members(room) if is_conversation(room) else ()
        me = known.person if known else None
        return heading_of(room, order, [it.person for it in members], me)

    async def _hits(self, found: Found, visitor: Visitor, known: Known | None) -> list[Hit]:
        """With the names of their rooms, as somebody who has several knows them."""
        names: dict[str, str] = {}
        if known and found.messages and not self.arguments.get("room"):
            readings = await self.chat.readings(known.person, visitor)
            names = {it.room: Mine.of(it, known.person).name for it in readings}
        looked_for = phrases(last(self.arguments, "q") or "")
        hits = []
        for it in found.messages:
            title = names.get(it.room, it.room)
            hits.append(Hit.of(it, looked_for, title, self.chat.rooms.wire))
            await asyncio.sleep(0)  # marking a long text takes milliseconds
        return hits

    def _older(self, found: Found, told: Mapping[str, str]) -> str:
        """Where the next page is."""
        message = found.messages[-1]
        before = f"{message.room}/{self.chat.rooms.wire.id(message.offset)}"
        asked = {name: text for name, text in told.items() if text}
        return f"/search?{urlencode(asked | {'before': before})}"

    def _refuse(self, refusal: ChatroomError) -> None:
        self.set_status(refusal.status)
        if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE and refusal.retry_after:
            self.set_header("Retry-After", str(refusal.retry_after))


def wanted_from(arguments: Arguments, epoch: str) -> Wanted:
    """What somebody looks for. Raises an Invalid that names the argument."""
    author = (last(arguments, "author") or "").strip()
    looked_for = phrases(last(arguments, "q") or "")
    if len(author) > _AUTHOR_LIMIT:
        raise Invalid("author")
    if not looked_for and not author:
        raise QueryInvalid("q", limit=QUERY_LIMIT, words=PHRASE_LIMIT)
    room = (last(arguments, "room") or "").strip()
    until = moment(arguments, "until", end=True)
    return Wanted(
        looked_for,
        room_from(room) if room else None,
        author,
        moment(arguments, "from") or 0,
        sys.maxsize if until is None else until,
        _place(arguments, epoch),
        number(arguments, "limit", 1, REPLY_LIMIT) or RANGE_DEFAULT,
    )


def _place(arguments: Arguments, epoch: str) -> Place | None:
    text = last(arguments, "before")
    if not text:
        return None
    room, _, id_ = text.rpartition("/")
    return Place(room_from(room), offset_from(id_, epoch, "before"))
