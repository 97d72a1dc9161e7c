from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from chatroom.buffer import BUFFER_BYTES, MessageBuffer, Update
from chatroom.news import Entry, News
from chatroom.people import Person, Visitor
from tests.making import ANN, BOB, entries, offsets, wire


class Waiter:
    """Waits for `people` as a future does, without a loop."""

    def __init__(self, *people: Person) -> None:
        self.who = people
        self.visitor = Visitor(people[0] if people else None)
        self.results: list[Update | None] = []

    def people(self) -> Sequence[Person]:
        return self.who

    def done(self) -> bool:
        return bool(self.results)

    def set_result(self, update: Update | None, /) -> None:
        self.results.append(update)

    def dismiss(self, unwelcome: Callable[[Visitor], bool], /) -> None:
        if not self.results and unwelcome(self.visitor):
            self.set_result(None)


def warm(tail: int = 0, size: int = 5) -> MessageBuffer:
    buffer = MessageBuffer("7", size, wire().update)
    buffer.warm(entries(max(tail - size, 0), tail))
    return buffer


def test_an_empty_log_has_its_head_at_zero() -> None:
    assert warm().head == 0
    assert offsets(list(warm().since(0) or [])) == []


def test_nothing_can_be_asked_of_a_cold_buffer() -> None:
    with pytest.raises(RuntimeError, match="cold"):
        MessageBuffer("7", 5, wire().update).since(0)


