from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.api import Api

Held = Callable[..., Awaitable[None]]


@pytest.mark.gen_test
async def test_a_held_poll_is_answered_by_the_next_message_of_its_room(api: Api, held: Held) -> None:
    await api.sign_in()
    poll = asyncio.create_task(api.updates({"room": "7"}))
    await held(1)
    message = await api.say("hello")
    update = await poll
    assert update["messages"] == [message]
    assert update["cursors"] == {"7": message["id"]}
