"""How often a password may be tried, before any work is done for it.

Each wall stands against another way of guessing:

    the account and the address   a delay that doubles: ten tries in the first three minutes, then one a minute
    the address                   wrong ones over all accounts, for who tries one password with many names
    the account                   from addresses that it does not know, for who has many addresses
    the work                      right and wrong ones of an address, for who only wants to keep us busy

Whoever attacks an account must not be able to lock its owner out. So nothing is ever locked, the delay belongs to the
address that caused it, and the wall around an account is none to an address from which its owner has come in before.
The owner who comes from elsewhere during an attack waits for a place among the attackers, ten seconds at a time.

Names that nobody has claimed are treated as if somebody had: a wall tells nothing about who there is. Everything is in
memory, bounded, and forgotten at a restart.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chatroom.buckets import Buckets
from chatroom.errors import TooMany, Unavailable

#: Tries without a delay, and the longest delay in seconds, twice the one before: tries at 0, 0, 0, 1, 3, 7, 15, 31, 63
#: and 127 s, then one every 64 s.
FREE_TRIES = 3
LONGEST_DELAY = 64.0
#: Seconds after which somebody who has not tried again begins anew.
FORGIVEN_AFTER = 900.0
#: Wrong passwords of one address: one every 6 s in the long run.
WRONG_RATE, WRONG_BURST = 1 / 6, 30
#: Tries at one account from addresses that it does not know: 8,640 a day, a place every 10 s.
STRANGE_RATE, STRANGE_BURST = 1 / 10, 20
#: Passwords hashed for one address: they take 30 ms of a processor each.
WORK_RATE, WORK_BURST = 1.0, 100
#: Pairs of an account and an address that are remembered, each for either purpose: about 10 MB.
PAIRS_KEPT = 25_000

#: An account, by the key of its name, and an address.
Pair = tuple[str, str]


class Delays:
    """When each pair may try again. `monotonic` gives seconds; at most `limit` pairs are remembered."""

    def __init__(self, monotonic: Callable[[], float], limit: int = PAIRS_KEPT) -> None:
        self._monotonic = monotonic
        self._limit = limit
        self._tries: OrderedDict[Pair, tuple[int, float]] = OrderedDict()

    def left(self, pair: Pair) -> float:
        """Seconds until it may try again."""
        return max(0.0, self._tries.get(pair, (0, 0.0))[1] - self._monotonic())

    def begin(self, pair: Pair) -> None:
        """Count a try: the next one has to wait."""
        now = self._monotonic()
        count, until = self._tries.pop(pair, (0, now))
        count = 1 if now - until > FORGIVEN_AFTER else count + 1
        self._tries[pair] = count, now + _delay(count)
        if len(self._tries) > self._limit:
            self._tries.popitem(last=False)

    def undo(self, pair: Pair) -> None:
        """It came to nothing: neither right nor wrong."""
        count, until = self._tries.get(pair, (0, 0.0))
        if count:
            self._tries[pair] = count - 1, until

    def forget(self, pair: Pair) -> None:
        """It was right in the end."""
        self._tries.pop(pair, None)


class Tries:
    """Lets passwords be tried. `monotonic` gives seconds and never goes back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._delays = Delays(monotonic)
        self._wrong = Buckets(WRONG_RATE, WRONG_BURST, monotonic)
        self._strange = Buckets(STRANGE_RATE, STRANGE_BURST, monotonic)
        self._work = Buckets(WORK_RATE, WORK_BURST, monotonic)
        self._familiar: OrderedDict[Pair, None] = OrderedDict()

    @contextmanager
    def attempt(self, account: str, address: str, *, signed_in: bool = False) -> Iterator[None]:
        """Try the password of `account` from `address` within this. Raises TooMany.

        Counted as wrong from the beginning, so that many at once are many. Right is what ends without an error, and
        nothing at all what ends with Unavailable. `signed_in`: whoever tries has a session of the account; only others
        like them can be in their way.
        """
        pair = (account, address)
        if left := self._delays.left(pair):
            raise TooMany(left)
        walls = [(self._wrong, address)]
        if pair not in self._familiar:
            walls.append((self._strange, f"{'in' if signed_in else 'out'} {account}"))
        _take([(self._work, address), *walls])
        self._delays.begin(pair)
        try:
            yield
        except Unavailable:
            _give_back(walls)
            self._delays.undo(pair)
            raise
        _give_back(walls)
        self._delays.forget(pair)
        self.welcome(account, address)

    def welcome(self, account: str, address: str) -> None:
        """The owner of the account comes from that address."""
        self._familiar[account, address] = None
        self._familiar.move_to_end((account, address))
        if len(self._familiar) > PAIRS_KEPT:
            self._familiar.popitem(last=False)

    def work(self, address: str) -> None:
        """Let a new password be hashed for `address`. Raises TooMany."""
        _take([(self._work, address)])


def _delay(count: int) -> float:
    """Seconds behind so many tries."""
    return 0.0 if count < FREE_TRIES else min(2.0 ** (count - FREE_TRIES), LONGEST_DELAY)


def _take(walls: Sequence[tuple[Buckets, str]]) -> None:
    """Take a token from each, or none at all. Raises TooMany."""
    for place, (buckets, key) in enumerate(walls):
        if wait := buckets.take(key):
            _give_back(walls[:place])
            raise TooMany(wait)


def _give_back(walls: Sequence[tuple[Buckets, str]]) -> None:
    for buckets, key in walls:
        buckets.give_back(key)
