from __future__ import annotations

import unicodedata
from types import SimpleNamespace
from typing import Literal

import pytest

from chatroom.errors import QueryInvalid
from chatroom.words import EXCERPT, PHRASE_LIMIT, QUERY_LIMIT, Piece, excerpt, phrases, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, World!", "hello world"),
        ("don't foo_bar a.b", "don t foo bar a b"),
        ("Wörld Ångström CAFÉ cafe\u0301", "world angstrom cafe cafe"),
        ("Straße ﬁn ＡＢＣ１", "strasse fin abc1"),
        ("й Ёлка Ελλάδα", "й ёлка ελλάδα"),
        ("我喜欢iPhone手机，好", "我 喜 欢 iphone 手 机 好"),
        ("ﾊﾟﾝ デス・カフェー 々", "パ ン デ ス カ フ ェ ー 々"),
        ("한국어", "한 국 어"),
        ("สวัสดี", "ส ว ั ส ด ี"),
        ("हिन्दी भाषा।", "हिन्दी भाषा"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
        ("party🎉👍🏽", "party 🎉 👍 🏽"),
        ("… – ** --", ""),
        ("𠮷野家", "𠮷 野 家"),
    ],
)
def test_words_are_what_people_would_look_for(text: str, found: str) -> None:
    assert words(text) == found.split()


def test_words_that_are_folded_once_stay_as_they_are() -> None:
    for text in ("Ǆ ŉ ΐ ﬃ İstanbul ſ", "Ａ̀é ﾊﾟ ㌀ ℌ", "ẞ ς"):
        once = words(text)
        assert words(" ".join(once)) == once


def test_nothing_but_letters_digits_and_signs_is_in_a_word() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    found = "".join(words(every))
    assert not set(found) & set("\"'()*:^-+{}, \t\n\0")


def test_a_query_is_phrases_each_once() -> None:
    assert phrases(' Tea "北京" don\'t tea ') == (("tea",), ("北", "京"), ("don", "t"))
    assert phrases("  ") == ()


@pytest.mark.parametrize(
    "query",
    ["!!!", "x" * (QUERY_LIMIT + 1), " ".join(f"w{n}" for n in range(PHRASE_LIMIT + 1))],
)
def test_a_query_without_words_or_with_too_many_is_refused(query: str) -> None:
    with pytest.raises(QueryInvalid):
        phrases(query)


def test_the_longest_query_is_taken() -> None:
    assert phrases("x" * QUERY_LIMIT)
    assert len(phrases(" ".join(f"w{n}" for n in range(PHRASE_LIMIT)))) == PHRASE_LIMIT


def marked(text: str, query: str) -> str:
    pieces = excerpt(text, phrases(query))
    return "".join(f"[{it.text}]" if it.found else it.text for it in pieces)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Green tea, please", "tea", "Green [tea], please"),
        ("Tea for two, TEA for all", "tea", "[Tea] for two, [TEA] for all"),
        ("teapot", "tea", "teapot"),
        ("北京的天气", "天气 北京", "[北京]的[天气]"),
        ("京北", "北京", "京北"),
        ("Straße", "strasse", "[Straße]"),
        ("cafe\u0301 ＡＢＣ", "cafe abc", "[caf\u00e9] [ＡＢＣ]"),
        ("don't", "don't", "[don't]"),
        ("a b a", "a", "[a] b [a]"),
        ("<b>tea</b> & co", "tea", "<b>[tea]</b> & co"),
        ("nothing", "tea", "nothing"),
    ],
)
def test_what_was_found_is_marked(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


def test_the_longest_phrase_that_begins_somewhere_is_marked() -> None:
    assert marked("北京市的", "北 北京市") == "[北京市]的"


def test_an_excerpt_begins_before_the_first_mark_and_is_bounded() -> None:
    text = "hay " * 500 + "needle " + "hay " * 500
    pieces = excerpt(text, phrases("needle"))
    shown = "".join(it.text for it in pieces)
    assert Piece("needle", found=True) in pieces
    assert shown.startswith("…hay")
    assert shown.endswith("…")
    assert len(shown) <= EXCERPT + 2


def test_a_text_without_gaps_is_cut_all_the_same() -> None:
    shown = marked("的" * 1000 + "北京" + "的" * 1000, "北京")
    assert "[北京]" in shown
    assert len(shown) < EXCERPT + 10


def test_without_words_an_excerpt_is_the_beginning() -> None:
    assert excerpt("x " * 1000, ())[0].text.startswith("x x")
    assert excerpt("", ()) == []


@pytest.mark.parametrize("word", ["cafe\u0301", "ﾊﾟﾝ", "한국어", "สวัสดี", "cafe\u0316\u0301"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_where_a_long_text_is_cut_to_be_normalized_makes_no_difference(
    word: str, form: Literal["NFC", "NFD"]
) -> None:
    word = unicodedata.normalize(form, word)
    one = words(word) * (1 if word[0] == "c" else 500)
    for shift in range(8):
        found = words("- " * shift + word * 500)
        assert "".join(found) == "".join(words(word)) * 500
        assert len(found) == len(one)


def test_no_run_of_marks_is_normalized_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def normalize(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
        lengths.append(len(text))
        return unicodedata.normalize(form, text)

    watched = SimpleNamespace(normalize=normalize, category=unicodedata.category)
    monkeypatch.setattr("chatroom.words.unicodedata", watched)
    text = "a" + "\u0316\u0301" * 2000
    assert len(words(text)) == 1
    excerpt(text, phrases("b"))
    assert max(lengths) <= 128
