"""The parts are those that the application was made of."""

from __future__ import annotations

from chatroom.app import ROUTES, Chatroom


def test_everybody_gets_the_same_parts(app: Chatroom) -> None:
    handed = [rule.target_kwargs.get("parts") for rule in app.wildcard_router.rules]
    assert sum(parts is app.parts for parts in handed) == len(ROUTES)
    assert app.parts.chat is app.chat
