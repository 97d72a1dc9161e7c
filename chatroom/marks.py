"""Whether anything of somebody's own has changed: where they have read, whom they ignore, which rooms are theirs.

It is told to nobody else, so it is in no log; and only the newest of it matters, so nothing of it is owed. What a
reader has is named by a version. A reader that names another one than the newest is told so at once, and asks for all
of it again; a poll that names the newest ends when there is a newer one.

A version says nothing but that it is another one. No two are alike in the life of a process, and `boot` tells the lives
apart: so a version that was forgotten, here or in a restart, is taken for an old one and never for the newest.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, NamedTuple

from chatroom.deed import Act, Bar, Item, Membership


class Change(NamedTuple):
    """The version before something has changed, and the one since."""

    before: str
    after: str


class Marks:
    """The versions of the `limit` people who asked last. `boot` is unlike that of any other process: [a-z0-9]."""

    def __init__(self, boot: str, limit: int) -> None:
        self._fresh = (f"{boot}-{number}" for number in count(1))
        self._limit = limit
        self._versions: OrderedDict[str, str] = OrderedDict()
        self._held: dict[str, dict[object, Callable[[Any], object]]] = {}

    def version(self, person: str) -> str:
        """The newest version of the person with that id."""
        version = self._versions.get(person)
        if version is None:
            return self._renew(person)
        self._versions.move_to_end(person)
        return version

    def changed(self, person: str) -> Change:
        """Something of theirs is not as it was: whatever is held for them ends.

        Also for the session that has done it: it may be that of another tab.
        """
        change = Change(self.version(person), self._renew(person))
        for who, end in list(self._held.get(person, {}).items()):
            end(who)
        return change

    def unchanged(self, person: str) -> Change:
        """Nothing of theirs has changed."""
        version = self.version(person)
        return Change(version, version)

    def deliver(self, items: Iterable[Item]) -> None:
        """Note whose rooms are others after these new items of logs."""
        for item in items:
            if isinstance(item, Act) and isinstance(item.deed, Membership | Bar):
                self.changed(item.deed.person.id)

    def hold(self, person: str, who: object, end: Callable[[Any], object]) -> None:
        """Call `end` with `who`, held for that person, when there is a newer version. Undone by `leave`."""
        self._held.setdefault(person, {})[who] = end

    def leave(self, person: str, who: object) -> None:
        """Undo `hold`."""
        held = self._held[person]
        del held[who]
        if not held:
            del self._held[person]

    def _renew(self, person: str) -> str:
        version = self._versions[person] = next(self._fresh)
        self._versions.move_to_end(person)
        if len(self._versions) > self._limit:
            self._versions.popitem(last=False)
        return version
