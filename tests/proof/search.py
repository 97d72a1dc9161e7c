"""Look for what was said among a million messages: how long that takes, and what the index costs.

The messages are English and Chinese, words as frequent as words are (the n-th in proportion to 1 / n), in rooms that
are as busy as rooms are. They are put into the file as an earlier release would have left them there; then the index
takes them in, as it does after an upgrade. Who looks has 100 of the rooms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from chatroom.app import now
from chatroom.engines import volumes
from chatroom.engines.base import Wanted
from chatroom.engines.people import READINGS_LIMIT
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import SearchBusy
from chatroom.people import Person, Visitor
from chatroom.words import phrases
from tests.making import draft
from tests.proof.checker import Violation
from tests.proof.footprint import percentile
from tests.proof.outcome import Outcome

#: Words and characters that people know.
_WORDS, _CHARACTERS = 50_000, 4_000
#: Drawn once and read from anywhere: texts differ, and are quickly made.
_DRAWN = 500_000
#: Messages inserted at once, and posts measured, so many at a time.
_AT_ONCE, _POSTS, _TOGETHER = 10_000, 4_000, 20
_DAY = 86_400_000_000  # microseconds
_INSERT = """
    INSERT INTO messages (room, "offset", at, author, author_name, body, html)
    VALUES (?, ?, ?, ?, ?, ?, '')
"""


class Plan(NamedTuple):
    """So many `messages` in `rooms`, and `questions` of each kind, of which 99 % take at most `limit` ms."""

    messages: int = 1_000_000
    rooms: int = 1_000
    people: int = 5_000
    questions: int = 200
    limit: float = 50.0
    seed: int = 1


class Took(NamedTuple):
    """Milliseconds that an answer took, and those of the processor in them: other programs do not count there."""

    time: float
    cpu: float


class Language(NamedTuple):
    """Words, the most frequent first, and a long text of them; `gap` stands between two."""

    words: Sequence[str]
    drawn: Sequence[str]
    gap: str

    @classmethod
    def of(cls, words: Sequence[str], gap: str, chance: random.Random) -> Language:
        weights = list(accumulate(1 / (place + 5) for place in range(len(words))))
        return cls(words, chance.choices(words, cum_weights=weights, k=_DRAWN), gap)

    def text(self, length: int, chance: random.Random) -> str:
        start = chance.randrange(len(self.drawn) - length)
        return self.gap.join(self.drawn[start : start + length])


class Corpus:
    """What is said, repeatable by the seed of the plan."""

    def __init__(self, plan: Plan) -> None:
        self.chance = random.Random(plan.seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = ["".join(self.chance.choices(letters, k=2 + place % 9)) for place in range(_WORDS)]
        self.english = Language.of(words, " ", self.chance)
        self.chinese = Language.of([chr(0x4E00 + it) for it in range(_CHARACTERS)], "", self.chance)
        self.rooms = [f"room-{it}" for it in range(plan.rooms)]
        self.weights = list(accumulate(1 / (place + 10) for place in range(plan.rooms)))
        self.people = [Person(f"person-{it}", f"Name {it}") for it in range(plan.people)]
        self.plan = plan

    def rows(self, until: int) -> Iterator[tuple[str, int, int, str, str, str]]:
        """The messages, the last of them said at `until`, one every minute."""
        heads = dict.fromkeys(self.rooms, 0)
        for left in reversed(range(self.plan.messages)):
            (room,) = self.chance.choices(self.rooms, cum_weights=self.weights)
            author = self.chance.choice(self.people)
            heads[room] += 1
            at = until - left * 60_000_000
            yield room, heads[room], at, author.id, author.name, self.text()

    def text(self) -> str:
        """In one of the languages."""
        language = self.chance.choice((self.english, self.chinese))
        return language.text(self.chance.randint(3, 25), self.chance)


def questions(corpus: Corpus, at: int) -> dict[str, Callable[[], Wanted]]:
    """By kind, what makes a question of it."""
    chance, english, chinese = corpus.chance, corpus.english.words, corpus.chinese.words
    frequent, rare = english[:30], english[-20_000:]
    days = corpus.plan.messages // 1440

    def pair(most: int) -> str:
        return "".join(chance.choices(chinese[:most], k=2))

    def since() -> int:
        return at - chance.randrange(1 + days) * _DAY

    def ask(*words: str, **more: object) -> Wanted:
        return Wanted(phrases(" ".join(words)), limit=50, **more)  # type: ignore[arg-type]

    return {
        "frequent word": lambda: ask(chance.choice(frequent)),
        "rare word": lambda: ask(chance.choice(rare)),
        "frequent word, one room": lambda: ask(
            chance.choice(frequent), room=chance.choice(corpus.rooms)
        ),
        "rare word, one room": lambda: ask(chance.choice(rare), room=chance.choice(corpus.rooms)),
        "three frequent words": lambda: ask(*chance.sample(frequent, 3)),
        "one character": lambda: ask(chance.choice(chinese[:500])),
        "two characters, frequent": lambda: ask(pair(50)),
        "two characters, any": lambda: ask(pair(_CHARACTERS)),
        "two characters, one room": lambda: ask(pair(200), room=chance.choice(corpus.rooms)),
        "person": lambda: ask(author=chance.choice(corpus.people).id),
        "person and word": lambda: ask(
            chance.choice(frequent), author=chance.choice(corpus.people).name
        ),
        "word in ten days": lambda: ask(
            chance.choice(english[:2000]), since=(it := since()), until=it + 10 * _DAY
        ),
    }


def fill(path: Path, corpus: Corpus, me: Person, at: int) -> None:
    """Put all that was said into the file, and let 100 of the rooms be mine: half of them the busiest."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        everybody = [(it.id, it.name) for it in (*corpus.people, me)]
        connection.executemany("INSERT INTO people (id, name) VALUES (?, ?)", everybody)
        names = [(it,) for it in corpus.rooms]
        connection.executemany("INSERT INTO rooms (name, head) VALUES (?, 0)", names)
        rows = corpus.rows(at)
        while chunk := [row for _, row in zip(range(_AT_ONCE), rows, strict=False)]:
            connection.executemany(_INSERT, chunk)
        connection.execute("""
            UPDATE rooms SET head = (SELECT count(*) FROM messages WHERE room = rooms.name)
        """)
        half = READINGS_LIMIT // 2
        mine = corpus.rooms[:half] + corpus.chance.sample(corpus.rooms[half:], half)
        read = 'INSERT INTO positions (person, room, "read") VALUES (?, ?, 1)'
        connection.executemany(read, [(me.id, it) for it in mine])
        connection.execute("COMMIT")


