"""What a text is found by: its words, for the index, the query and the marks in what was found alike.

A word is a run of letters and digits, without case, width and the accents of Latin letters. Chinese, Japanese, Korean,
Thai and their like do not set their words apart, so each of their characters stands for itself, and so does an emoji;
a run of them that is looked for is a phrase. Whatever else stands in a text only ends a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple

from chatroom.errors import QueryInvalid

#: What an index was made with: when it differs from this, the index has to be made anew.
EDITION = f"2/{unicodedata.unidata_version}"

#: Characters in a query.
QUERY_LIMIT = 200
#: Phrases in a query: parts that stand apart.
PHRASE_LIMIT = 12
#: Characters of a message that are shown where it was found.
EXCERPT = 280
#: Characters before the first mark.
_BEFORE = 80
#: Characters that are normalized at once, and as many again at most.
_PIECE = 64

#: Words that stand next to each other.
Phrase = tuple[str, ...]

#: Thai, Lao, Tibetan, Burmese, Khmer; symbols; kana, bopomofo, ideographs, hangul; emoji; more ideographs and kana.
_ALONE = (
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u3005-\u3007\u3041-\u3096\u309d-\u30fa\u30fc-\u312f"
    r"\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U0001b000-\U0001b16f\U0001f100-\U0001faff"
    r"\U00020000-\U0003fffd]"
)
#: What goes with a letter and is none by itself, as Python has it: vowels and other signs above and below.
_SIGNS = r"\u0300-\u036f\u0483-\u0487\u0900-\u0963\u0971-\u0df3"
_WORD = re.compile(rf"{_ALONE}|(?:(?!{_ALONE})(?:[^\W_]|[{_SIGNS}]))+")
#: Accents on Latin letters, and what Hebrew and Arabic readers write or leave out.
_ACCENTS = re.compile(
    r"(?<=[a-z])[\u0300-\u036f]+|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]+"
)


class Piece(NamedTuple):
    """Part of a text; `found` if it is what was looked for."""

    text: str
    found: bool


#: A word, and where it stands in the text: from where, and up to where.
_Span = tuple[str, int, int]


def words(text: str) -> list[str]:
    """The words of a text, in its order."""
    return _WORD.findall(_folded(text))


def phrases(query: str) -> tuple[Phrase, ...]:
    """What somebody looks for: all of these. Empty if the query is. Raises QueryInvalid."""
    if len(query) > QUERY_LIMIT:
        raise _invalid()
    parts = [tuple(words(part)) for part in query.split()]
    found = tuple(dict.fromkeys(filter(None, parts)))
    if len(found) > PHRASE_LIMIT or (query.strip() and not found):
        raise _invalid()
    return found


def excerpt(text: str, looked_for: Sequence[Phrase]) -> list[Piece]:
    """Part of a text around the first place where something was found, what was found marked."""
    text = _normalized("NFC", text)
    places = _places(_spans(text), looked_for)
    first = places[0][0] if places else 0
    start = _begin(text, first) if first > _BEFORE else 0
    end = min(len(text), start + EXCERPT)
    pieces = [Piece("…", found=False)] if start else []
    at = start
    for begin, stop in places:
        if begin >= at and stop <= end:
            pieces += [Piece(text[at:begin], found=False), Piece(text[begin:stop], found=True)]
            at = stop
    rest = text[at:end] + ("…" if end < len(text) else "")
    return [it for it in (*pieces, Piece(rest, found=False)) if it.text]


def _folded(text: str) -> str:
    """Without case, width and accents: NFKC, case folding of the Unicode Standard, and the accents taken off."""
    if text.isascii():
        return text.lower()
    folded = _normalized("NFKD", _normalized("NFKC", text).casefold())
    return _normalized("NFKC", _ACCENTS.sub("", folded))


def _normalized(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """The text in that form, made piece by piece: each run of marks takes time that grows with the square of it.

    A piece ends before a character that begins something, unless that does not come for another _PIECE.
    """
    pieces, start = [], 0
    while len(text) - start > 2 * _PIECE:
        end = start + _PIECE
        while end < start + 2 * _PIECE and _goes_on(text[end]):
            end += 1
        pieces.append(text[start:end])
        start = end
    return "".join([unicodedata.normalize(form, it) for it in (*pieces, text[start:])])


def _goes_on(character: str) -> bool:
    """Whether it may become one with what stands before it: marks, and the second and third letter of a syllable."""
    plain = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(plain)[0] == "M" or "\u1160" <= plain <= "\u11ff"


def _invalid() -> QueryInvalid:
    return QueryInvalid("q", limit=QUERY_LIMIT, words=PHRASE_LIMIT)


def _begin(text: str, first: int) -> int:
    """Where to begin to show what stands before `first`: behind a gap between words, if there is one near."""
    start = first - _BEFORE
    gap = text.find(" ", start, first)
    return gap + 1 if gap >= 0 else start


def _spans(text: str) -> list[_Span]:
    """The words of a text with their places, found character by character: folding makes some of them several."""
    folded = {character: _folded(character) for character in set(text)}
    origin = [place for place, it in enumerate(text) for _ in folded[it]]
    found = _WORD.finditer("".join([folded[it] for it in text]))
    return [(it[0], origin[it.start()], origin[it.end() - 1] + 1) for it in found]


def _places(spans: Sequence[_Span], looked_for: Sequence[Phrase]) -> list[tuple[int, int]]:
    """Where the phrases stand, in the order of the text; those that run into an earlier one are left out."""
    firsts = {phrase[0] for phrase in looked_for}
    found: list[tuple[int, int]] = []
    behind = 0
    for number, (word, start, _) in enumerate(spans):
        if number >= behind and word in firsts:
            length = max(_length(spans, number, it) for it in looked_for)
            if length:
                behind = number + length
                found.append((start, spans[behind - 1][2]))
    return found


def _length(spans: Sequence[_Span], number: int, phrase: Phrase) -> int:
    """How many words the phrase has, if it begins there; else 0."""
    here = spans[number : number + len(phrase)]
    return len(phrase) if tuple(word for word, _, _ in here) == phrase else 0
