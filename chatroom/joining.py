"""Scripts and style sheets with all that they import, in one piece each.

A page of a hundred files costs a browser, which keeps six connections to a server, a round trip for every six. Files
are joined when they are asked for: they stay as they are in the repository, and work as they are. A module becomes a
function that returns what it exports; modules run in the order in which browsers run them. Every line stays a line of
its own, so a source map leads back to the files. What our modules do without is refused rather than understood:
cycles, default exports, exports that change, `import *`, `await` outside of functions. `import.meta.url` is that of the
piece, so only modules beside it may use it.

`read` gives the text of a file by its path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from posixpath import dirname, join, normpath, relpath

Read = Callable[[str], str]

_COMMENT = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function\*?) (\w+))", re.MULTILINE)
_REFUSED = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_TEMPLATE = re.compile(r"`[^`]*`")
_MEANT = re.compile(r"^(?:[ \t]*//|import\b|export\b).*", re.MULTILINE)
_SHEET = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
_LEFT = re.compile(r"^[ \t]*@(?:import|charset)\b.*", re.MULTILINE)


def sheet(path: str, read: Read) -> str:
    """A style sheet with those that it imports in their places. Raises ValueError for other ways to import."""
    source = read(path)
    _refuse(path, _LEFT.search(_SHEET.sub("", source)))
    return _SHEET.sub(lambda it: sheet(_beside(path, it[1]), read), source)


def script(path: str, read: Read) -> str:
    """A module with those that it imports, each before whoever needs it. Raises ValueError for what is refused."""
    sources = _reached(path, read)
    names = {it: f"${number}" for number, it in enumerate(sources)}
    return "".join(_function(it, source, names) for it, source in sources.items())


def source_map(path: str, read: Read) -> str:
    """Which line of `script` is which line of which file (ECMA-426), the texts of the files included."""
    sections, line = [], 0
    for it, source in _reached(path, read).items():
        lines = source.count("\n")
        told = {"version": 3, "sources": [relpath(it, dirname(path))], "sourcesContent": [source]}
        # One place for each line: the first of the file, then one line further each.
        told |= {"names": [], "mappings": "AAAA" + ";AACA" * (lines - 1)}
        sections.append({"offset": {"line": line, "column": 0}, "map": told})
        line += lines + 1
    return json.dumps({"version": 3, "sections": sections}, ensure_ascii=False)


def _reached(path: str, read: Read) -> Mapping[str, str]:
    """The sources of a module and of all below it, in the order in which they run."""
    sources: dict[str, str] = {}

    def visit(path: str, above: tuple[str, ...]) -> None:
        if path in above:
            raise ValueError(f"{path} needs itself")
        if path not in sources:
            source = read(path)
            for found in _IMPORT.finditer(source):
                visit(_beside(path, found[2]), (*above, path))
            sources[path] = source

    visit(path, ())
    return sources


def _function(path: str, source: str, names: Mapping[str, str]) -> str:
    """A module as a function that is called at once. It has one line more than the module."""

    def taken(found: re.Match[str]) -> str:
        return f"const {{{found[1].replace(' as ', ': ')}}} = {names[_beside(path, found[2])]};"

    for text in _TEMPLATE.findall(source):  # what is said there is no code
        _refuse(path, _MEANT.search(text))
    code = _COMMENT.sub("", source)
    exported = ", ".join(_EXPORT.findall(code))
    code = _IMPORT.sub(taken, _EXPORT.sub("", code))
    _refuse(path, _REFUSED.search(code))
    return f"const {names[path]} = (() => {{{code}return {{ {exported} }}; }})();\n"


def _refuse(path: str, found: re.Match[str] | None) -> None:
    if found:
        raise ValueError(f"{path}: {found[0]}")


def _beside(path: str, name: str) -> str:
    return normpath(join(dirname(path), name))
