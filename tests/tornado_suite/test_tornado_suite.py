"""Our connection passes Tornado's own tests, and the runner would say if it did not."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import unittest

import pytest

from tests.server_process import ROOT
from tests.tornado_suite.swap import LOOPS
from tests.tornado_suite.verdict import Verdict

pytest.importorskip("tornado.test.httpserver_test", reason="this Tornado came without its tests")

AVAILABLE = [loop for loop in LOOPS if importlib.util.find_spec(loop)]


@pytest.mark.parametrize("loop", AVAILABLE)
def test_tornados_tests_of_its_server_pass_on_ours(loop: str) -> None:
    run("--server=chatroom", f"--loop={loop}")


def test_they_pass_on_tornados_own_so_that_a_failure_is_ours() -> None:
    run("--server=tornado")


def run(*options: str) -> None:
    """Run the suite in a process of its own: it replaces the server and the loop for the whole of it."""
    command = [sys.executable, "-m", "tests.tornado_suite", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr


class Example(unittest.TestCase):
    """What the runner may meet."""

    def passing(self) -> None:
        pass

    def failing(self) -> None:
        self.fail("on purpose")

    def mixed(self) -> None:
        for name in ("good", "bad"):
            with self.subTest(name):
                assert name == "good"

    def skipping(self) -> None:
        self.skipTest("on purpose")


MISSING = "exempt, and there is no such test (or it was skipped): "


def objections(method: str, *exempt: str) -> list[str]:
    """The first line of each objection to a run of one method of the example, some names being exempt."""
    verdict = Verdict()
    Example(method).run(verdict)
    prefix = Example.__module__ + ".Example."
    told = verdict.objections({prefix + name: "" for name in exempt})
    return [line.partition("\n")[0].replace(prefix, "") for line in told]


def test_a_failure_is_objected_to_unless_it_is_exempt() -> None:
    assert objections("passing") == []
    assert objections("failing") == ["failed: failing"]
    assert objections("failing", "failing") == []


def test_a_subtest_is_exempt_by_its_own_name_or_with_its_test() -> None:
    assert objections("mixed", "mixed") == [MISSING + "mixed"]  # it does not fail but in subtests
    assert objections("mixed") == ["failed: mixed [bad]"]
    assert objections("mixed", "mixed [bad]") == []
    assert objections("mixed", "mixed [bad]", "mixed [good]") == [
        "exempt, and passes: mixed [good]"
    ]


def test_an_exemption_that_is_needless_is_objected_to() -> None:
    assert objections("passing", "passing") == ["exempt, and passes: passing"]
    assert objections("passing", "renamed") == [MISSING + "renamed"]
    assert objections("skipping", "skipping") == [MISSING + "skipping"]
