"""The pages: the entrance, and a room. Both work without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chatroom.drafting import offset_from
from chatroom.engines.people import UNREAD_LIMIT, Reading
from chatroom.errors import NotFound, TooMany, Unavailable
from chatroom.founding import is_conversation, numbered
from chatroom.handlers.base import Handler, room_path
from chatroom.handlers.heading import heading_of
from chatroom.handlers.offer import May
from chatroom.handlers.replying import Replying
from chatroom.message import BODY_LIMIT, room_from
from chatroom.news import Entry
from chatroom.order import Order
from chatroom.people import NAME_LIMIT, Person, Visitor
from chatroom.poll import Range, last
from chatroom.sessions import Known
from chatroom.shapes import Line

#: Rooms listed at the entrance.
_ROOMS_LISTED = 50
#: Entries on the first page.
PAGE_SIZE = 50
#: What a page of a room shows when nothing else is asked for.
_NEWEST = Range(0, None, PAGE_SIZE)
#: Seconds beyond the hold after which a page gives a held request up: the network has lost it.
_PATIENCE = 10


class _PageGap(NamedTuple):
    after: str
    before: str


class Mine(NamedTuple):
    """A room of somebody's under the name by which they know it, and what is unread there."""

    room: str
    name: str
    unread: int
    mentions: int

    @classmethod
    def of(cls, reading: Reading, me: Person) -> Mine:
        """A room under its title, or else the names of those with whom one is there."""
        others = ", ".join(it.name for it in reading.members if it.id != me.id)
        name = reading.order.title or others or reading.room
        return cls(reading.room, name, reading.unread, reading.mentioned)


class PageHandler(Handler):
    """A page for somebody."""

    async def guest(self) -> Known | None:
        """The session of who is asking, that of a new guest if it is nobody's; None where none can be kept just now."""
        known, token = await self.known(), self.token
        try:
            if known is None and self.request.method == "GET":
                self.parts.rates.count_session(self.client)
                token, _ = await self.sessions.open_guest()
                known = await self.sessions.known(token)
        except (TooMany, Unavailable):
            return None
        if known is not None and token is not None and self.bearer is None:
            self.keep(token)
        return known

    async def me(self) -> Person | None:
        """Who is asking, a new guest if that is nobody; None where no session can be kept just now."""
        known = await self.guest()
        return known.person if known else None


class EntranceHandler(Handler):
    """Type a room number; see which rooms are alive."""

    async def get(self) -> None:
        """The entrance, with the rooms of whoever has a session."""
        known, mine = await self._known_with_rooms()
        self.render(
            "index.html",
            rooms=self.chat.rooms.alive(_ROOMS_LISTED),
            mine=mine,
            many=UNREAD_LIMIT,
            known=known,
        )

    head = get

    async def _known_with_rooms(self) -> tuple[Known | None, Sequence[Mine]]:
        """Less of it where it cannot be read just now: the way into a room stays open."""
        known = None
        try:
            known = await self.known()
            return known, await self._mine(known) if known else ()
        except Unavailable:
            return known, ()

    async def _mine(self, known: Known) -> Sequence[Mine]:
        readings = await self.chat.readings(known.person, self.visitor_of(known))
        return [Mine.of(it, known.person) for it in readings]


class DoorHandler(Handler):
    """GET /room?room=7: where the entrance's form leads."""

    def get(self) -> None:
        """On to the room."""
        name = last(self.arguments, "room")
        self.redirect(room_path(room_from(name.strip())) if name else "/", status=303)

    head = get


class RoomPage(PageHandler):
    """A page of a room. Where that is not the visitor's, it offers to try a password."""

    way_in = True

    def about(
        self, room: str, order: Order, members: Iterable[Person], me: Person | None
    ) -> Mapping[str, Any]:
        """What every page of a room says of it."""
        heading = heading_of(room, order, members, me)
        return {"room": room, "path": room_path(room), "me": me, "order": order, "heading": heading}


class RoomHandler(RoomPage):
    """A room: what was said last, and a place to speak."""

    async def get(self, text: str) -> None:
        """The page of the room, and the cursor of who has heard all of it.

        It shows the newest entries; with `before` older ones, with `after` later ones, with `at` those around one.
        """
        room = room_from(text)
        if room != text:
            query = self.request.query
            self.redirect(room_path(room) + (f"?{query}" if query else ""))
            return
        wire = self.chat.rooms.wire
        wanted, at = self._wanted(wire.epoch), last(self.arguments, "at") or ""
        known = await self.guest()
        me, visitor = known.person if known else None, self.visitor_of(known)
        order, _, head = await self.chat.outlook(room, visitor)
        entries, _ = await self.chat.history(room, wanted, visitor)
        if not entries and wanted != _NEWEST:
            at = ""  # it is gone, or was never there
            entries, _ = await self.chat.history(room, _NEWEST, visitor)
        members = await self.chat.engine.members(room) if is_conversation(room) else ()
        nobody = Line("", room, me or Person("", ""), "", "")
        self.render(
            "room.html",
            **self.about(room, order, [it.person for it in members], me),
            account=known is not None and known.account,
            lines=[
                (wire.id(entry.offset), shown)
                for entry in entries
                if (shown := wire.shown(entry)).html
            ],
            at=at,
            **self._place(entries, order.trimmed, head),
            echo=wire.render(nobody),
            patience=self.chat.settings.hold + _PATIENCE,
            body_limit=BODY_LIMIT,
            judge=self._may_judge(room, order, visitor, new=not entries),
            name_limit=NAME_LIMIT,
        )

    head = get

    def _wanted(self, epoch: str) -> Range:
        """What of the log the page shows. Raises an Invalid that names the argument."""
        at = last(self.arguments, "at")
        if at:
            offset = offset_from(at, epoch, "at")
            return Range(max(0, offset - PAGE_SIZE // 2 - 1), offset + PAGE_SIZE // 2, PAGE_SIZE)
        asked = Range.parse(self.arguments, epoch)
        if last(self.arguments, "after") and asked.before is None:
            return Range(asked.after, asked.after + PAGE_SIZE + 1, PAGE_SIZE)
        return asked._replace(after=0, limit=PAGE_SIZE)

    def _place(self, entries: Sequence[Entry], trimmed: int, head: int) -> Mapping[str, Any]:
        """The cursor, and the gaps before and behind what is shown. `head` is not newer than the entries."""
        wire = self.chat.rooms.wire
        first, final = (
            (entries[0].offset, entries[-1].offset) if entries else (trimmed + 1, trimmed)
        )
        head = max(head, final)
        return {
            "cursor": wire.id(head),
            "gap": _PageGap(wire.id(trimmed), wire.id(first)) if first > trimmed + 1 else None,
            "behind": _PageGap(wire.id(final), wire.id(head + 1)) if final < head else None,
        }

    def _may_judge(self, room: str, order: Order, visitor: Visitor, *, new: bool) -> bool:
        """Whether the visitor may delete what others say, or will when they are the first to speak here."""
        theirs = new and not numbered(room) and not is_conversation(room)
        return theirs or May(order, visitor, self.chat.clock()).delete(0, "")


class NowhereHandler(Replying):
    """Every other address."""

    def prepare(self) -> None:
        """Whatever the method. Raises NotFound."""
        raise NotFound

    def check_xsrf_cookie(self) -> None:
        """There is nothing to protect here."""

    def check_trusted_origin(self, _origin: str) -> bool:
        """There is nothing to protect here."""
        return True
