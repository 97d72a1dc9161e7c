"""Who is in a room, and who types there: newest-only, and never in the log.

The theory. Every poll ends and is followed by another, so nobody comes or goes at a door that could be watched. Who is
here is sampled instead: now and then all who are held are noted as seen, and who was not seen for GRACE is gone. A
reader between two polls, a connection that was cut or a page that is loaded anew changes nothing, and nothing is done
for a poll or for a delivery.

What is found is one summary, encoded once and replaced as a whole. A reader names the version that it has, and the next
reply brings another one, if there is. Nothing is owed: a reader who has missed ten summaries gets the last one.

In a small room a new summary is also a reason to answer. That is decided by comparing versions and not by telling of
changes: `wake` resolves whoever has another version than the newest. So it does not matter how somebody came to wait
with an old one, and the worst that a confused client can get is a reply for each look into the room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from chatroom.buffer import Waiter
from chatroom.people import Person, Visitor
from chatroom.shapes import Here
from chatroom.wire import summary

#: Seconds without being seen after which somebody is gone: three holds, so that a lost poll is not felt.
GRACE = 75.0
#: People present up to whom they are named, typing is shown, and a change is a reason to answer.
CROWD = 50
#: Seconds for which somebody is shown to type.
TYPING = 6.0
#: Seconds in which somebody is taken to type once; what is said of it more often changes nothing.
TYPING_PAUSE = 2.0

_in_order = attrgetter("name", "id")


class Summary(NamedTuple):
    """What is told of a room, and its finished bytes. `version` names it and no other, also after a restart."""

    version: str
    json: bytes


def versions(boot: str) -> Iterator[str]:
    """The versions of all summaries of one process, which `boot` tells from every other one."""
    return (f"{boot}-{number}" for number in count(1))


class Presence:
    """The people of one room, and the readers who want to hear of them.

    Time is seconds of a clock that never goes back. `waiters` are held, each with the version that it has. There is no
    `summary` before the first `update`. Begun anew, a Presence knows nobody: its owner keeps it while it is not `idle`.
    """

    def __init__(self, versions: Iterator[str], now: float) -> None:
        self.waiters: dict[Waiter, str] = {}
        self.summary: Summary | None = None
        self.asked = now  # when somebody wanted to know last
        self._versions = versions
        self._people: dict[str, Person] = {}
        self._seen: dict[str, float] = {}
        self._typing: dict[str, float] = {}
        self._told: tuple[int, Here | None, float] | None = None

    @property
    def crowded(self) -> bool:
        """Whether there are so many that only their number is told."""
        return len(self._seen) > CROWD

    def idle(self, now: float) -> bool:
        """Whether nobody has wanted to know for so long that whoever returns may as well begin anew."""
        return not self.waiters and now - self.asked > GRACE

    def sample(self, people: Iterable[Person], now: float) -> None:
        """Note that these `people` are here. Whoever was here under another name has this one now."""
        found = {person.id: person for person in people}
        self._people |= found
        self._seen |= dict.fromkeys(found, now)

    def types(self, person: Person, now: float) -> None:
        """Note that `person` types. Nobody does in a crowd, or who is not here."""
        if self.crowded or person.id not in self._seen:
            return
        if self._typing.get(person.id, now) <= now + TYPING - TYPING_PAUSE:
            self._typing[person.id] = now + TYPING

    def says(self, person: Person) -> None:
        """Note that `person` has said what was typed."""
        self._typing.pop(person.id, None)

    def leave(self, unwelcome: Callable[[Visitor], bool]) -> None:
        """Let those go at once of whom that is true, wherever they are. The next `update` tells of it.

        An administrator is not known as such here, and may have to be seen once more.
        """
        for id_, person in list(self._people.items()):
            if unwelcome(Visitor(person)):
                del self._seen[id_], self._people[id_]
                self._typing.pop(id_, None)

    def update(self, now: float) -> None:
        """Let those go who were not seen for GRACE, and make another summary if this one is not true any more.

        While somebody types there is another one every TYPING seconds: readers do not believe an older one.
        """
        for id_ in [id_ for id_, at in self._seen.items() if now - at > GRACE]:
            del self._seen[id_], self._people[id_]
        here = None if self.crowded else self._here(now)
        told = len(self._seen), here, now // TYPING if here and here.typing else 0.0
        if told != self._told:
            self._told = told
            version = next(self._versions)
            self.summary = Summary(version, summary(version, len(self._seen), here))

    def wake(self) -> int:
        """Resolve with None whoever waits with another version than the newest; returns how many."""
        newest = self.summary and self.summary.version
        stale = [waiter for waiter, version in self.waiters.items() if version != newest]
        for waiter in stale:
            if not waiter.done():
                waiter.set_result(None)
        return len(stale)

    def _here(self, now: float) -> Here:
        self._typing = {
            id_: until for id_, until in self._typing.items() if now < until and id_ in self._seen
        }
        people = tuple(sorted(self._people.values(), key=_in_order))
        return Here(people, tuple(it.id for it in people if it.id in self._typing))
