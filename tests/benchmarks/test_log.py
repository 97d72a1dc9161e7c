"""What every reader hears is held against what all others hear."""

from __future__ import annotations

from benchmarks.log import Faults, Log, Place

NOTHING_WRONG = Faults()


def faults_of(*heard: str, log: Log | None = None, unheard: int = 0) -> Faults:
    """Of a reader who hears one text after the other, where "abc" is what another one has heard."""
    if log is None:
        log = Log()
        log.hear("abc", Place())
    reader = Place()
    for texts in heard:
        log.hear(texts, reader)
    return log.faults(reader, unheard)


def test_the_same_in_the_same_order_is_right_however_it_is_divided() -> None:
    assert faults_of("abc") == faults_of("a", "bc") == faults_of("a", "b", "c") == NOTHING_WRONG


def test_who_hears_something_first_decides_its_place() -> None:
    assert faults_of("abc", "de") == NOTHING_WRONG


def test_what_did_not_come_is_lost() -> None:
    assert faults_of("a", "c") == Faults(lost=1)
    assert faults_of("b", "c") == Faults(lost=1)


def test_what_others_have_heard_and_has_not_come_yet_is_lost() -> None:
    assert faults_of("a") == Faults(lost=2)
    assert faults_of() == Faults(lost=3)


def test_what_nobody_has_heard_is_lost() -> None:
    assert faults_of("abc", unheard=2) == Faults(lost=2)


def test_what_comes_again_is_a_repeat() -> None:
    assert faults_of("ab", "bc") == Faults(repeated=1)
    assert faults_of("abc", "abc") == Faults(repeated=3)


def test_what_comes_behind_a_later_one_is_out_of_order_and_not_lost() -> None:
    assert faults_of("acb") == Faults(disordered=1)
    assert faults_of("c", "ab") == Faults(disordered=2)


def test_another_order_of_new_texts_is_found() -> None:
    assert faults_of("abc", "ed", log=log_of("abcde")) == Faults(disordered=1)


def test_a_new_text_behind_a_hole_is_found() -> None:
    assert faults_of("ab", "d") == Faults(lost=1)


def test_what_follows_is_known_by_its_place() -> None:
    log = log_of("abc")
    assert log.follows("bc", 1)
    assert log.follows("cd", 2)
    assert not log.follows("c", 1)
    assert not log.follows("ba", 0)


def test_faults_add_up() -> None:
    assert Faults.total([Faults(1, 0, 2), Faults(0, 1, 3)]) == Faults(1, 1, 5)
    assert Faults.total([]) == NOTHING_WRONG


def log_of(texts: str) -> Log:
    log = Log()
    log.hear(texts, Place())
    return log
