"""Bring every catalog up to date with the strings of the project, and compile it.

    python locale/update.py

Strings are what templates and Python sources pass to `_` or `translate`, and the `message` of every error, whose class
attribute is the key of its translation. What is new comes in empty, what nobody uses goes; the exit code is 1 while
something lacks its translation. The catalogs (`*/LC_MESSAGES/chatroom.po`) are the only place that keeps translations:
there is no template of them to be forgotten.
"""
# ruff: noqa: INP001 - a folder of catalogs, with the program that keeps them

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from tornado.template import Loader

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WIDTH = 100

sys.path.insert(0, str(ROOT))

from chatroom.errors import ChatroomError  # noqa: E402 - the folder above has to be known first

#: What to take from a call, by the number of its arguments: a string, or the singular and the plural of three.
_SPEC = {1: (1,), 3: (1, 2)}
KEYWORDS: Mapping[str, Any] = {"_": _SPEC, "translate": _SPEC}

#: One string, or the singular and the plural.
Text = str | tuple[str, str]


def strings() -> Iterator[tuple[str, Text]]:
    """Every string to be translated, after the file in which it stands; some stand in several."""
    for path in sorted(ROOT.glob("templates/*.html")):
        yield from _from_python(_name(path), _compiled(path.name))
    for path in sorted(ROOT.glob("chatroom/**/*.py")):
        yield from _from_python(_name(path), path.read_text("utf-8"))
    for error in _family(ChatroomError):
        yield "chatroom/errors.py", error.message


def catalogs() -> list[Path]:
    """The catalogs, one for each language that is not the sources'."""
    return sorted(HERE.glob("*/LC_MESSAGES/chatroom.po"))


def read(path: Path) -> Catalog:
    """The catalog in a file; its language is named by its folder."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain="chatroom")


def updated(path: Path) -> Catalog:
    """The catalog in `path` with the strings of now."""
    catalog = read(path)
    current = Catalog(creation_date=catalog.creation_date)
    for file, text in strings():
        current.add(text, locations=[(file, 1)])
    catalog.update(current, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def source(catalog: Catalog) -> bytes:
    """The text of a catalog, for people."""
    file = BytesIO()
    write_po(file, catalog, width=WIDTH, include_lineno=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The bytes of a catalog, for the server."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """What is missing or doubtful."""
    return [
        _forms(it.id)[0] for it in catalog if it.id and (it.fuzzy or not all(_forms(it.string)))
    ]


def main() -> int:
    """Rewrite all catalogs; 1 if something lacks its translation."""
    missing = 0
    for path in catalogs():
        catalog = updated(path)
        path.write_bytes(source(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        for text in untranslated(catalog):
            sys.stderr.write(f"{_name(path)}: not translated: {text}\n")
            missing = 1
    return missing


def _compiled(template: str) -> str:
    """A template as the Python program that Tornado makes of it, in which `_` is an ordinary call."""
    code: str = Loader(str(ROOT / "templates")).load(template).code
    return code


def _from_python(name: str, code: str) -> Iterator[tuple[str, Text]]:
    for _, text, _, _ in extract("python", BytesIO(code.encode()), KEYWORDS):
        yield name, text if isinstance(text, str) else _pair(text)


def _pair(forms: Iterable[str | None]) -> Text:
    one, many = forms
    return (one or "", many) if many else one or ""


def _family(error: type[ChatroomError]) -> Iterator[type[ChatroomError]]:
    yield error
    for child in error.__subclasses__():
        yield from _family(child)


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    """All forms of a text; a text that is missing is an empty one."""
    return (text or "",) if isinstance(text, str | None) else text


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