async def posts(engine: SqliteEngine, me: Person, corpus: Corpus, how: str) -> dict[str, float]:
    """What posts take: milliseconds of time, and microseconds of the processor with all that follows from them."""
    took: list[float] = []
    used = time.process_time()

    async def post(text: str) -> None:
        began = time.perf_counter()
        await engine.append(draft(text, "7", author=me))
        took.append(1000 * (time.perf_counter() - began))

    for _ in range(_POSTS // _TOGETHER):
        await asyncio.gather(*(post(corpus.text()) for _ in range(_TOGETHER)))
    return {
        f"post {how}: 50 %, ms": percentile(took, 50),
        f"post {how}: 99 %, ms": percentile(took, 99),
        f"post {how}: CPU, us": 1_000_000 * (time.process_time() - used) / _POSTS,
    }


async def take_in(engine: SqliteEngine) -> list[float]:
    """Let the index take in all that was said; how many milliseconds each step takes."""
    took: list[float] = []
    more = True
    while more:
        began = time.perf_counter()
        more = await engine._store.write(volumes.step)
        took.append(1000 * (time.perf_counter() - began))
    return took


async def measure(plan: Plan, path: Path) -> Outcome:
    """Look for messages among many."""
    corpus, at, me = Corpus(plan), now(), Person("me", "Me")
    await SqliteEngine(path, now).close()
    fill(path, corpus, me, at)
    engine = SqliteEngine(path, now)
    engine._store._writer._spare = None
    without = await posts(engine, me, corpus, "without")
    await engine._store.flush()
    before, began = path.stat().st_size, time.perf_counter()
    used = time.process_time()
    steps = await take_in(engine)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    await engine._store.flush()
    figures: dict[str, float] = {
        "messages": plan.messages,
        "seconds to take them in": seconds,
        "seconds of the processor": used,
        "posts wait for a step, ms": percentile(steps, 50),
        "posts wait at 99.9 %, ms": percentile(steps, 99.9),
        "bytes of a message": before / plan.messages,
        "bytes of it in the index": (path.stat().st_size - before) / plan.messages,
    }
    engine._store._writer._spare = volumes.step
    figures |= without | await posts(engine, me, corpus, "with")
    await take_in(engine)
    every: list[Took] = []
    for kind, question in questions(corpus, at).items():
        took = await look(engine, me, question, plan.questions)
        every += took
        figures |= _percentiles(kind, took)
    figures |= _percentiles("all", every)
    await engine.close()
    worst = figures["all: 99 %, ms"]
    slow = [Violation("slow", "search", f"99 % take {worst:.1f} ms")] if worst > plan.limit else []
    return Outcome(f"search: {plan}", figures, ("messages",), slow)


async def look(
    engine: SqliteEngine, me: Person, question: Callable[[], Wanted], many: int
) -> list[Took]:
    """What it takes to answer so many."""
    took = []
    for _ in range(many):
        wanted = question()
        began, used = time.perf_counter(), time.process_time()
        try:
            await engine.search(wanted, Visitor(me))
        except SearchBusy:
            print(f"given up: {wanted}", flush=True)
        took.append(Took(1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    return took


def _percentiles(kind: str, took: Sequence[Took]) -> dict[str, float]:
    times, used = [it.time for it in took], [it.cpu for it in took]
    return {
        f"{kind}: 50 %, ms": percentile(times, 50),
        f"{kind}: 99 %, ms": percentile(times, 99),
        f"{kind}: 99 %, CPU": percentile(used, 99),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code is 1 when it takes too long."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__)
    for name, default in Plan()._asdict().items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    plan = Plan(**vars(parser.parse_args(argv)))
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(measure(plan, Path(folder) / "chatroom.db"))
    print(outcome, flush=True)
    return not outcome.holds


if __name__ == "__main__":
    sys.exit(main())
