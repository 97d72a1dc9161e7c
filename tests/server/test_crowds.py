"""Many readers, slow ones, and those who leave (R10, R11, R14, R17), on a small scale: the code of the long proofs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.proof import half_open, leaving, slow_readers, throng
from tests.proof.listener import Listener, check_heard


def test_a_post_wakes_everybody_and_a_restart_loses_nothing(
    server_name: str, tmp_path: Path
) -> None:
    plan = throng.Plan(polls=300, posts=2, p99=5.0, server=server_name)
    outcome = throng.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_who_reads_slowly_or_not_at_all_misses_nothing_and_is_not_waited_for(
    server_name: str, tmp_path: Path
) -> None:
    pace = {"rate": 100.0, "seconds": 1.5, "arriving": 1.0, "write_timeout": 3.0, "noise": 1.0}
    plan = slow_readers.Plan(deaf=5, slow=5, server=server_name, **pace)
    outcome = slow_readers.run(plan, tmp_path / "data")
    kinds = {violation.kind for violation in outcome.violations}
    # With so few of them, what the room itself needs is more than their share.
    assert kinds <= {"grown"}, str(outcome)


def test_of_a_client_that_leaves_nothing_is_left(server_name: str, tmp_path: Path) -> None:
    # Tornado's own server may not be told by uvloop of a reset that came with the request, until the hold ends.
    hold = 5.0 if server_name == "tornado" else 60.0
    plan = leaving.Plan(clients=50, slack=10.0, hold=hold, server=server_name)
    outcome = leaving.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


def test_what_is_kept_for_a_vanished_peer_is_freed_in_time(
    server_name: str, tmp_path: Path
) -> None:
    # Whoever watches may stand still for a while, and is neither idle then nor misses that polls are held.
    timeouts = {"header_timeout": 1.0, "body_timeout": 1.0, "idle_timeout": 4.0}
    plan = half_open.Plan(peers=5, hold=5.0, slot=9.0, server=server_name, **timeouts)
    outcome = half_open.run(plan, tmp_path / "data")
    assert outcome.holds, str(outcome)


def listener(*updates: bytes) -> Listener:
    """One who stood at 1 and was told this; its connection is never made."""
    listener = Listener(0, "7", "abcdefgh-1", Counter())
    for body in updates:
        listener.data_received(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
    return listener


def update(*offsets: int) -> bytes:
    messages = ",".join(f'{{"id":"abcdefgh-{offset}"}}' for offset in offsets)
    return f'{{"messages":[{messages}],"cursors":{{"7":"abcdefgh-{offsets[-1]}"}}}}'.encode()


def test_a_listener_can_say_no() -> None:
    def kinds(*updates: bytes) -> list[str]:
        return [it.kind for it in check_heard([listener(*updates)], range(2, 5))]

    assert kinds(update(2), update(3, 4)) == []
    assert kinds(update(2), update(3)) == ["lost"]
    assert kinds(update(2), update(4)) == ["out of order", "lost"]
    assert kinds(update(2, 3), update(3, 4)) == ["out of order"]
