"""What a run came to: every test and subtest by name, held against the list of those that do not apply."""

from __future__ import annotations

import unittest
from collections.abc import Iterator, Mapping
from typing import Any

PREFIX = "tornado.test."


class Verdict(unittest.TestResult):
    """Collects who passed, who failed and how, and who was skipped and why, each by name."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: set[str] = set()
        self.failed: dict[str, str] = {}
        self.left_out: dict[str, str] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - the name is unittest's, as below
        self.passed.add(name_of(test))

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addError(test, err)
        self.failed[name_of(test)] = self.errors[-1][1]

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addFailure(test, err)
        self.failed[name_of(test)] = self.failures[-1][1]

    def addSubTest(  # noqa: N802
        self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any
    ) -> None:
        if err is None:
            self.passed.add(name_of(subtest))
        else:
            self.addFailure(subtest, err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        self.left_out[name_of(test)] = reason

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.failed[name_of(test)] = "it succeeded, which Tornado does not expect"

    def objections(self, exempt: Mapping[str, str]) -> Iterator[str]:
        """Everything for which the run has failed, in words; nothing if it has not."""
        for name, trace in self.failed.items():
            if name not in exempt and name.partition(" ")[0] not in exempt:
                yield f"failed: {name}\n{trace}"
        for name in exempt:
            if name in self.passed:
                yield f"exempt, and passes: {name}"
            elif name not in self.failed:
                yield f"exempt, and there is no such test (or it was skipped): {name}"


def name_of(test: unittest.TestCase) -> str:
    """The name of a test or subtest, as in `exempt`."""
    return test.id().removeprefix(PREFIX)
