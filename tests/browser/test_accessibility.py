"""No page in any state is a barrier: light or dark, wide or narrow, in either language, with JavaScript or without.

The pages and their states are a table, `states.py`. A page that is not in it fails here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Literal

import pytest
from playwright.async_api import Page, Route
from tornado.web import RequestHandler

from chatroom.app import ROUTES, TEMPLATES
from chatroom.handlers import base, replying
from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.states import NOWHERE, STATES, Scene, State
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

LANGUAGES = pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
EVERY = pytest.mark.parametrize("state", STATES, ids=[it.reach.__name__ for it in STATES])

Scheme = Literal["light", "dark"]
#: Widths in CSS pixels, of a desk and of the smallest phone. The first and the last are what another language
#: needs: colours do not depend on it.
LOOKS: list[tuple[int, Scheme]] = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]

#: Routes with HTML that is no page of the site, and where that is judged.
ELSEWHERE = {r"/room/([^/]+)/export\.html": "test_export.py"}
#: What makes HTML, in a handler.
_MAKES_HTML = re.compile(r"self\.render\(|text/html")


def makes_html(handler: type[RequestHandler]) -> bool:
    """Whether something of the handler that is its own makes HTML."""
    common = {base.__name__, replying.__name__, "builtins"}
    own = [it for it in handler.__mro__ if it.__module__.partition(".")[0] != "tornado"]
    return any(
        _MAKES_HTML.search(inspect.getsource(it)) for it in own if it.__module__ not in common
    )


def pages() -> set[str]:
    """The routes that answer with a page."""
    return {route for route, handler in ROUTES if makes_html(handler)}


def test_every_route_with_a_page_is_in_the_table() -> None:
    assert {it.route for it in STATES} == (pages() - ELSEWHERE.keys()) | {NOWHERE}
    assert ELSEWHERE.keys() <= pages()


def test_what_makes_html_is_known_from_what_does_not() -> None:
    found = pages()
    assert {"/", r"/room/([^/]+)", "/me", "/a/session/token"} <= found
    assert not {"/healthz", "/a/message/new", r"/a/room/([^/]+)/messages", "/room/?"} & found


class NewPage(RequestHandler):
    def get(self) -> None:
        self.render("new.html")


def test_a_new_page_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.browser.test_accessibility.ROUTES", [*ROUTES, ("/new", NewPage)])
    assert "/new" in pages()


@LANGUAGES
@EVERY
@pytest.mark.gen_test(timeout=90)
async def test_no_state_of_a_page_is_a_barrier(
    visitors: Visitors, api: Api, server: ServerProcess, state: State, locale: str
) -> None:
    visitors.watch.expect(*state.expects)
    page = await state.reach(Scene(visitors, api, server, locale))
    await _no_barriers(page, LOOKS if locale == "en-US" else LOOKS[::3])


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_a_room_without_javascript(visitors: Visitors, api: Api, locale: str) -> None:
    """What judges the page is a script itself. So the page's own is left out, and what replaces it is shown."""
    for n in range(60):
        await api.say(str(n))
    page = await (await visitors.new(locale=locale)).new_page()
    await page.route("**/room/7", _without_script)
    await page.goto(visitors.room("7"))
    await expect(page.locator(".notice")).to_be_visible()
    await expect(page.locator(".log .gap a")).to_be_attached()
    await _no_barriers(page)


def test_only_two_pages_are_different_without_javascript() -> None:
    """So what is judged of the other pages is judged without it, too. One of these measures, and says what it needs."""
    with_script = [
        it.name for it in TEMPLATES.glob("*.html") if "<script" in it.read_text(encoding="utf-8")
    ]
    assert sorted(with_script) == ["room.html", "selftest.html"]


async def _no_barriers(page: Page, looks: Sequence[tuple[int, Scheme]] = LOOKS) -> None:
    for width, scheme in looks:
        await page.set_viewport_size({"width": width, "height": 640})
        await page.emulate_media(color_scheme=scheme)
        assert await barriers(page) == [], f"{scheme}, {width} px"


async def _without_script(route: Route) -> None:
    response = await route.fetch()
    page = await response.text()
    bare = page.replace("<script", "<template").replace("</script", "</template")
    shown = bare.replace("<noscript>", "<div>").replace("</noscript>", "</div>")
    await route.fulfill(response=response, body=shown)
