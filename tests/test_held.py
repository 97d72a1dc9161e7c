from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chatroom.engines.people import Session
from chatroom.held import HeldPoll, end_hold
from chatroom.people import Person
from chatroom.sessions import Known
from tests.making import ANN, BOB


def known(person: Person) -> Known:
    return Known(b"", Session(person, 0), until=1)


@pytest.mark.gen_test
@pytest.mark.usefixtures("io_loop")
async def test_a_held_poll_says_whose_it_is() -> None:
    poll = HeldPoll(loop=asyncio.get_running_loop())
    assert list(poll.people()) == []
    poll.known = known(ANN)
    assert list(poll.people()) == [ANN]
    poll.known.person = BOB
    people: Sequence[Person] = poll.people()
    assert list(people) == [BOB]
    poll.set_result(None)
    assert await poll is None


@pytest.mark.gen_test
@pytest.mark.usefixtures("io_loop")
async def test_a_poll_of_somebody_welcome_is_not_dismissed() -> None:
    held = HeldPoll()
    held.known = known(ANN)
    held.dismiss(lambda visitor: visitor.person == BOB)
    assert not held.done()
    held.dismiss(lambda visitor: visitor.person == ANN)
    held.dismiss(lambda visitor: visitor.person == ANN)
    assert held.result() is None


@pytest.mark.gen_test
@pytest.mark.usefixtures("io_loop")
async def test_a_hold_that_is_over_ends_once() -> None:
    poll = HeldPoll()
    end_hold(poll)
    end_hold(poll)
    assert poll.result() is None
