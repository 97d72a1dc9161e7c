"""The layers of docs/design.md, read from the imports: arrows run one way, and every module has its test module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chatroom"

#: The core in reading order: each file imports earlier ones only.
CORE = [
    *("errors", "people", "confusables", "lookalikes", "message", "deed"),
    *("statutes", "order", "founding", "mention"),
    *("cursor", "news", "shapes", "wire", "buffer", "presence"),
    *("room", "rooms", "poll", "words", "fields"),
]

#: What the core needs of the standard library and msgspec: nothing that touches the world or waits.
CORE_MAY_IMPORT = {
    "__future__",
    "collections",
    "contextlib",
    "datetime",
    "enum",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "operator",
    "re",
    "typing",
    "unicodedata",
}

MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
)


def imports(module: str) -> set[str]:
    """The modules that `module` imports, with dots, those of this package without its name in front."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "chatroom":
            found.update(f"chatroom.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def ours(module: str) -> set[str]:
    return {
        name.removeprefix("chatroom.") for name in imports(module) if name.startswith("chatroom.")
    }


def test_the_reader_finds_imports_that_run_the_wrong_way() -> None:
    assert "held" in ours("handlers/message")
    assert "engines.writer" in ours("engines/store")


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_only_what_was_read_before(module: str) -> None:
    assert ours(module) <= set(CORE[: CORE.index(module)])


@pytest.mark.parametrize("module", CORE)
def test_the_core_touches_nothing_outside(module: str) -> None:
    foreign = {name.partition(".")[0] for name in imports(module)} - {"chatroom"}
    assert foreign <= CORE_MAY_IMPORT
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    assert not [it for it in ast.walk(tree) if isinstance(it, ast.Await | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("module", [str(it) for it in MODULES if it.parts[0] == "engines"])
def test_engines_know_the_core_and_each_other_only(module: str) -> None:
    assert {name for name in ours(module) if not name.startswith("engines")} <= set(CORE)


@pytest.mark.parametrize("module", [str(it) for it in MODULES if it.parts[0] == "handlers"])
def test_handlers_know_no_engine_but_the_seam(module: str) -> None:
    seam = {"engines.base", "engines.files", "engines.people"}
    ends = {name for name in ours(module) if name.startswith(("engines", "app", "serve"))}
    assert ends <= seam


def test_only_the_ends_know_the_whole() -> None:
    wholes = {"app", "serve"}
    assert {str(it) for it in MODULES if ours(str(it)) & wholes and str(it) not in wholes} == set()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_test_module(module: Path) -> None:
    assert (ROOT / "tests" / module.parent / f"test_{module.name}.py").is_file()


def test_the_map_of_the_package_names_every_module() -> None:
    drawn = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert [it.parts[0] for it in MODULES if f"    {it.parts[0]}" not in drawn] == []


def test_the_layers_of_the_design_name_every_module_once() -> None:
    design = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    drawn = re.search(r"\n    core (.*?)\n    face ", design, re.DOTALL)
    assert drawn is not None
    lines = [line for line in drawn[1].splitlines() if "no I/O" not in line]
    named = " ".join(lines).replace("shell", "").replace("/", "").split()
    assert sorted(named) == sorted({it.parts[0] for it in MODULES})
