"""What is said in one room, and what its readers hear of it; a reply is decoded once, however many get the same."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.log import Faults, Log, Place
from benchmarks.reply import Reply, WrongReply
from benchmarks.sites.site import Site

#: Replies that a room remembers. Readers hear a message nearly at the same time.
REMEMBERED = 64


class Heard:
    """One reply, as it reaches one reader after the other. `arrived` are `time.perf_counter`.

    `first` is the position in the log that it continues, -1 if it does not continue the log as everybody hears it.
    """

    __slots__ = ("arrived", "count", "cursor", "end", "first", "texts")

    def __init__(self, texts: Sequence[str], cursor: bytes, first: int) -> None:
        self.texts = texts
        self.cursor = cursor
        self.first = first
        self.count = len(texts)
        self.end = first + len(texts)
        self.arrived: list[float] = []


class Room:
    """A room whose readers all begin at `cursor`.

    `said` has, for each text, the `time.perf_counter` at which it was due. `news` is the reply in `latest`.
    """

    def __init__(self, site: Site, name: str, cursor: bytes) -> None:
        self.name = name
        self.cursor = cursor
        self.log = Log()
        self.places: list[Place] = []
        self.said: dict[str, float] = {}
        self.heard: list[Heard] = []
        self.deliveries = 0
        self.latest = b""
        self.news = Heard((), b"", -1)
        self._site = site
        self._remembered: dict[bytes, Heard] = {}

    @property
    def owed(self) -> int:
        """Deliveries that are still to come."""
        return len(self.said) * len(self.places) - self.deliveries

    @property
    def replies(self) -> int:
        """Polls that were answered with something, as far back as latencies go."""
        return sum(len(news.arrived) for news in self.heard if news.texts)

    def enter(self) -> Place:
        """One more reader."""
        self.places.append(Place())
        return self.places[-1]

    def recognise(self, received: bytes, position: int) -> bool:
        """Make a reply to a reader at `position` the latest; False while some of it is missing. Raises WrongReply."""
        news = self._remembered.get(received) or self._decode(received, position)
        if news is not None:
            self.latest, self.news = received, news
        return news is not None

    def latencies(self) -> list[float]:
        """Seconds from when a text was due until a reader had it, for every delivery since this was last asked."""
        found = [
            arrived - self.said[text]
            for news in self.heard
            for text in news.texts
            for arrived in news.arrived
        ]
        self.forget()
        return found

    def forget(self) -> None:
        """Count latencies from here on."""
        self.heard.clear()
        self._remembered.clear()
        self.latest = b""

    def faults(self) -> Faults:
        """What went wrong, now that everybody should have heard everything."""
        unheard = len(self.said.keys() - self.log.texts)
        return Faults.total(self.log.faults(place, unheard) for place in self.places)

    def _decode(self, received: bytes, position: int) -> Heard | None:
        reply = Reply.complete(received)
        if reply is None:
            return None
        texts, cursor = self._site.update(reply)
        if unknown := [text for text in texts if text not in self.said]:
            raise WrongReply(f"nobody said {unknown} in {self.name}")
        news = Heard(texts, cursor, position if self.log.follows(texts, position) else -1)
        self._remember(received, news)
        return news

    def _remember(self, received: bytes, news: Heard) -> None:
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[received] = news
        self.heard.append(news)
