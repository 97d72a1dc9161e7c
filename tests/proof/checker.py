"""What must hold when everything is quiet: every log is the log, entry by entry.

Pure functions over what was collected, so that a test can hand them a log with one fault and see it refused.
Offsets are dense from 1, therefore the truth of a room is a list, and a reader that followed it from the
beginning must hold exactly this list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple


class Entry(NamedTuple):
    """One message as a reader or the file has it; `at` as on the wire."""

    id: str
    author: str
    name: str
    client_id: str | None
    body: str
    at: str

    @property
    def offset(self) -> int:
        """The position in its room's log."""
        return offset_of(self.id)


class Violation(NamedTuple):
    """One thing that must not be: its kind (`lost`, `twice`, `out of order`, ...), where, and what."""

    kind: str
    where: str
    what: str


def offset_of(id_: str) -> int:
    """The offset in an id or cursor."""
    return int(id_.rpartition("-")[2])


def check_reader(where: str, log: Sequence[Entry], truth: Sequence[Entry]) -> list[Violation]:
    """Compare what a reader collected of one room, in the order in which it came, with the room's log."""
    found = [
        *check_order(where, log),
        *_missing(where, (entry.id for entry in log), (entry.id for entry in truth)),
        *_altered(where, log, truth),
    ]
    if not found and list(log) != list(truth):
        found.append(Violation("different", where, "the logs are not the same"))
    return found


def check_order(where: str, log: Sequence[Entry]) -> list[Violation]:
    """Offsets go up by one from 1, and nothing is there twice."""
    found = _repeated(where, (entry.id for entry in log))
    expected = 1
    for entry in log:
        if entry.offset != expected:
            found.append(Violation("out of order", where, f"{entry.id} where {expected} belongs"))
        expected = entry.offset + 1
    return found


def check_tokens(where: str, truth: Sequence[Entry]) -> list[Violation]:
    """No (author, client_id) stands for two messages of a room."""
    return _repeated(where, (f"{entry.author}/{entry.client_id}" for entry in truth))


def check_acknowledged(
    where: str, acknowledged: Mapping[str, str], truth: Sequence[Entry], *, complete: bool
) -> list[Violation]:
    """Every acknowledged id (of client_id -> id) is in the log, and stands for that client_id.

    With `complete` there is nothing else in it: every post was retried until it was acknowledged.
    """
    stored = {entry.id: entry.client_id for entry in truth}
    found = [
        Violation(
            "lost", where, f"{id_} was acknowledged to {client_id}, stored: {stored.get(id_)}"
        )
        for client_id, id_ in acknowledged.items()
        if stored.get(id_) != client_id
    ]
    found += _repeated(where, acknowledged.values())
    if complete:
        extra = stored.keys() - set(acknowledged.values())
        found += [Violation("never acknowledged", where, id_) for id_ in sorted(extra)]
    return found


def check_stderr(text: str) -> list[Violation]:
    """A bad network and an earlier crash are no reason for a traceback."""
    return [Violation("traceback", "stderr", text)] if "Traceback" in text else []


def _repeated(where: str, names: Iterable[str]) -> list[Violation]:
    counted = Counter(names)
    return [Violation("twice", where, name) for name, times in counted.items() if times > 1]


def _missing(where: str, have: Iterable[str], want: Iterable[str]) -> Iterator[Violation]:
    have, want = set(have), set(want)
    yield from (Violation("lost", where, id_) for id_ in sorted(want - have, key=offset_of))
    yield from (Violation("not in the log", where, id_) for id_ in sorted(have - want))


def _altered(where: str, log: Sequence[Entry], truth: Sequence[Entry]) -> Iterator[Violation]:
    by_id = {entry.id: entry for entry in truth}
    for entry in log:
        if entry != by_id.get(entry.id, entry):
            yield Violation("altered", where, f"{entry} for {by_id[entry.id]}")
