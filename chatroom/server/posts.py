"""The short way of a post: stored and answered without Tornado.

What it says is read by the one parser and stored by the one chat. Only success is told here. Whatever is wrong
(arguments, a disk that is full, a client_id that stands for something else), the request begins anew on the long way,
where it is refused in the words of its reader: nothing has been stored then. Only for a fault of ours, of which nobody
knows whether it came before or behind the disk, the connection is cut.
"""

from __future__ import annotations

import asyncio
import logging
from math import inf

from chatroom import arguments
from chatroom.chat import Chat, Posted, draft_from
from chatroom.errors import ChatroomError
from chatroom.inflight import InFlight
from chatroom.message import Draft
from chatroom.people import Person
from chatroom.server.admission import ARGUMENTS_LIMIT, Admission
from chatroom.server.connection import Connection
from chatroom.server.frame import CREATED, OK, Frame

_log = logging.getLogger(__name__)

#: Arguments that ask for more than to be stored: another reply, another proof.
_ASKING_MORE = frozenset({"next", "_xsrf"})


class Posts:
    """Takes posts for `chat`; they are `inflight` until they are answered."""

    def __init__(self, chat: Chat, inflight: InFlight, frame: Frame) -> None:
        self.chat = chat
        self.inflight = inflight
        self.frame = frame

    def take(self, connection: Connection, admission: Admission, told: bytes) -> bool:
        """Begin to store it. False: it has to go the long way, as when its reply would wait behind others."""
        if admission.known is None or connection.unsent:
            return False
        draft = self._draft(admission.known.person, told)
        if draft is None:
            return False
        connection.held, connection.deadline = self, inf
        storing = self._store(draft, connection, admission, told)
        connection.task = asyncio.get_running_loop().create_task(storing)
        self.inflight.begin(connection.task)
        connection.task.add_done_callback(self.inflight.end)
        return True

    def end(self, connection: Connection) -> None:
        """A post has no hold that could end: it is answered when it is stored, or refused."""

    def leave(self, connection: Connection) -> None:
        """The client has left. What it said is stored all the same."""
        connection.held = None

    def _draft(self, author: Person, told: bytes) -> Draft | None:
        if self.chat.closing or len(told) > min(ARGUMENTS_LIMIT, self.chat.settings.max_body):
            return None
        try:
            asked = arguments.from_form(told)
            return None if _ASKING_MORE & asked.keys() else draft_from(author, asked)
        except Exception:  # noqa: BLE001 - whatever it is, the long way meets it again and says what it is
            return None

    async def _store(
        self, draft: Draft, connection: Connection, admission: Admission, told: bytes
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
            await connection.decline(admission.request(told))

    def _reply(self, connection: Connection, posted: Posted) -> None:
        last = self.chat.closing
        status = OK if posted.repeated else CREATED
        connection.reply(self.frame.reply(posted.entry.json, status, last=last), last=last)
