from __future__ import annotations

import msgspec

from chatroom.news import News
from chatroom.shapes import Line
from tests.making import ANN, EPOCH, entries, wire


def test_gaps_resets_and_pauses_are_told_only_where_there_are_some() -> None:
    plain = msgspec.json.decode(wire().update([News("7", entries(3, 5), 5)]))
    assert set(plain) == {"messages", "cursors"}


def test_a_line_says_its_minute_as_a_person_reads_it() -> None:
    line = Line(f"{EPOCH}-1", "7", ANN, "2023-11-14T22:13:20.000Z", "")
    assert line.minute == "2023-11-14 22:13"
