"""Who is spoken to in a message: `@` and a name without its spaces, in any script.

`@AnnLee` speaks to Ann Lee. Where words are not set apart by spaces, as in Chinese, what follows the name belongs to
the sentence: a name that ends in such a letter is heard at the beginning of what stands behind the `@`.
"""

from __future__ import annotations

import re
import unicodedata

#: Mentions in one message that are heard.
MENTION_LIMIT = 20
#: Characters of one mention.
_LONGEST = 64

_MENTION = re.compile(rf"(?<![\w@])@([\w.\-]{{1,{_LONGEST}}})")
#: First words of the Unicode names of letters of which words are made without spaces between them.
_UNSPACED = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})


def handle_of(name: str) -> str:
    """What stands behind the `@` to speak to somebody with that name."""
    return "".join(it for it in _folded(name) if it in ".-_" or it.isalnum() or _is_mark(it))


def mentions(body: str) -> frozenset[str]:
    """What stands behind each `@` in a message, folded; the first MENTION_LIMIT of them."""
    found = (_folded(it[1]).rstrip(".-") for it in _MENTION.finditer(body))
    return frozenset(list(filter(None, found))[:MENTION_LIMIT])


def hears(handle: str, mention: str) -> bool:
    """Whether a mention speaks to who has that handle."""
    if not handle:
        return False
    return mention == handle or (_unspaced(handle[-1]) and mention.startswith(handle))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _unspaced(character: str) -> bool:
    return unicodedata.name(character, "").partition(" ")[0] in _UNSPACED


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
