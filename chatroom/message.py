"""What people say: a Draft before the log has taken it, a Message after.

Both are frozen and validated when they are made, so an invalid one cannot exist.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from chatroom.errors import (
    ClientIdInvalid,
    EmojiInvalid,
    MessageEmpty,
    MessageTooLong,
    MessageUnprintable,
    RoomNameInvalid,
    TooManyFiles,
)
from chatroom.people import INVISIBLE, Person

#: Characters in a message, after trimming.
BODY_LIMIT = 4000
#: Characters in the name of a room, in its canonical form.
ROOM_LIMIT = 64
#: Characters in the token with which a client makes a post repeatable.
CLIENT_ID_LIMIT = 64
#: Files of one message.
FILES_LIMIT = 10
#: Characters in the name of a file.
FILE_NAME_LIMIT = 120
#: Characters behind the last dot of a long name that are kept.
_ENDING_LIMIT = 16
#: Pixels of a picture in the timeline, at most.
THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 640, 480
#: Different emoji under one message.
EMOJI_LIMIT = 20
#: Characters of one emoji: a family of four with skin tones has 11, the flag of Scotland 7.
_EMOJI_LENGTH = 16
#: The room of whoever names none, as in the demo.
DEFAULT_ROOM = "1"

_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
_JOINER = "\u200d"
#: Choose the look of an emoji, the colour of its skin, or the region of its flag: Unicode Technical Standard #51.
_LOOKS = "".join(map(chr, (0xFE0F, *range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080))))
#: What stands for itself: any character but the letters of which flags are made.
_SYMBOL = re.compile("[^\U0001f1e6-\U0001f1ff]")
_FLAG_OR_KEY = re.compile("[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3")
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


def files_from(ids: Iterable[str], field: str = "file") -> tuple[str, ...]:
    """The ids of files of one message. Raises TooManyFiles."""
    files = tuple(filter(None, ids))
    if len(files) > FILES_LIMIT:
        raise TooManyFiles(field, limit=FILES_LIMIT)
    return files


def emoji_from(text: str, field: str = "emoji") -> str:
    """One emoji, of as many characters as it takes. Raises EmojiInvalid."""
    one = len(text) <= _EMOJI_LENGTH and all(map(_is_symbol, text.split(_JOINER)))
    if not (one or _FLAG_OR_KEY.fullmatch(text)):
        raise EmojiInvalid(field)
    return text


def file_name_from(text: str) -> str:
    """What a file is called: the end of a path, NFC, in one line, without what controls, hides or turns the text.

    It is shown, and offered to whoever saves the file; nothing here is ever opened by it.
    """
    last = re.split(r"[/\\]", text[-8 * FILE_NAME_LIMIT :])[-1]
    plain = "".join(it for it in last if unicodedata.category(it)[0] != "C" and it not in INVISIBLE)
    name = " ".join(unicodedata.normalize("NFC", plain).split()).strip(". ")
    if len(name) > FILE_NAME_LIMIT:
        stem, dot, ending = name.rpartition(".")
        kept = dot + ending if stem and len(ending) <= _ENDING_LIMIT else ""
        name = name[: FILE_NAME_LIMIT - len(kept)] + kept
    return name or "file"


class Box(NamedTuple):
    """The size of a picture, in pixels."""

    width: int
    height: int


def thumbnail_of(width: int, height: int) -> Box:
    """How large a picture of that size is in the timeline: as it is, or made smaller."""
    scale = min(1, THUMBNAIL_WIDTH / width, THUMBNAIL_HEIGHT / height)
    return Box(max(1, round(width * scale)), max(1, round(height * scale)))


class Quoted(Struct, frozen=True):
    """What a message answers: the one at `offset`, of `author` as they were called."""

    offset: int
    author: Person


class File(Struct, frozen=True):
    """A file that belongs to a message. `size` is in bytes; `width` and `height`, in pixels, are those of a picture."""

    id: str
    name: str
    type: str
    size: int
    width: int = 0
    height: int = 0

    @property
    def thumbnail(self) -> Box:
        """How large a picture is in the timeline."""
        return thumbnail_of(self.width, self.height)


#: Who has put which emoji under a message, the first one first.
Reactions = Mapping[str, Sequence[Person]]


class Draft(Struct, frozen=True, kw_only=True):
    """A message that no log has taken yet. `html` is `body` made safe to show. Raises an Invalid.

    `reply` is the offset of the message that it answers, `files` are the ids of what belongs to it; the body may be
    empty then. `address` is from where it comes, as limits count it; it is not kept.
    """

    room: str
    author: Person
    body: str
    html: str
    client_id: str | None = None
    reply: int | None = None
    files: tuple[str, ...] = ()
    address: str = ""

    def __post_init__(self) -> None:
        if not (self.body or self.files):
            raise MessageEmpty("body")
        files_from(self.files)
        if self.client_id is not None:
            client_id_from(self.client_id)


class Message(Struct, frozen=True, kw_only=True):
    """An entry of a room's log. `at` is microseconds since 1970 UTC; order is by `offset`, never by time.

    One without a `body` was deleted. One of files alone has their names for a body, and no `html`.
    """

    room: str
    offset: int
    author: Person
    body: str
    html: str
    at: int
    client_id: str | None = None
    reply: Quoted | None = None
    files: tuple[File, ...] = ()
    reactions: Reactions = {}
    edited_at: int | None = None


def _in_room_name(character: str) -> bool:
    if character in INVISIBLE:
        return False
    return character in "_-" or character.isdecimal() or unicodedata.category(character)[0] in "LM"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _is_symbol(part: str) -> bool:
    symbol = part.rstrip(_LOOKS)
    return bool(_SYMBOL.fullmatch(symbol)) and unicodedata.category(symbol) == "So"