def test_long_entries_leave_before_their_number_is_reached() -> None:
    buffer = MessageBuffer("7", 200, wire().update)
    buffer.warm([])
    for offset in range(1, 20):
        buffer.new_messages([Entry(offset, b"x" * (BUFFER_BYTES // 4))])
    assert buffer.head == 19
    assert buffer.since(14) is None
    assert offsets(list(buffer.since(15) or [])) == [16, 17, 18, 19]


def test_what_came_since_is_found() -> None:
    buffer = warm(3)
    buffer.new_messages(entries(3, 5))
    assert offsets(list(buffer.since(2) or [])) == [3, 4, 5]
    assert offsets(list(buffer.since(5) or [])) == []


def test_a_range_ends_where_it_is_told_to() -> None:
    assert offsets(list(warm(5).since(1, 3) or [])) == [2, 3]
    assert offsets(list(warm(5).since(3, 1) or [])) == []


def test_never_more_than_its_size_is_held() -> None:
    buffer = warm(3)
    buffer.new_messages(entries(3, 20))
    assert buffer.head == 20
    assert offsets(list(buffer.since(15) or [])) == [16, 17, 18, 19, 20]


def test_what_is_older_than_the_buffer_is_not_guessed() -> None:
    assert warm(20).since(14) is None
    assert warm(20).since(15) is not None


def test_all_who_wait_get_the_same_bytes_and_are_gone() -> None:
    buffer, ann, bob = warm(3), Waiter(), Waiter()
    buffer.wait_for_messages(ann)
    buffer.wait_for_messages(bob)
    buffer.new_messages(entries(3, 5))
    assert buffer.wake(10) == 2
    (heard,) = ann.results
    assert heard is not None
    assert bob.results[0] is heard
    assert heard.body == wire().update([News("7", entries(3, 5), 5)])
    assert not buffer.waiters


def parked(buffer: MessageBuffer, count: int) -> list[Waiter]:
    """So many who wait."""
    waiters = [Waiter() for _ in range(count)]
    for waiter in waiters:
        buffer.wait_for_messages(waiter)
    return waiters


def heard(waiter: Waiter) -> list[int]:
    """The offsets that a waiter was told."""
    (update,) = waiter.results
    return offsets(list(update.news.entries)) if update else []


def test_a_crowd_is_woken_in_slices_in_the_order_of_arrival() -> None:
    buffer = warm()
    crowd = parked(buffer, 5)
    buffer.new_messages(entries(0, 1))
    assert [buffer.wake(2), buffer.wake(2), buffer.wake(2), buffer.wake(2)] == [2, 2, 1, 0]
    assert [heard(it) for it in crowd] == [[1]] * 5
    assert not buffer.waking


def test_a_burst_wakes_once_with_all_of_it() -> None:
    buffer = warm()
    (ann,) = parked(buffer, 1)
    for offset in range(3):
        buffer.new_messages(entries(offset, offset + 1))
    buffer.wake(10)
    assert heard(ann) == [1, 2, 3]


def test_who_arrives_between_two_messages_is_told_only_the_second() -> None:
    buffer = warm()
    (ann,) = parked(buffer, 1)
    buffer.new_messages(entries(0, 1))
    (bob,) = parked(buffer, 1)
    buffer.new_messages(entries(1, 2))
    (cid,) = parked(buffer, 1)
    while buffer.waking:
        buffer.wake(10)
    assert (heard(ann), heard(bob), cid.results) == ([1, 2], [2], [])


def test_who_was_to_be_told_more_than_the_buffer_holds_has_to_ask_again() -> None:
    buffer = warm(size=2)
    (ann,) = parked(buffer, 1)
    buffer.new_messages(entries(0, 5))
    buffer.wake(10)
    assert ann.results == [None]


def test_dismissing_also_ends_the_wait_of_those_who_were_to_be_woken() -> None:
    buffer = warm()
    crowd = parked(buffer, 3)
    buffer.new_messages(entries(0, 1))
    buffer.wake(1)
    buffer.dismiss()
    assert [bool(it.results[0]) for it in crowd] == [True, False, False]
    assert not buffer.waking


def test_readers_at_the_same_place_share_their_update_as_long_as_it_is_the_newest() -> None:
    buffer = warm(3)
    first = buffer.update(1)
    assert first is not None
    assert buffer.update(1) is first
    buffer.new_messages(entries(3, 4))
    assert offsets(list((buffer.update(1) or first).news.entries)) == [2, 3, 4]
    assert buffer.update(4) is None


def test_no_more_than_two_updates_are_kept() -> None:
    buffer = warm(5)
    first = buffer.update(1)
    for after in (2, 3):
        buffer.update(after)
    assert buffer.update(1) is not first


def test_nothing_is_encoded_for_nobody() -> None:
    def refuse(_: Iterable[News]) -> bytes:
        pytest.fail("encoded for nobody")

    buffer = MessageBuffer("7", 5, refuse)
    buffer.warm([])
    buffer.new_messages(entries(0, 1))


def test_who_has_left_is_not_woken() -> None:
    buffer, ann = warm(), Waiter()
    buffer.wait_for_messages(ann)
    buffer.cancel_wait(ann)
    buffer.cancel_wait(ann)
    buffer.new_messages(entries(0, 1))
    assert not buffer.waking
    assert ann.results == []


def test_who_was_resolved_elsewhere_is_passed_over() -> None:
    buffer, ann = warm(), Waiter()
    buffer.wait_for_messages(ann)
    ann.set_result(None)
    buffer.new_messages(entries(0, 1))
    buffer.wake(10)
    assert ann.results == [None]


def test_dismissing_tells_everybody_that_there_is_nothing() -> None:
    buffer, ann = warm(), Waiter()
    buffer.wait_for_messages(ann)
    buffer.dismiss()
    assert ann.results == [None]
    assert not buffer.waiters


def test_what_is_delivered_to_a_cold_buffer_goes_behind_the_tail() -> None:
    buffer = MessageBuffer("7", 5, wire().update)
    buffer.new_messages(entries(3, 5))
    assert buffer.cold
    buffer.warm(entries(0, 4))
    assert not buffer.cold
    assert offsets(list(buffer.since(0) or [])) == [1, 2, 3, 4, 5]


def test_what_the_tail_brought_already_is_not_taken_twice() -> None:
    buffer, ann = warm(4), Waiter()
    buffer.wait_for_messages(ann)
    buffer.new_messages(entries(2, 4))
    assert ann.results == []
    buffer.new_messages(entries(3, 5))
    buffer.wake(10)
    assert offsets(list(ann.results[0].news.entries)) == [5] if ann.results[0] else False
    assert offsets(list(buffer.since(0) or [])) == [1, 2, 3, 4, 5]


def test_a_hole_is_a_fault_of_the_engine_and_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="a hole in 7 behind 3"):
        warm(3).new_messages(entries(4, 5))


def sized(buffer: MessageBuffer) -> bool:
    """Whether it knows the bytes of what it holds."""
    own = sum(len(it.own) for it in buffer._entries)
    brought = {it.about: len(it.message) for it in held(buffer)}
    return buffer._bytes == own + sum(brought.values())


def held(buffer: MessageBuffer) -> Sequence[Entry]:
    """All that it has."""
    return buffer.since(buffer.head - len(buffer._entries)) or []


def blank(entry: Entry) -> Entry:
    return Entry(entry.offset, b"{}")


def test_other_bytes_take_the_place_of_those_that_are_held_and_are_told_from_then_on() -> None:
    buffer = warm(5)
    told = buffer.update(3)
    buffer.rewrite(lambda it: blank(it) if it.offset == 4 else it)
    assert sized(buffer)
    assert [it.json == b"{}" for it in buffer.since(0) or []] == [False, False, False, True, False]
    again = buffer.update(3)
    assert told is not None
    assert again is not None
    assert b"7/4" in told.body
    assert b"7/4" not in again.body


def test_room_that_shorter_bytes_leave_is_used() -> None:
    buffer = MessageBuffer("7", 200, wire().update)
    buffer.warm([])
    quarter = b"x" * (BUFFER_BYTES // 4)
    buffer.new_messages([Entry(offset, quarter) for offset in range(1, 5)])
    buffer.rewrite(blank)
    buffer.new_messages([Entry(offset, quarter) for offset in range(5, 8)])
    assert offsets(list(buffer.since(0) or [])) == [1, 2, 3, 4, 5, 6, 7]
    assert sized(buffer)


def test_longer_bytes_are_held_as_far_as_there_is_room() -> None:
    buffer = warm(5)
    quarter = b"x" * (BUFFER_BYTES // 4)
    buffer.rewrite(lambda it: it._replace(own=quarter))
    assert buffer.since(0) is None
    assert offsets(list(buffer.since(1) or [])) == [2, 3, 4, 5]
    assert buffer.head == 5
    assert sized(buffer)


def act_about(about: int, offset: int, text: bytes) -> Entry:
    return Entry(offset, b'{"id":"%d"}' % offset, about, text)


def test_acts_about_a_message_bring_along_what_the_last_of_them_does() -> None:
    buffer = warm(2)
    told = buffer.update(0)
    buffer.new_messages([act_about(2, 3, b'"old"'), act_about(1, 4, b'"other"')])
    buffer.new_messages([act_about(2, 5, b'"new"')])
    buffer.amend(Entry(2, b'"new"'))
    assert [it.json for it in held(buffer)][1:] == [
        b'"new"',
        b'{"id":"3","message":"new"}',
        b'{"id":"4","message":"other"}',
        b'{"id":"5","message":"new"}',
    ]
    assert buffer.update(0) != told
    assert sized(buffer)


def test_a_message_that_is_not_held_any_more_is_amended_in_the_acts_about_it() -> None:
    buffer = warm(9)
    buffer.new_messages([act_about(1, 10, b'"old"')])
    buffer.new_messages([act_about(1, 11, b'"new"')])
    buffer.amend(Entry(1, b'"new"'))
    assert [it.message for it in held(buffer)] == [b"", b"", b"", b'"new"', b'"new"']
    assert sized(buffer)


def test_what_many_acts_bring_along_takes_the_room_of_one() -> None:
    buffer = MessageBuffer("7", 200, wire().update)
    buffer.warm(entries(0, 1))
    third = b"x" * (BUFFER_BYTES // 3)
    for offset in range(2, 102):
        buffer.new_messages([act_about(1, offset, third)])
    assert offsets(list(held(buffer))) == list(range(1, 102))
    assert sized(buffer)


def test_what_acts_bring_along_is_let_go_with_the_last_of_them() -> None:
    buffer = MessageBuffer("7", 200, wire().update)
    third = b"x" * (BUFFER_BYTES // 3)
    buffer.warm([act_about(1, 5, third), act_about(1, 6, third)])
    buffer.new_messages([act_about(2, 7, third), act_about(3, 8, third)])
    assert offsets(list(held(buffer))) == [7, 8]
    assert sized(buffer)


def test_what_was_let_go_is_not_held_and_the_head_stays() -> None:
    buffer = warm(5)
    buffer.update(1)
    buffer.let_go(3)
    assert sized(buffer)
    assert buffer.head == 5
    assert buffer.since(2) is None
    assert buffer.update(1) is None
    assert offsets(list(buffer.since(3) or [])) == [4, 5]
    buffer.let_go(1)
    assert offsets(list(buffer.since(3) or [])) == [4, 5]


def test_a_buffer_that_holds_nothing_any_more_takes_what_comes_next() -> None:
    buffer = warm(5)
    buffer.let_go(9)
    assert (buffer.head, sized(buffer)) == (5, True)
    buffer.new_messages(entries(5, 6))
    assert offsets(list(buffer.since(5) or [])) == [6]


def test_only_those_who_are_unwelcome_are_dismissed() -> None:
    buffer, ann, bob = warm(), Waiter(ANN), Waiter(BOB)
    for it in (ann, bob):
        buffer.wait_for_messages(it)
    buffer.dismiss_some(lambda visitor: visitor.person == BOB)
    assert (ann.results, bob.results) == ([], [None])
    buffer.new_messages(entries(0, 1))
    buffer.wake(10)
    assert (heard(ann), bob.results) == ([1], [None])


def test_those_who_were_to_be_woken_are_dismissed_too_and_the_others_told_in_their_turn() -> None:
    buffer = warm()
    crowd = [Waiter(who) for who in (ANN, BOB, ANN, BOB)]
    for it in crowd[:3]:
        buffer.wait_for_messages(it)
    buffer.new_messages(entries(0, 1))
    buffer.wait_for_messages(crowd[3])
    buffer.new_messages(entries(1, 2))
    buffer.wake(1)
    buffer.dismiss_some(lambda visitor: visitor.person == BOB)
    assert [it.results[:1] == [None] for it in crowd] == [False, True, False, True]
    while buffer.waking:
        buffer.wake(1)
    assert [heard(crowd[0]), heard(crowd[2])] == [[1, 2], [1, 2]]
    assert [it.results for it in crowd[1::2]] == [[None], [None]]


def test_who_was_woken_already_keeps_what_they_were_told() -> None:
    buffer, bob = warm(), Waiter(BOB)
    buffer.wait_for_messages(bob)
    buffer.new_messages(entries(0, 1))
    buffer.wake(10)
    buffer.dismiss_some(lambda _: True)
    assert heard(bob) == [1]
