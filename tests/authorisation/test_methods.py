"""What no route offers is refused with the ones that it does, and with the headers that all replies have (S18)."""

from __future__ import annotations

import pytest

from chatroom.app import ROUTES
from tests.authorisation.table import REQUESTS
from tests.authorisation.test_authorisation import offered, one_loop, pattern, unguarded
from tests.authorisation.world import World

TRIED = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")


@one_loop
@pytest.mark.parametrize(("route", "handler"), ROUTES, ids=[it for it, _ in ROUTES])
@pytest.mark.gen_test(timeout=60)
async def test_a_method_that_a_route_does_not_have_changes_nothing(
    world: World, route: str, handler: type
) -> None:
    request = next(it for it in REQUESTS if pattern(it.path) == route)
    kind = next(iter(request.answers))
    for method in set(TRIED) - offered(handler):
        for asker in ("nobody", "administrator"):
            answer = await world.answer(request, method, asker, kind)
            headers = answer.reply.response.headers
            assert answer.reply.status == 405, (method, asker)
            assert set(headers["Allow"].split(", ")) == offered(handler), method
            assert (answer.changed, unguarded(answer.reply)) == (set(), set()), method
