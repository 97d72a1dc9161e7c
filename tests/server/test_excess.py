"""Too slow (S2) and too much (S6), on a small scale: the same code as the long proofs."""

from __future__ import annotations

from pathlib import Path

from tests.proof import dripping, oversized
from tests.proof.footprint import percentile


def test_who_drips_is_cut_off_in_time(server_name: str, tmp_path: Path) -> None:
    # Whoever posts meanwhile may stand still for a while without being taken for idle.
    timeouts = {"header_timeout": 0.5, "body_timeout": 0.5, "idle_timeout": 4.0}
    # With so few posts the slowest one decides; that it is fast is for the long proof to show.
    plan = dripping.Plan(sockets=80, beat=0.1, p99=5.0, server=server_name, **timeouts)
    outcome = dripping.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_too_much_is_refused_and_not_remembered(server_name: str, tmp_path: Path) -> None:
    plan = oversized.Plan(rounds=1, varieties=3_000, server=server_name)
    outcome = oversized.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_a_percentile_is_the_figure_that_so_many_do_not_exceed() -> None:
    assert [percentile(range(1, 101), percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([3.0], 99) == 3.0
    assert percentile([], 99) == 0.0
