"""How often one person and one address may ask.

What is counted is a choice of the operator, how it is counted stands in `buckets`. A key is the one of a `Holder`: the
id of a person or an address, never anything that a client could leave out or make up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chatroom.buckets import Buckets
from chatroom.errors import SearchBusy, TooMany
from chatroom.holds import Holder, Holds
from chatroom.settings import Settings

#: Seconds after which one may ask again for a room while another one is still being sent.
_EXPORT_PAUSE = 10
#: Bytes in a token of those that are sent in files, and seconds in which all tokens come back.
_KB, _DAY = 1024, 86_400
#: Searches at once: of all, of one person, and of one address. Each may take a second, and they take turns.
_SEARCHES = (50, 4, 25)


class Rates:
    """Counts what is asked, within the limits of `settings`. `monotonic` gives seconds and never goes back.

    What is refused is not counted.
    """

    def __init__(self, settings: Settings, monotonic: Callable[[], float]) -> None:
        self.requests = Buckets(
            settings.requests_per_address, settings.requests_per_address_burst, monotonic
        )
        self.sessions = Buckets(
            settings.sessions_per_address, settings.sessions_per_address_burst, monotonic
        )
        self.posts_of_person = Buckets(
            settings.posts_per_person, settings.posts_per_person_burst, monotonic
        )
        self.posts_of_address = Buckets(
            settings.posts_per_address, settings.posts_per_address_burst, monotonic
        )
        kilobytes = _kilobytes(settings.files_per_address)
        self.files_of_address = Buckets(kilobytes / _DAY, kilobytes, monotonic)

        self._exporting: set[str] = set()
        self._searches = Holds(*_SEARCHES)

    @contextmanager
    def exporting(self, person: Holder) -> Iterator[None]:
        """While `person` takes a room away: one at a time, it is the most that anybody can ask. Raises TooMany."""
        if person.key in self._exporting:
            raise TooMany(_EXPORT_PAUSE)
        self._exporting.add(person.key)
        try:
            yield
        finally:
            self._exporting.remove(person.key)

    @contextmanager
    def searching(self, person: str | None, address: str) -> Iterator[None]:
        """While the person with that id (None: nobody) at `address` looks for something. Raises SearchBusy."""
        somebody = None if person is None else self._searches.person(person)
        here = self._searches.address(address)
        if not self._searches.begin(somebody, here):
            raise SearchBusy
        try:
            yield
        finally:
            self._searches.end(somebody, here)

    def count_request(self, address: Holder) -> None:
        """One more request that a handler answers. Raises TooMany."""
        _take(self.requests, address)

    def forgive_request(self, address: Holder) -> None:
        """Undo `count_request`."""
        self.requests.give_back(address.key)

    def count_session(self, address: Holder) -> None:
        """One more session. Raises TooMany."""
        _take(self.sessions, address)

    def count_post(self, person: Holder, address: Holder) -> None:
        """One more post, whatever becomes of it. Raises TooMany."""
        _take(self.posts_of_person, person)
        try:
            _take(self.posts_of_address, address)
        except TooMany:
            self.posts_of_person.give_back(person.key)
            raise

    def count_file(self, size: int, address: Holder, *, account: bool) -> None:
        """So many bytes of a file that somebody with an `account`, or a guest, sends from `address`. Raises TooMany.

        What guests send leaves the accounts at their address what these may send, and the other way round.
        """
        seconds = self.files_of_address.take(_sending(address, account), _kilobytes(size))
        if seconds:
            raise TooMany(seconds)

    def forgive_file(self, size: int, address: Holder, *, account: bool) -> None:
        """Undo `count_file`."""
        self.files_of_address.give_back(_sending(address, account), _kilobytes(size))

    def forgive_post(self, person: Holder, address: Holder) -> None:
        """Undo `count_post`."""
        self.posts_of_person.give_back(person.key)
        self.posts_of_address.give_back(address.key)


def _kilobytes(size: int) -> int:
    """Tokens for so many bytes, at least one."""
    return max(1, -(-size // _KB))


def _sending(address: Holder, account: bool) -> str:  # noqa: FBT001 - a part of the key
    return f"{address.key} {'account' if account else 'guest'}"


def _take(buckets: Buckets, holder: Holder) -> None:
    seconds = buckets.take(holder.key)
    if seconds:
        raise TooMany(seconds)
