"""Every route and method, by every kind of person in every kind of room (S16): `table.py` says what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import pytest
from tornado.web import RequestHandler

from chatroom.app import ROUTES
from chatroom.deed import Role
from chatroom.handlers.file import FILE_HEADERS
from chatroom.handlers.health import ReadyHandler
from chatroom.handlers.replying import HEADERS
from chatroom.order import _POWER, Order, Power
from chatroom.people import Visitor
from tests.api import Reply
from tests.authorisation.table import ASKERS, OUTSIDE, REQUESTS, ROOMS, Request, read
from tests.authorisation.world import World, secret, told

one_loop = pytest.mark.parametrize("io_loop", ["asyncio"], indirect=True)
each_request = pytest.mark.parametrize("request_", REQUESTS, ids=[it.text for it in REQUESTS])
ABOUT_ROOMS = [it for it in REQUESTS if "{room}" in it.text]

Routes = Iterable[tuple[str, type[RequestHandler]]]

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def offered(handler: type[RequestHandler]) -> set[str]:
    """The methods that a handler has."""
    return {
        it
        for it in _METHODS
        if getattr(handler, it.lower()) is not getattr(RequestHandler, it.lower())
    }


def pattern(path: str) -> str:
    """The route that a path of the table takes."""
    path = re.sub(r"\{\w+\}", "x", path)
    return next(it for it, _ in ROUTES if re.fullmatch(it, path))


def listed(requests: Iterable[Request]) -> set[tuple[str, str]]:
    """The routes and methods for which the table speaks."""
    return {(pattern(it.path), method) for it in requests for method in it.methods}


def routed(routes: Routes) -> set[tuple[str, str]]:
    """The routes and methods that there are."""
    return {(path, method) for path, handler in routes for method in offered(handler)}


def test_the_table_lists_every_route_and_method_and_no_other() -> None:
    assert listed(REQUESTS) == routed(ROUTES)


def test_a_route_or_a_method_that_is_not_listed_is_seen() -> None:
    new = [*ROUTES, ("/a/new", ReadyHandler)]
    assert routed(new) - listed(REQUESTS) == {("/a/new", "GET"), ("/a/new", "HEAD")}
    gets = [it for it in REQUESTS if "POST" not in it.methods]
    assert ("/a/message/new", "POST") in routed(ROUTES) - listed(gets)


@each_request
def test_a_request_about_a_room_is_made_in_every_kind_of_room_by_everybody(
    request_: Request,
) -> None:
    kinds = ROOMS if "{room}" in request_.text else ("-",)
    assert tuple(request_.answers) == kinds
    assert {len(line) for line in request_.answers.values()} == {len(ASKERS)}


def test_the_table_makes_a_difference_between_any_two_who_ask_and_any_two_kinds_of_room() -> None:
    lines = [line for it in REQUESTS for line in it.answers.values()]
    columns = dict(zip(ASKERS, zip(*lines, strict=True), strict=True))
    assert not [pair for pair in combinations(ASKERS, 2) if columns[pair[0]] == columns[pair[1]]]
    rooms = {kind: [it.answers[kind] for it in REQUESTS if kind in it.answers] for kind in ROOMS}
    assert not [pair for pair in combinations(ROOMS, 2) if rooms[pair[0]] == rooms[pair[1]]]


def test_who_may_not_come_in_is_said_alike_by_the_table_and_the_list() -> None:
    (seeing,) = (it for it in REQUESTS if it.text == "GET,HEAD /a/room/{room}")
    for kind, line in seeing.answers.items():
        words = dict(zip(ASKERS, line, strict=True))
        assert {asker for asker, word in words.items() if word == "404"} == OUTSIDE[kind]


async def answers(world: World, request: Request, method: str, kind: str) -> tuple[str, ...]:
    """A line of the table, as it is, where no answer says what it must not."""
    words: list[str] = []
    for asker in ASKERS:
        answer = await world.answer(request, method, asker, kind)
        words.append(answer.word)
        assert not world.adrift(), (asker, kind)
        assert not unguarded(answer.reply), (asker, kind)
        assert not leaked(world, answer.reply, request, asker, kind), (asker, kind)
        if asker in OUTSIDE.get(kind, ()) and answer.reply.status >= 400:
            never = await world.elsewhere(request, method, asker, kind)
            assert told(answer.reply) == never, (asker, kind)
        if answer.changed:
            await world.renew()
    return tuple(words)


def unguarded(reply: Reply) -> set[str]:
    """The headers in which a reply of a route is not as all are to be (S18)."""
    headers = reply.response.headers
    wanted = HEADERS | {"Cache-Control": "no-store"}
    if "/file/" in reply.response.request.url and reply.status < 400:  # no part of the site
        wanted |= {it: FILE_HEADERS[it] for it in ("Content-Security-Policy", "Cache-Control")}
    wrong = {it for it, value in wanted.items() if headers.get_list(it) != [value]}
    return wrong | ({"Server"} & set(headers))


def leaked(world: World, reply: Reply, request: Request, asker: str, kind: str) -> set[str]:
    """The rooms of others from which the reply to `asker` tells something. What lets people in may say whither."""
    shown = {it for it in ROOMS if asker in OUTSIDE[it]}
    if "{word}" in request.text and reply.status < 400:
        shown.discard(kind)
    names = {it: world.cast.places[it].name for it in shown - {kind}}
    text = reply.text
    return {it for it in shown if secret(it) in text or f"title of {it}" in text} | {
        it for it, name in names.items() if name.startswith("private-") and name in text
    }


def shown(answers: Mapping[str, Iterable[str]]) -> str:
    """The lines of a block."""
    return "\n".join(f"{kind:4} {' '.join(words)}" for kind, words in answers.items())


@one_loop
@each_request
@pytest.mark.gen_test(timeout=60)
async def test_everybody_is_answered_as_the_table_says(world: World, request_: Request) -> None:
    for method in request_.methods:
        found = {kind: await answers(world, request_, method, kind) for kind in request_.answers}
        assert shown(found) == shown(request_.answers), method


@one_loop
@pytest.mark.parametrize("request_", ABOUT_ROOMS, ids=[it.text for it in ABOUT_ROOMS])
@pytest.mark.gen_test(timeout=60)
async def test_a_page_tells_whoever_may_not_come_in_no_more(
    world: World, request_: Request
) -> None:
    page = {"Accept": "text/html"}
    for kind in ("den", "talk"):
        for method in request_.methods:
            answer = await world.answer(request_, method, "other", kind, page)
            never = await world.elsewhere(request_, method, "other", kind, page)
            if answer.reply.status >= 400:
                assert told(answer.reply) == never, kind


def let_in(self: Order, visitor: Visitor, at: int) -> Power:
    """The power of somebody in a room that has no doors."""
    return max(Power.READER, power(self, visitor, at))


def obey(self: Order, visitor: Visitor, at: int) -> Power:
    """The power of somebody where administrators are above conversations, too."""
    return Power.ADMINISTRATOR if visitor.administrator else power(self, visitor, at)


power = Order.power
Patch = Callable[[pytest.MonkeyPatch], None]
WRONG: dict[str, Patch] = {
    "GET,HEAD /room/{room}": lambda it: it.setattr(Order, "power", let_in),
    "POST /a/room/{room}/read id={first}": lambda it: it.setattr(Order, "power", obey),
    "POST /a/room/{room}/delete id={owners}": lambda it: it.setitem(
        _POWER, Role.MEMBER, Power.MODERATOR
    ),
    "POST /a/room/{room} closed=1": lambda it: it.setitem(_POWER, Role.MODERATOR, Power.OWNER),
    "POST /a/room/{room} access=private": lambda it: it.setattr(Order, "_owned", True),
    "POST /a/message/new room={room} body=words": lambda it: it.setattr(
        Order, "_kept_out", lambda *_: False
    ),
}


@one_loop
@pytest.mark.parametrize("text", WRONG)
@pytest.mark.gen_test(timeout=60)
async def test_a_wrong_rule_is_seen(
    world: World, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (request,) = (it for it in REQUESTS if it.text == text)
    WRONG[text](monkeypatch)
    found = {}
    for kind in request.answers:
        try:
            found[kind] = await answers(world, request, request.methods[0], kind)
        except AssertionError:
            found[kind] = ()
    assert found != request.answers


@one_loop
@pytest.mark.gen_test(timeout=60)
async def test_a_wrong_expectation_is_seen(world: World) -> None:
    (wrong,) = read("POST /a/room/{room}/leave\n    tea   401  403  403  200  200  200  200= 404")
    found = await answers(world, wrong, "POST", "tea")
    assert [
        asker
        for asker, is_, wanted in zip(ASKERS, found, wrong.answers["tea"], strict=True)
        if is_ != wanted
    ] == ["owner"]
