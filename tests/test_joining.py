"""Files with all that they import: what becomes of them, what is refused, and that of ours nothing is lost."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatroom.app import STATIC
from chatroom.joining import script, sheet, source_map

#: Two that need a third, which is in another folder.
MODULES = {
    "js/main.js": (
        'import { One } from "./one.js";\nimport { two, third as drei } from "./models/two.js";\n'
        "// Says it.\nconsole.log(new One().third, two(), drei);\n"
    ),
    "js/one.js": (
        'import { third } from "./models/two.js";\n\n'
        "const hidden = 1;\nexport class One {\n  third = third + hidden;\n}\n"
    ),
    "js/models/two.js": (
        "const hidden = 2;\nexport const third = 3;\nexport function two() {\n  return hidden;\n}\n"
        "export async function wait() {}\nexport function* count() {}\n"
    ),
}
JOINED = """\
const $0 = (() => {const hidden = 2;
const third = 3;
function two() {
  return hidden;
}
async function wait() {}
function* count() {}
return { third, two, wait, count }; })();
const $1 = (() => {const { third } = $0;

const hidden = 1;
class One {
  third = third + hidden;
}
return { One }; })();
const $2 = (() => {const { One } = $1;
const { two, third: drei } = $0;

console.log(new One().third, two(), drei);
return {  }; })();
"""
#: The scripts that are ours, each of which could be a page's.
SCRIPTS = sorted(str(it.relative_to(STATIC)) for it in STATIC.glob("js/**/*.js"))

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


def ours(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")


def test_a_module_comes_behind_all_that_it_needs_each_once() -> None:
    assert script("js/main.js", MODULES.__getitem__) == JOINED


@needs_node
def test_it_does_what_the_modules_do(tmp_path: Path) -> None:
    for path, source in MODULES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    (tmp_path / "js/package.json").write_text('{ "type": "module" }')
    (tmp_path / "js/joined.js").write_text(JOINED)
    assert said(tmp_path / "js/main.js") == said(tmp_path / "js/joined.js") == "4 2 3\n"


def said(path: Path) -> str:
    """What a script writes."""
    done = subprocess.run(["node", str(path)], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export let a = 1;",
        "export const { a } = b;",
        "export { a };",
        'export { a } from "./b.js";',
        'import "./b.js";',
        'import a from "./b.js";',
        'import * as a from "./b.js";',
        'import { a } from "elsewhere";',
    ],
)
def test_what_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"a.js: {line}")):
        script("a.js", {"a.js": f"{line}\n", "b.js": ""}.__getitem__)


@pytest.mark.parametrize(
    "line", ["// a", "  // a", "export const a = 1;", 'import { a } from "./a.js";']
)
def test_a_text_that_could_be_taken_for_code_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"b.js: {line}")):
        script("b.js", {"a.js": "", "b.js": f"const b = `\n{line}\n`;\n"}.__getitem__)


def test_modules_that_need_each_other_are_refused() -> None:
    modules = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js needs itself"):
        script("a.js", modules.__getitem__)


def test_the_map_leads_from_every_line_to_where_it_is_from() -> None:
    lines = JOINED.splitlines()
    found = places(source_map("js/main.js", MODULES.__getitem__))
    assert found[0] == ("models/two.js", "const hidden = 2;")
    assert found[lines.index("class One {")] == ("one.js", "export class One {")
    assert found[lines.index("console.log(new One().third, two(), drei);")][0] == "main.js"


def places(told: str) -> Mapping[int, tuple[str, str]]:
    """By line, the file and the line there, as a browser reads a map of this kind."""
    found = {}
    for section in json.loads(told)["sections"]:
        (name,), (text,) = section["map"]["sources"], section["map"]["sourcesContent"]
        first, *others = section["map"]["mappings"].split(";")
        assert (first, set(others)) == ("AAAA", {"AACA"} if others else set())
        for number, line in enumerate(text.split("\n")[: 1 + len(others)]):
            found[section["offset"]["line"] + number] = (name, line)
    return found


@pytest.mark.parametrize("path", SCRIPTS)
def test_every_line_of_ours_is_sent_and_found_again(path: str) -> None:
    sent, found = script(path, ours).splitlines(), places(source_map(path, ours))
    assert len(found) > 0
    for number, (name, line) in found.items():
        if not re.match(r"\s*//|import ", line):
            assert sent[number].endswith(line.removeprefix("export ")), (name, line)
    left = [line for number, line in enumerate(sent) if number not in found]
    assert all(re.fullmatch(r"return \{ .*\}; \}\)\(\);", line) for line in left)


@pytest.mark.parametrize("path", SCRIPTS)
def test_what_ours_import_is_exported(path: str) -> None:
    for names, neighbour in re.findall(
        r'^import \{([^}]+)\} from "(.+)";', ours(path), re.MULTILINE
    ):
        source = (STATIC / path).parent.joinpath(neighbour).read_text(encoding="utf-8")
        exported = re.findall(
            r"^export (?:async )?(?:class|const|function\*?) (\w+)", source, re.MULTILINE
        )
        assert {it.split()[0] for it in names.split(",")} <= set(exported)


@pytest.mark.parametrize("path", SCRIPTS)
def test_ours_name_no_other_file_by_where_they_are_but_beside_the_page_s(path: str) -> None:
    assert "import.meta" not in ours(path) or Path(path).parent == Path("js")
    assert not re.search(r"\bimport\(", ours(path))


@needs_node
@pytest.mark.parametrize("entry", ["main.js", "selftest.js", "worker.js"])
def test_ours_are_good_scripts(entry: str, tmp_path: Path) -> None:
    joined = tmp_path / "joined.mjs"
    joined.write_text(script(f"js/{entry}", ours), encoding="utf-8")
    subprocess.run(["node", "--check", str(joined)], check=True)


def test_a_sheet_has_those_that_it_imports_in_their_places() -> None:
    sheets = {
        "css/main.css": '@import "a.css";\n@import "more/b.css";\np { top: 0 }\n',
        "css/a.css": "@layer a, b;\n",
        "css/more/b.css": '@import "c.css";\n',
        "css/more/c.css": "@layer b { q { top: 0 } }\n",
    }
    assert sheet("css/main.css", sheets.__getitem__) == (
        "@layer a, b;\n@layer b { q { top: 0 } }\np { top: 0 }\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        '@import "b.css" print;',
        "@import 'b.css';",
        '@import url("b.css");',
        '@import "b.css"; /* too */',
        '  @import "b.css";',
        '@charset "utf-8";',
    ],
)
def test_what_would_be_left_of_a_sheet_where_browsers_pass_over_it_is_refused(line: str) -> None:
    sheets = {"a.css": f'@import "c.css";\n{line}\n', "b.css": "", "c.css": "p { top: 0 }\n"}
    with pytest.raises(ValueError, match=re.escape(f"a.css: {line}")):
        sheet("a.css", sheets.__getitem__)


def test_every_sheet_of_ours_is_on_every_page_or_on_one() -> None:
    pages = "".join(it.read_text("utf-8") for it in (STATIC.parent / "templates").glob("*.html"))
    for path in STATIC.glob("css/*.css"):
        assert (f"css/{path.name}" in pages) != (f'@import "{path.name}"' in ours("css/main.css"))
