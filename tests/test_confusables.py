"""The table of Unicode is whole, and what its program makes of a release."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from unicodedata import normalize

import pytest

from chatroom import confusables
from chatroom.confusables import PROTOTYPES

ROOT = Path(__file__).resolve().parent.parent

#: A few lines as Unicode writes them.
RELEASE = """\
# confusables.txt
# Version: 17.0.0
#
006D ;\t0072 006E ;\tMA\t# ( m → rn ) LATIN SMALL LETTER M → LATIN SMALL LETTER R, LATIN SMALL LETTER N\t#
0430 ;\t0061 ;\tMA\t# ( а → a ) CYRILLIC SMALL LETTER A → LATIN SMALL LETTER A\t#
0049 ;\t006C ;\tMA\t# ( I → l ) LATIN CAPITAL LETTER I → LATIN SMALL LETTER L\t#
FF41 ;\t0061 ;\tMA\t# ( ａ → a ) FULLWIDTH LATIN SMALL LETTER A → LATIN SMALL LETTER A\t# →а→

# total: 4
"""


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("unicode_update", ROOT / "unicode/update.py")
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program


update = _program()


def test_a_release_is_read_but_for_what_is_normalized_anyway() -> None:
    assert update.version(RELEASE) == "17.0.0"
    table = {ord("I"): "l", ord("m"): "rn", ord("а"): "a"}
    assert update.prototypes(RELEASE) == table
    assert list(update.prototypes(RELEASE)) == sorted(table)


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(SystemExit, match="no confusables"):
        update.version("# emoji-test.txt\n")


def test_the_module_is_what_the_program_makes_of_its_table() -> None:
    made = update.module("17.0.0", PROTOTYPES)
    assert made == Path(confusables.__file__).read_text(encoding="utf-8")


def test_the_table_is_whole() -> None:
    assert len(PROTOTYPES) == 2780


def test_a_prototype_is_its_own_prototype() -> None:
    """But one, which Unicode writes composed and so passes over."""
    odd = [chr(it) for it, to in PROTOTYPES.items() if to.translate(PROTOTYPES) != to]
    assert odd == ["ҋ"]


def test_no_character_is_one_that_is_normalized_anyway() -> None:
    assert [it for it in map(chr, PROTOTYPES) if normalize("NFD", it) != it] == []


@pytest.mark.parametrize(
    ("text", "skeleton"),
    [
        ("раураӏ", "paypal"),
        ("ѕсоре", "scope"),
        ("ⅼ0ve", "ⅼOve"),
        ("Ιl1|", "llll"),
        ("modem", "rnodern"),
    ],
)
def test_a_text_becomes_its_skeleton(text: str, skeleton: str) -> None:
    """Examples of UTS #39 and the like."""
    assert text.translate(PROTOTYPES) == skeleton
