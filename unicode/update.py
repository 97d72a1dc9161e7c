"""Make `chatroom/confusables.py` anew, when Unicode has a new version.

    curl -O https://www.unicode.org/Public/17.0.0/security/confusables.txt
    python unicode/update.py confusables.txt

Run it with the oldest Python that is supported: what that one normalizes another way is left out, and newer ones
normalize at least as much. The keys of claimed names (`chatroom/lookalikes.py`) follow from the table, so whoever
keeps some has to make them anew.
"""
# ruff: noqa: INP001 - a folder of data, with the program that keeps it

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize

TARGET = Path(__file__).resolve().parent.parent / "chatroom" / "confusables.py"

#: A line of the file: the character, what it is taken for, and the table that it belongs to.
_LINE = re.compile(r"^([0-9A-F]+)\s*;\s*([0-9A-F]+(?: [0-9A-F]+)*)\s*;\s*MA\b")
_VERSION = re.compile(r"^# Version: ([0-9.]+)", re.MULTILINE)

_HEAD = '''"""Which character is taken for which: the table of Unicode Technical Standard #39, Unicode {version}.

Made by `unicode/update.py`, not by hand. Characters that NFKD writes with others are left out: text is normalized
before it is looked up. Copyright (c) 1991-2025 Unicode, Inc., under the Unicode License v3 (`unicode/LICENSE`).
"""

from __future__ import annotations

#: A character and the prototype of all that look like it, as hexadecimal code points.
_PAIRS = """
'''

_FOOT = '''"""

#: The prototype of a character, by code point, as `str.translate` takes it.
PROTOTYPES = {
    int(character, 16): "".join(chr(int(point, 16)) for point in prototype.split("-"))
    for character, _, prototype in (pair.partition("=") for pair in _PAIRS.split())
}
'''


def version(text: str) -> str:
    """The version of Unicode that a confusables.txt names."""
    found = _VERSION.search(text)
    if found is None:
        raise SystemExit("this is no confusables.txt: it names no version")
    return found[1]


def prototypes(text: str) -> dict[int, str]:
    """The table in a confusables.txt, by code point, as far as it is needed."""
    lines = filter(None, map(_LINE.match, text.splitlines()))
    table = {int(it[1], 16): _characters(it[2]) for it in lines}
    return {it: table[it] for it in sorted(table) if normalize("NFKD", chr(it)) == chr(it)}


def module(version: str, table: Mapping[int, str]) -> str:
    """The text of the module that holds `table`."""
    pairs = " ".join(
        f"{it:X}={'-'.join(f'{ord(one):X}' for one in to)}" for it, to in table.items()
    )
    lines = textwrap.fill(pairs, 100, break_long_words=False, break_on_hyphens=False)
    return f"{_HEAD.format(version=version)}{lines}\n{_FOOT}"


def main(path: str) -> None:
    """Rewrite the module from the file at `path`."""
    text = Path(path).read_text("utf-8-sig")
    TARGET.write_text(module(version(text), prototypes(text)), "utf-8")


def _characters(points: str) -> str:
    return normalize("NFD", "".join(chr(int(point, 16)) for point in points.split()))


if __name__ == "__main__":
    main(*sys.argv[1:])
