"""Which names a reader could take for each other.

Unicode Technical Standard #39 calls two texts confusable when their skeletons are the same: each character is replaced
by the prototype of all that look like it. That compares what is displayed, and capitals are displayed otherwise. A name
is also the same name in capitals, and in the compatibility forms of NFKC (full width, mathematical letters).

Whoever joins all that is alike in either way goes too far: Ν is N, ν is its small letter and looks like v, so Ben would
be Bev. A key has to choose, and chooses by the order of its steps:

1. What differs in case or in compatibility form only is the same.
2. Capitals are compared by their looks. There alphabets are most alike (В B, Н H, Ν N).
3. So are the small letters of what is left (ш w, m rn).

What this gives up are small letters that look otherwise than their capitals do: ν v, υ u, σ o, г r. That matters in a
word of Latin letters, where they can only stand for their looks: there they are replaced before all else, each case by
its own.

I, l, 1 and | look alike, I is i and L is l: so Ian and Lan, Maria and Marla are one name. One English name in a hundred
has such a twin, which is the price of nobody being Marla by writing MarIa. Diacritics are seen, so José is not Jose.

Not compared: the order in which bidirectional text is displayed, the fonts of readers, and what those four letters look
like in a word that is Greek or Russian (ovo as ονο, Άννα with a Latin v).
"""

from __future__ import annotations

import re
from unicodedata import normalize

from chatroom.confusables import PROTOTYPES
from chatroom.people import INVISIBLE

#: The table with three turns. Small capitals, and ꞓ for ε, are their letters: small letters look like the one and their
#: capitals like the other (н ʜ, Н H). Б is 6, because б is. γ is no y, because Γ is Г: г and у would be one letter.
_PROTOTYPES = PROTOTYPES | str.maketrans("ᴀʙᴅᴇꞓɢʜᴊĸʟʍɴᴘᴛБγ", "abdeeghjklmnpt6γ")

_LATIN = re.compile("[A-Za-z]")
_IN_LATIN = {it: to for it, to in PROTOTYPES.items() if _LATIN.fullmatch(to)}

#: What shows nothing, what shows a space, and the one letter that NFKC replaces by another that looks otherwise.
_AS_SHOWN = dict.fromkeys(map(ord, INVISIBLE | {"\u200c", "\u200d"}), "") | {
    ord("\u2800"): " ",
    ord("ϲ"): "c",
    ord("Ϲ"): "C",
}

#: A dot on what has one already.
_DOT = re.compile("(?<=[lj])\u0307+")


def name_key(name: str) -> str:
    """The key under which a claimed name is unique: that of every name which could be taken for it.

    `name` was accepted by `name_from`; its key is never empty, and its own key. It is not for display. It follows from
    UTS #39 and the Unicode of Python, so keys that are kept have to be made anew when these change. The work is bounded
    by the length of the name: no character becomes more than 18, and none changes more than three times.
    """
    words = normalize("NFKD", name.translate(_AS_SHOWN)).split()
    key, last = " ".join(map(_as_meant, words)), ""
    while key != last:
        key, last = _step(key), key
    return key


def _as_meant(word: str) -> str:
    """A word in NFKD, its letters those that they look like, if some are Latin."""
    return word.translate(_IN_LATIN) if _LATIN.search(word) else word


def _step(text: str) -> str:
    capitals = _skeleton(_folded(text).upper())
    small = _skeleton(capitals.casefold())
    return " ".join(_DOT.sub("", small).split())


def _folded(text: str) -> str:
    """A text in NFKD without case, but for normalization (Unicode Standard, D146)."""
    return normalize("NFKD", text.casefold()).casefold()


def _skeleton(text: str) -> str:
    return normalize("NFKD", normalize("NFKD", text).translate(_PROTOTYPES))
