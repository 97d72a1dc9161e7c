"""Token buckets: how often something may be done, by whoever it is.

A bucket holds `burst` tokens. What is done takes one, and they come back at `rate` a second: much may be done at once
after a pause, and never more than `burst + rate * t` in any `t` seconds.

All that is kept of a bucket is the moment at which it is full again (the generic cell rate algorithm, ITU-T I.371): a
token moves it on by the time in which one comes back, and the bucket is empty when it is `burst` of them away. What is
refused moves nothing, so trying again costs nothing. A bucket that is full is like one that never was, and need not
be kept. Moments are whole microseconds: sums of fractions drift, and a burst would end a token early or late.

Weighed and left: windows of fixed length let twice as much through where two of them meet; a list of the moments of
what was done takes memory for each.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

#: Buckets that are kept, at 250 bytes. Whoever comes from more addresses than that has as many bursts anyway.
BUCKETS_KEPT = 25_000
#: Full buckets that are forgotten at each taking: more than can be made by it.
_SWEPT = 2
_SECOND = 1_000_000  # microseconds


class Buckets:
    """Buckets by key, each of `burst` tokens that come back at `rate` a second.

    `monotonic` gives seconds and never goes back. At most `limit` buckets are kept; beyond it the one from which
    nothing was taken for longest is forgotten, and full when it is asked for again. Keys are kept, so they have to be
    short.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        monotonic: Callable[[], float],
        limit: int = BUCKETS_KEPT,
    ) -> None:
        self._token = ceil(_SECOND / rate)
        self._burst = burst * self._token
        self._monotonic = monotonic
        self._limit = limit
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, tokens: int = 1) -> float:
        """Take so many tokens from the bucket of `key`, at most a burst: 0.0, or the seconds until they are there."""
        now = round(self._monotonic() * _SECOND)
        full_at = max(now, self._full_at.get(key, now)) + tokens * self._token
        short = full_at - now - self._burst
        if short > 0:
            return short / _SECOND
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        self._sweep(now)
        return 0.0

    def give_back(self, key: str, tokens: int = 1) -> None:
        """Undo a `take` of so many from the bucket of `key`. It is never more than full."""
        if key in self._full_at:
            self._full_at[key] -= tokens * self._token

    def _sweep(self, now: int) -> None:
        """Forget what need not be kept, from the one that was taken from longest ago; the newest is not full."""
        for _ in range(_SWEPT):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._limit:
                return
            del self._full_at[oldest]
