"""Every word of the chatroom is translated, and the server reads what the translators wrote."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest
import tornado.locale

pytest.importorskip(
    "babel", reason="the catalogs are read with Babel: pip install -r requirements-dev.txt"
)

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

ROOT = Path(__file__).resolve().parent.parent


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locale_update", ROOT / "locale" / "update.py")
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program


update = _program()
CATALOGS: list[Path] = update.catalogs()


@pytest.fixture(params=CATALOGS, ids=lambda path: path.parent.parent.name)
def path(request: pytest.FixtureRequest) -> Path:
    """The file of each catalog."""
    path: Path = request.param
    return path


@pytest.fixture
def catalog(path: Path) -> Catalog:
    """Each catalog as it stands in its file."""
    catalog: Catalog = update.read(path)
    return catalog


def test_there_is_a_chinese_catalog() -> None:
    assert [path.parent.parent.name for path in CATALOGS] == ["zh_CN"]


def test_strings_come_from_templates_and_from_every_error() -> None:
    found = set(update.strings())
    assert ("templates/room.html", "Send") in found
    assert ("templates/room.html", ("{count} new message", "{count} new messages")) in found
    assert ("chatroom/errors.py", "A message has at most {limit} characters.") in found


def test_no_template_shows_words_that_bypass_the_catalog() -> None:
    """What is left of a template without markup, expressions, statements and what is typed as it is, is no word."""
    for template in sorted((ROOT / "templates").glob("*.html")):
        text = template.read_text("utf-8").replace("{% block kind %}room{% end %}", "")
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<code>.*?</code>", "", text, flags=re.DOTALL)
        spoken = re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"', plain)
        words = re.findall(r"[^\W\d_]{2,}", " ".join([re.sub(r"<[^>]*>", " ", plain), *spoken]))
        assert set(words) <= {"UTC"}, template.name


def test_a_catalog_holds_exactly_the_strings_of_the_project(catalog: Catalog) -> None:
    strings = {text for _, text in update.strings()}
    assert {_key(message) for message in catalog if message.id} == strings


def test_nothing_is_left_untranslated_or_in_doubt(catalog: Catalog) -> None:
    assert update.untranslated(catalog) == []


def test_a_plural_has_as_many_forms_as_its_language(catalog: Catalog) -> None:
    for message in catalog:
        if message.pluralizable:
            assert len(_forms(message.string)) == catalog.num_plurals, message.id


def test_a_translation_fills_in_what_its_original_fills_in(catalog: Catalog) -> None:
    for message in catalog:
        for form in _forms(message.string):
            assert _fields(form) == _fields(_forms(message.id)[-1]), message.id


def test_a_catalog_is_what_the_program_makes_of_it(path: Path) -> None:
    """Running it again changes nothing: `python locale/update.py` was not forgotten."""
    made = update.source(update.updated(path)).splitlines()
    assert _unsigned(made) == _unsigned(path.read_bytes().splitlines())


def test_the_compiled_catalog_is_the_written_one(path: Path, catalog: Catalog) -> None:
    compiled = read_mo(BytesIO(path.with_suffix(".mo").read_bytes()))
    assert _content(compiled) == _content(catalog)


def test_tornado_finds_the_translations() -> None:
    tornado.locale.load_gettext_translations(str(ROOT / "locale"), "chatroom")
    chinese = tornado.locale.get("zh_CN")
    assert chinese.code == "zh_CN"
    assert chinese.translate("Send") == "发送"
    assert chinese.translate("{count} new message", "{count} new messages", 5) == "{count} 条新消息"


def _unsigned(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b"Generated-By: Babel" not in line]


def _content(catalog: Catalog) -> dict[object, object]:
    return {_key(it): _forms(it.string) for it in catalog if it.id}


def _key(message: Message) -> object:
    return tuple(message.id) if message.pluralizable else message.id


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))
