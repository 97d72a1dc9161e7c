"""The short way of a post: stored and answered without Tornado.

What it says is read by the one parser and stored by the one chat. Only success is told here. Whatever is wrong
(arguments, a disk that is full, a client_id that stands for something else), the request begins anew on the long way,
where it is refused in the words of its reader: nothing has been stored then, and nothing counted. Only for a fault of
ours, of which nobody knows whether it came before or behind the disk, the connection is cut.
"""

from __future__ import annotations

import asyncio
import logging
from math import inf

from chatroom import arguments
from chatroom.chat import Chat, Posted
from chatroom.drafting import draft_from
from chatroom.errors import ChatroomError, TooMany
from chatroom.holds import Holder
from chatroom.inflight import InFlight
from chatroom.message import Draft
from chatroom.people import Person
from chatroom.rates import Rates
from chatroom.server.admission import ARGUMENTS_LIMIT, Admission
from chatroom.server.connection import Connection
from chatroom.server.frame import CREATED, OK, Frame

_log = logging.getLogger(__name__)

#: Arguments that ask for more than to be stored: another reply, another proof.
_ASKING_MORE = frozenset({"next", "_xsrf"})

#: Who says it and from where: for whom a post is counted.
Speaker = tuple[Holder, Holder]


class Posts:
    """Takes posts for `chat`, as often as `rates` allow; they are `inflight` until they are answered."""

    def __init__(self, chat: Chat, inflight: InFlight, rates: Rates, frame: Frame) -> None:
        self.chat = chat
        self.inflight = inflight
        self.rates = rates
        self.frame = frame

    def take(self, connection: Connection, admission: Admission, told: bytes) -> bool:
        """Begin to store it. False: it has to go the long way, as when its reply would wait behind others."""
        known, person = admission.known, admission.person
        if known is None or person is None or connection.unsent:
            return False
        speaker = person, admission.client or connection.address
        known.address = speaker[1].key
        draft = self._counted(known.person, told, speaker)
        if draft is None:
            return False
        connection.held, connection.deadline = self, inf
        storing = self._store(draft, connection, admission, told, speaker)
        connection.task = asyncio.get_running_loop().create_task(storing)
        self.inflight.begin(connection.task)
        connection.task.add_done_callback(self.inflight.end)
        return True

    def end(self, connection: Connection) -> None:
        """A post has no hold that could end: it is answered when it is stored, or refused."""

    def leave(self, connection: Connection) -> None:
        """The client has left. What it said is stored all the same."""
        connection.held = None

    def _counted(self, author: Person, told: bytes, speaker: Speaker) -> Draft | None:
        """What is said, counted for `speaker`; None if it is for the long way, which counts for itself."""
        try:
            self.rates.count_post(*speaker)
        except TooMany:
            return None
        draft = self._draft(author, told, speaker[1].key)
        if draft is None:
            self.rates.forgive_post(*speaker)
        return draft

    def _draft(self, author: Person, told: bytes, address: str) -> Draft | None:
        if self.chat.closing or len(told) > min(ARGUMENTS_LIMIT, self.chat.settings.max_body):
            return None
        try:
            asked = arguments.from_form(told)
            if _ASKING_MORE & asked.keys():
                return None
            return draft_from(author, asked, address, self.chat.rooms.wire.epoch)
        except Exception:  # noqa: BLE001 - whatever it is, the long way meets it again and says what it is
            return None

    async def _store(
        self,
        draft: Draft,
        connection: Connection,
        admission: Admission,
        told: bytes,
        speaker: Speaker,
    ) -> None:
        posted = None
        try:
            posted = await self.chat.post(draft)
        except ChatroomError:
            pass  # said on the long way
        except Exception:  # noqa: BLE001 - the last door of the task; whether it is stored is not known
            _log.exception("a post could not be answered")
            connection.abort()  # and so it is not held any more
        connection.task = None
        if connection.held is self and posted is not None:
            self._reply(connection, posted)
        elif connection.held is self:
            self.rates.forgive_post(*speaker)
            await connection.decline(admission.request(told))

    def _reply(self, connection: Connection, posted: Posted) -> None:
        last = self.chat.closing
        status = OK if posted.repeated else CREATED
        connection.reply(self.frame.reply(posted.entry.json, status, last=last), last=last)
