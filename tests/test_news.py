from __future__ import annotations

from chatroom.news import REPLY_BYTES, Entry, News, newest


def _big(count: int) -> list[Entry]:
    return [Entry(offset, b"x" * (REPLY_BYTES // 4)) for offset in range(1, count + 1)]


def test_news_that_fit_are_told_whole() -> None:
    news = News("7", _big(4), 4)
    assert news.fitting(REPLY_BYTES) is news


def test_news_that_do_not_fit_leave_the_reader_behind_the_last_one_told() -> None:
    cut = News("7", _big(9), 9, gap_after=0, reset=True).fitting(REPLY_BYTES)
    assert ([entry.offset for entry in cut.entries], cut.head) == ([1, 2, 3, 4], 4)
    assert (cut.gap_after, cut.reset) == (0, True)


def test_one_entry_is_told_however_large_it_is() -> None:
    assert News("7", _big(2), 2).fitting(1).head == 1
    assert newest(_big(2), 1, 1) == _big(2)[1:]


def test_the_newest_are_bounded_by_number_and_by_bytes() -> None:
    assert [entry.offset for entry in newest(_big(9), 2, REPLY_BYTES)] == [8, 9]
    assert [entry.offset for entry in newest(_big(9), 200, REPLY_BYTES)] == [6, 7, 8, 9]
    assert newest([], 5, 5) == []
