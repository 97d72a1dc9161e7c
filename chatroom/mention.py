"""Who is spoken to in a message: `@` and a name without its spaces, in any script.

`@AnnLee` speaks to Ann Lee. Where words are not set apart by spaces, as in Chinese, what follows the name belongs to
the sentence: a name that ends in such a letter is heard at the beginning of what stands behind the `@`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice, takewhile

#: Mentions in one message that are listened to, whether they name anybody or not.
MENTION_LIMIT = 20
#: Characters of one mention.
_LONGEST = 64

_MENTION = re.compile(r"(?<![@0-9A-Za-z_])@(?=\S)")
#: They shape the letters around them, in Persian and Indic scripts.
_JOINERS = "\u200c\u200d"
#: With this begin the Unicode names of letters of which words are made without spaces between them.
_UNSPACED = (
    *(
        "CJK ",
        "IDEOGRAPHIC ",
        "HIRAGANA ",
        "KATAKANA ",
        "KATAKANA-HIRAGANA ",
        "HALFWIDTH KATAKANA ",
    ),
    *("THAI ", "LAO ", "KHMER ", "MYANMAR "),
)


def handle_of(name: str) -> str:
    """What stands behind the `@` to speak to somebody with that name."""
    return "".join(filter(_belongs, _folded(name))).rstrip(".-")


def mentions(body: str) -> frozenset[str]:
    """What stands behind each `@` that begins a word, folded; those behind the first MENTION_LIMIT of them."""
    ends = (it.end() for it in _MENTION.finditer(body))
    begun = islice((it for it in ends if _may_begin(body[max(it - 2, 0) : it - 1])), MENTION_LIMIT)
    found = (handle_of("".join(takewhile(_goes_on, body[it : it + _LONGEST]))) for it in begun)
    return frozenset(filter(None, found))


def heard_as(handle: str) -> tuple[str, str]:
    """The first and the last mention, in the order of code points, that speak to who has that handle; not ""."""
    return handle, handle + "\U0010ffff" if _unspaced(handle[-1]) else handle


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_UNSPACED)


def _may_begin(before: str) -> bool:
    """Whether a mention may stand behind that character: not in the middle of a word, as in an address."""
    return not (before.isalnum() or before == "_") or _unspaced(before)


def _goes_on(character: str) -> bool:
    """Whether a mention does not end there."""
    return _belongs(character) or character in _JOINERS


def _belongs(character: str) -> bool:
    """Whether it is part of a handle. Marks complete their letters."""
    return character in ".-_" or character.isalnum() or _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
