from __future__ import annotations

import itertools
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom import lookalikes
from chatroom.confusables import PROTOTYPES
from chatroom.errors import NameInvalid
from chatroom.lookalikes import name_key
from chatroom.people import INVISIBLE, NAME_LIMIT, name_from

#: Every character that a name may hold.
CHARACTERS = [
    it for it in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(it)[0] != "C"
]

#: Characters that are told from their prototypes: their capitals look like something else, and small letters give way.
GIVEN_UP = set("ðƒƙƥƭƴƽɓɖɗɠβγηνσυϭБгҋґғպռⲅⲝⲷⳁⳝꞟꞵꭴꮁ𑣄𑣆𑣈𑣕𑣗𑣜\u0345")

#: Ordinary names, each somebody else's.
NAMES = [
    *("Ann", "José", "Jose", "Zoë", "Zoe", "Søren", "Łukasz", "Þór", "İpek", "Nguyễn", "Đặng"),
    *("Νίκος", "Ελένη", "Γιώργος", "Владимир", "Ольга", "Гена", "Эдгардович", "Эдуардович"),
    *("Ђорђе", "Їжак", "Արամ", "გიორგი", "יוסף", "רות", "محمد", "فاطمة", "علی", "नरेन्द्र", "সুমন"),
    *("ਗੁਰਪ੍ਰੀਤ", "முருகன்", "ఆంధ్ర", "ಕನ್ನಡ", "മലയാളം", "สมชาย", "ວິໄລ", "សុខា", "མགོན་པོ", "འབྲུག"),
    *("李雷", "李磊", "王芳", "王方", "张伟", "張偉", "陈一", "陈二", "欧阳娜娜", "吕布", "さくら"),
    *("サクラ", "太郎", "大郎", "次郎", "김민수", "김민서", "አበበ", "ᏣᎳᎩ", "🦊", "🐺", "👩‍👩‍👧"),
]


def accepted(text: str) -> str:
    """A name made of `text`, for what is not the subject of a test."""
    try:
        return name_from(text)
    except NameInvalid:
        return "Ann"


names = st.builds(accepted, st.text(st.sampled_from(CHARACTERS), max_size=NAME_LIMIT))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "ANN"),
        ("Straße", "STRASSE"),
        ("Σίσυφος", "σίσυφοσ"),
        ("Владимир", "ВЛАДИМИР"),
        ("İlker", "ilker"),
        ("DJ Νίκος", "dj νίκος"),
        ("Ann", "Ａｎｎ"),
        ("Ann", "𝔸𝓷𝙣"),
        ("Ann", "ⒶⓃⓃ"),
        ("Zoë", "Zoe\u0308"),
        ("alice", "аlice"),
        ("Alice", "Αlice"),
        ("Joe", "Jοe"),
        ("Joe", "J0e"),
        ("Joe", "JOE"),
        ("paypal", "раураӏ"),
        ("HOT", "НОТ"),
        ("hot", "НОТ"),
        ("николай", "ʜиколай"),
        ("борис", "6орис"),
        ("Гоша", "Γоша"),
        ("Ilya", "llya"),
        ("Ilya", "1lya"),
        ("Ilya", "|lya"),
        ("alice", "aIice"),
        ("Marla", "MarIa"),
        ("modern", "rnodem"),
        ("admin", "аdmiո"),
        ("victor", "νictor"),
        ("victor", "𝛎ictor"),
        ("susan", "sυsan"),
        ("bob", "bσb"),
        ("robert", "гobert"),
        ("yuri", "γuri"),
        ("alice", "aliϲe"),
        ("Ann", "ᴀɴɴ"),
        ("ian", "i\u0307an"),
        ("ian", "i" + "\u0307" * 20 + "an"),
        ("Ann", "A\u200dn\ufe0fn"),
        ("Ann", "A\u034fn\u3164n\U000e0101"),
        ("Ann Lee", "Ann \u200c Lee"),
        ("Ann Lee", "Ann\u2800Lee"),
        ("Ann", "Ann\u2800"),
        ("Ann-Lee", "Ann‐Lee"),
        ("Ann-Lee", "Ann–Lee"),
        ("O’Neil", "O'Neil"),
        ("O’Neil", "Oʼneil"),
        ("علی", "علي"),
        ("می‌خواهم", "میخواهم"),
        ("八", "ハ"),
        ("㎏", "kg"),
    ],
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_ordinary_names_have_keys_of_their_own() -> None:
    assert [name_from(it) for it in NAMES] == NAMES
    pairs = itertools.combinations(NAMES, 2)
    assert [(one, other) for one, other in pairs if name_key(one) == name_key(other)] == []


