"""What people say: a Draft before the log has taken it, a Message after.

Both are frozen and validated when they are made, so an invalid one cannot exist.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

from chatroom.errors import (
    ClientIdInvalid,
    MessageEmpty,
    MessageTooLong,
    MessageUnprintable,
    RoomNameInvalid,
)
from chatroom.people import INVISIBLE, Person

#: Characters in a message, after trimming.
BODY_LIMIT = 4000
#: Characters in the name of a room, in its canonical form.
ROOM_LIMIT = 64
#: Characters in the token with which a client makes a post repeatable.
CLIENT_ID_LIMIT = 64
#: The room of whoever names none, as in the demo.
DEFAULT_ROOM = "1"

_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
_CLIENT_ID = re.compile(rf"[\x20-\x7e]{{1,{CLIENT_ID_LIMIT}}}", re.ASCII)


def room_from(text: str, field: str = "room") -> str:
    """The canonical name of a room: NFC, upper and lower case the same. Raises RoomNameInvalid.

    Caseless matching as in the Unicode Standard, section 3.13, D145. Marks belong to the letters that they complete.
    """
    if (
        len(text) > 8 * ROOM_LIMIT
    ):  # normalizing takes time that grows with the square of the length
        raise RoomNameInvalid(field, limit=ROOM_LIMIT)
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    if not 0 < len(name) <= ROOM_LIMIT or not all(map(_in_room_name, name)) or _is_mark(name[0]):
        raise RoomNameInvalid(field, limit=ROOM_LIMIT)
    return name


def body_from(text: str, field: str = "body") -> str:
    """A message's text as it is kept: white space at the ends off, line ends as LF. Raises an Invalid."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not body:
        raise MessageEmpty(field)
    if len(body) > BODY_LIMIT:
        raise MessageTooLong(field, limit=BODY_LIMIT)
    if _UNPRINTABLE.search(body):
        raise MessageUnprintable(field)
    return body


def client_id_from(text: str, field: str = "client_id") -> str:
    """The token with which a client makes a post repeatable. Raises ClientIdInvalid."""
    if not _CLIENT_ID.fullmatch(text):
        raise ClientIdInvalid(field, limit=CLIENT_ID_LIMIT)
    return text


class Draft(Struct, frozen=True, kw_only=True):
    """A message that no log has taken yet. `html` is `body` made safe to show. Raises an Invalid.

    `address` is from where it comes, as limits count it; it is not kept.
    """

    room: str
    author: Person
    body: str
    html: str
    client_id: str | None = None
    address: str = ""

    def __post_init__(self) -> None:
        if self.client_id is not None:
            client_id_from(self.client_id)


class Message(Struct, frozen=True, kw_only=True):
    """An entry of a room's log. `at` is microseconds since 1970 UTC; order is by `offset`, never by time.

    One without a `body` was deleted.
    """

    room: str
    offset: int
    author: Person
    body: str
    html: str
    at: int
    client_id: str | None = None


def _in_room_name(character: str) -> bool:
    if character in INVISIBLE:
        return False
    return character in "_-" or character.isdecimal() or unicodedata.category(character)[0] in "LM"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
