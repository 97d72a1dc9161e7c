"""How much of everything a chaos run has."""

from __future__ import annotations

from typing import NamedTuple

from tests.proof.fault_proxy import Odds


class Plan(NamedTuple):
    """A run of `messages` posts by `clients` people in `rooms` rooms, repeatable by its `seed`.

    The server dies `kills` times by SIGKILL and `stops` times by SIGTERM, in random order at random points.
    After `limit` seconds the run counts as hanging.
    """

    messages: int = 10_000
    clients: int = 20
    rooms: int = 5
    kills: int = 12
    stops: int = 2
    seed: int = 1
    odds: Odds = Odds()
    limit: float = 1200.0

    def share(self, number: int) -> int:
        """How many of the messages client `number` posts."""
        return len(range(number, self.messages, self.clients))