def test_chinese_characters_in_common_use_are_told_apart() -> None:
    """The 3,755 of the first level of GB 2312, but for the one pair that differs by a hair."""
    rows = itertools.product(range(0xB0, 0xD8), range(0xA1, 0xFF))
    common = bytes(itertools.chain.from_iterable(rows)).decode("gb2312", "ignore")
    assert len(common) == 3755
    assert name_key("土") == name_key("士")
    assert len(set(map(name_key, common))) == 3754


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José", "Jose"),
        ("Ann Lee", "AnnLee"),
        ("Ann-Lee", "Ann_Lee"),
        ("Ben", "Bev"),
        ("Ray", "Rau"),
        ("Hans", "Nans"),
        ("Ann", "Ann2"),
        ("😀", "😁"),
        ("👍🏻", "👍🏿"),
    ],
)
def test_names_that_can_be_told_apart_have_two_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_every_character_has_the_key_of_all_its_cases() -> None:
    for it in CHARACTERS:
        cases = {it.lower(), it.upper(), it.title(), it.casefold(), it}
        assert len(set(map(name_key, cases))) == 1, it


def test_every_character_has_the_key_of_its_compatibility_form() -> None:
    """But the lunate sigma, which looks like c and which NFKC makes a final sigma."""
    odd = [it for it in CHARACTERS if name_key(unicodedata.normalize("NFKC", it)) != name_key(it)]
    assert odd == ["ϲ", "Ϲ"]


def test_every_character_has_the_key_of_its_prototype() -> None:
    table = {chr(it): to for it, to in PROTOTYPES.items() if chr(it) in CHARACTERS}
    shown = {it: to for it, to in table.items() if it not in INVISIBLE}
    assert {it for it, to in shown.items() if name_key(it) != name_key(to)} <= GIVEN_UP
    assert len(shown) > 2500


def test_what_looks_like_a_latin_letter_is_one_in_a_latin_word() -> None:
    latin = {chr(it): to for it, to in PROTOTYPES.items() if to.isascii() and to.isalpha()}
    odd = [it for it, to in latin.items() if name_key(f"an{it}") != name_key(f"an{to}")]
    assert odd == []
    assert len(latin) > 400


@given(names)
def test_a_name_has_a_key_which_is_its_own_key(name: str) -> None:
    key = name_key(name)
    assert key
    assert name_key(key) == key
    assert not INVISIBLE & set(key)


@given(
    names,
    st.sampled_from(sorted(INVISIBLE - {"\u2800"} | {"\u200c", "\u200d"})),
    st.integers(0, 32),
)
def test_what_shows_nothing_changes_nothing(name: str, nothing: str, at: int) -> None:
    assert name_key(name[:at] + nothing + name[at:]) == name_key(name)


@given(st.text(st.sampled_from("aIl1|0Oo mrnBhZ")) | st.text(st.sampled_from("вВнНгГеЕбьЬ3 6")))
def test_upper_and_lower_case_are_one_in_latin_and_in_russian(text: str) -> None:
    words = [
        it
        for it in text.split()
        if it.isascii() or not any(c.isascii() and c.isalpha() for c in it)
    ]
    assert len({name_key(it) for it in (" ".join(words), " ".join(words).upper())}) == 1


def test_the_work_for_a_name_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each character settles within three steps, whatever stands beside it, and becomes at most 18."""
    steps: list[str] = []
    step = lookalikes._step

    def counted(text: str) -> str:
        steps.append(text)
        return step(text)

    monkeypatch.setattr(lookalikes, "_step", counted)
    for it in [*CHARACTERS, "".join(sorted(GIVEN_UP)[:NAME_LIMIT]), "i" + "\u0307" * 31]:
        steps.clear()
        assert len(name_key(it)) <= 18 * len(it)
        assert len(steps) <= 4, it
    steps.clear()
    assert len(name_key("\ufdfa" * NAME_LIMIT)) == 18 * NAME_LIMIT
    assert max(map(len, steps)) == 18 * NAME_LIMIT
