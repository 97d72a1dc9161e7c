"""Who is speaking, and what somebody may be called."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from msgspec import Struct

from chatroom.errors import NameInvalid

#: Characters in a name.
NAME_LIMIT = 32

#: Colours of names, as many as `static/css/hues.css` has.
HUES = 12

#: Characters that show nothing although Unicode calls them letters, marks or symbols.
#: Unicode Standard, Default_Ignorable_Code_Point, those outside category Cf; and blank Braille.
INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)

#: Joins an emoji of several, and shapes letters in Persian and Indic scripts.
_JOINERS = frozenset("\u200c\u200d")


class Person(Struct, frozen=True):
    """Somebody with a session: `id` never changes, `name` may."""

    id: str
    name: str

    @property
    def hue(self) -> int:
        """Which of the HUES tells them from others on the page; it stays when the name changes."""
        return sum(map(ord, self.id)) % HUES


class Visitor(NamedTuple):
    """Whoever asks for something. `person` None is nobody; `address` is as limits count it, "" if it is not known."""

    person: Person | None
    address: str = ""
    administrator: bool = False


def name_from(text: str, field: str = "name") -> str:
    """A name as it is kept: NFC, outer white space off and inner runs of it made one space.

    1 to 32 characters of any script, at least one visible; no control, format, private or unassigned characters
    (they could turn the text around them or hide). Raises NameInvalid.
    """
    if (
        len(text) > 8 * NAME_LIMIT
    ):  # normalizing takes time that grows with the square of the length
        raise NameInvalid(field, limit=NAME_LIMIT)
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(name) <= NAME_LIMIT:
        raise NameInvalid(field, limit=NAME_LIMIT)
    if not all(map(_allowed, name)) or not any(map(_visible, name)):
        raise NameInvalid(field, limit=NAME_LIMIT)
    return name


def _allowed(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character)[0] != "C"


def _visible(character: str) -> bool:
    return character not in INVISIBLE and unicodedata.category(character)[0] in "LNPS"
