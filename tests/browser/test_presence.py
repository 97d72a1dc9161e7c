"""People see who else is in their room and who types there, and nothing on the page moves for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, Request

from chatroom.presence import CROWD
from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

#: Whatever moves without being asked to adds to what `moved` tells, and then forgets. It answers when all that was
#: done to the page before has been drawn.
WATCH_MOVES = """
    {
        let sum = 0;
        const add = (entries) => {
            for (const { value, hadRecentInput } of entries) if (!hadRecentInput) sum += value;
        };
        const observer = new PerformanceObserver((list) => add(list.getEntries()));
        observer.observe({ type: "layout-shift", buffered: true });
        window.moved = async () => {
            for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
            add(observer.takeRecords());
            const told = sum;
            sum = 0;
            return told;
        };
    }
"""


class Words(NamedTuple):
    """What a page says in one language."""

    two_here: str
    one_types: str
    two_type: str
    several_type: str


ENGLISH = Words(
    "2 here", "Ann is typing …", "Ann and Bob are typing …", "Several people are typing …"
)
CHINESE = Words("2 人在线", "Ann正在输入……", "Ann和Bob正在输入……", "好几个人正在输入……")
LANGUAGES = pytest.mark.parametrize(
    ("locale", "words"), [("en-US", ENGLISH), ("zh-CN", CHINESE)], ids=["en", "zh"]
)


class People:
    """Who is here and who types, as a page shows it."""

    def __init__(self, room: RoomPage) -> None:
        self.summary = room.page.locator(".here summary")
        self.words = room.page.locator(".here .words")
        self.list = room.page.locator(".present")
        self.names = self.list.locator("li bdi")
        self.own = self.list.locator("li", has=room.page.locator("span:visible")).locator("bdi")
        self.crowd = self.list.locator(".crowd")
        self.typing = room.page.locator(".typing")


async def enter(visitors: Visitors, name: str, **options: object) -> RoomPage:
    """Somebody of that name."""
    room = await visitors.enter(**options)
    await room.rename(name)
    return room


@LANGUAGES
@pytest.mark.gen_test(timeout=120)
async def test_two_see_each_other_and_who_closes_the_tab_is_still_there_for_a_while(
    visitors: Visitors, locale: str, words: Words
) -> None:
    ann = await enter(visitors, "Ann", locale=locale)
    bob = await enter(visitors, "Bob", locale=locale)
    for room, own in ((ann, "Ann"), (bob, "Bob")):
        people = People(room)
        await expect(people.words).to_have_text(words.two_here)
        await people.summary.click()
        await expect(people.names).to_have_text(["Ann", "Bob"])
        await expect(people.own).to_have_text([own])
    await ann.say("hello")
    await bob.shows("hello")
    assert await _colour(bob.page.locator(".log .author")) == await _colour(People(bob).names.first)
    await bob.page.close()
    await enter(visitors, "Cid", locale=locale)
    await expect(People(ann).names).to_have_text(["Ann", "Bob", "Cid"])


@LANGUAGES
@pytest.mark.gen_test(timeout=120)
async def test_who_types_is_named_and_is_not_any_more_when_it_is_said(
    visitors: Visitors, api: Api, locale: str, words: Words
) -> None:
    reader = await visitors.enter(locale=locale)
    ann, bob = await enter(visitors, "Ann"), await enter(visitors, "Bob")
    typing = People(reader).typing
    await expect(typing).to_be_empty()
    await _all_know(4, reader, ann, bob, other=api)
    async with _going_on(partial(ann.field.fill, "so")):
        await expect(typing).to_have_text(words.one_types)
        async with _going_on(partial(bob.field.fill, "no")):
            await expect(typing).to_have_text(words.two_type)
            await _somebody_comes(api, "Cid")
            async with _going_on(partial(api.do, "typing", "7")):
                await expect(typing).to_have_text(words.several_type)
    await ann.field.press("Enter")
    await reader.shows("so")
    await bob.field.press("Enter")
    await reader.shows("so", "no")
    await api.say("yes")
    await reader.shows("so", "no", "yes")
    await expect(typing).to_be_empty()


@pytest.mark.gen_test(timeout=120)
async def test_who_stops_typing_is_not_named_any_more(visitors: Visitors) -> None:
    ann, bob = await enter(visitors, "Ann"), await enter(visitors, "Bob")
    await _all_know(2, ann, bob)
    async with _going_on(partial(ann.field.fill, "well")):
        await expect(People(bob).typing).to_have_text(ENGLISH.one_types)
        async with _going_on(partial(bob.field.fill, "well")):  # nobody is told of themselves
            await expect(People(ann).typing).to_have_text("Bob is typing …")
    for room in (ann, bob):
        await expect(People(room).typing).to_be_empty()


@pytest.mark.gen_test(timeout=120)
async def test_what_is_typed_where_nobody_sees_it_is_not_told(visitors: Visitors) -> None:
    ann = await enter(visitors, "Ann")
    told = _typing_requests(ann.page)
    await expect(People(ann).summary).to_be_visible()
    await expect(People(ann).words).to_have_text("1 here")
    await ann.field.press_sequentially("alone")
    bob = await enter(visitors, "Bob")
    await _all_know(2, ann, bob)
    await ann.hide()
    await ann.field.press_sequentially("unseen")
    await _all_heard(ann.page)
    assert told == []
    await ann.show()
    async with _going_on(partial(ann.field.press_sequentially, "seen")):
        await expect(People(bob).typing).to_have_text(ENGLISH.one_types)


@pytest.mark.gen_test(timeout=120)
async def test_a_crowd_is_counted_and_not_named_and_nobody_is_seen_to_type(
    visitors: Visitors, api: Api
) -> None:
    ann, bob = await enter(visitors, "Ann"), await enter(visitors, "Bob")
    await _all_know(2, ann, bob)
    async with _going_on(partial(ann.field.fill, "still few")):
        await expect(People(bob).typing).to_have_text(ENGLISH.one_types)
    for number in range(CROWD - 1):
        await _somebody_comes(api, f"guest {number}")
    while await _count(api) <= CROWD:
        await asyncio.sleep(0.1)
    for room in (ann, bob):
        await room.page.reload()  # to be told of a crowd is no reason to end a poll
        await expect(People(room).words).to_have_text(f"{CROWD + 1} here")
    people = People(bob)
    await expect(people.typing).to_be_empty()
    await people.summary.click()
    await expect(people.crowd).to_be_visible()
    await expect(people.names).to_have_count(0)
    told = _typing_requests(ann.page)
    await ann.say("many")
    await bob.shows("many")
    await _all_heard(ann.page)
    assert told == []
    assert await barriers(bob.page) == []


@pytest.mark.gen_test(timeout=120)
async def test_a_new_name_is_seen_by_all_without_waiting_for_the_end_of_a_poll(
    visitors: Visitors,
) -> None:
    ann, bob = await enter(visitors, "Ann"), await enter(visitors, "Bob")
    await _all_know(2, ann, bob)
    await ann.rename("Änne")
    for room in (ann, bob):
        await People(room).summary.click()
        await expect(People(room).names).to_have_text(["Bob", "Änne"])


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("width", [320, 2560])
async def test_nothing_moves_when_people_come_and_type(
    visitors: Visitors, api: Api, width: int
) -> None:
    context = await visitors.new(viewport={"width": width, "height": 640})
    await context.add_init_script(WATCH_MOVES)
    ann = await visitors.tab(context)
    bob = await enter(visitors, "W" * 32)
    await ann.say("hello")
    await ann.shows("hello")
    before = await ann.field.bounding_box(), await ann.lines.last.bounding_box()
    await ann.page.evaluate("() => moved()")  # what is slow to leave says so, in a line of its own
    await _somebody_comes(api, "M" * 32)
    await _all_know(3, ann, bob)
    typing = People(ann).typing
    async with _going_on(partial(bob.field.fill, "hello"), partial(api.do, "typing", "7")):
        await expect(typing).to_have_text(f"{'M' * 32} and {'W' * 32} are typing …")
        box, line = await typing.bounding_box(), await ann.lines.last.bounding_box()
        assert box is not None
        assert line is not None
        assert line["y"] + line["height"] <= box["y"] + 1
        assert box["x"] + box["width"] <= width
        await expect(typing.locator("span").last).to_be_in_viewport(ratio=1)
    await expect(typing).to_be_empty()
    assert (await ann.field.bounding_box(), await ann.lines.last.bounding_box()) == before
    assert await ann.page.evaluate("() => moved()") == 0


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_the_list_is_opened_and_closed_by_keyboard_and_is_no_barrier(
    visitors: Visitors, api: Api, locale: str
) -> None:
    ann = await enter(visitors, "Ann", locale=locale)
    for number in range(30):
        await _somebody_comes(api, f"guest {number} {'w' * 20}")
    people = People(ann)
    await expect(people.words).to_contain_text("31")
    await people.summary.focus()
    await people.summary.press("Enter")
    await expect(people.names).to_have_count(31)
    for width in (1280, 320):
        await ann.page.set_viewport_size({"width": width, "height": 568})
        for scheme in ("light", "dark"):
            await ann.page.emulate_media(color_scheme=scheme)
            assert await barriers(ann.page) == [], f"{scheme}, {width} px"
        await expect(people.list).to_be_in_viewport(ratio=1)
    await ann.page.keyboard.press("Tab")
    await expect(people.list).to_be_focused()
    await ann.page.keyboard.press("End")
    await expect(people.names.last).to_be_in_viewport()
    await ann.page.keyboard.press("Escape")
    await expect(people.list).to_be_hidden()
    await expect(people.summary).to_be_focused()
    await people.summary.click()
    await expect(people.list).to_be_visible()
    await ann.field.click()
    await expect(people.list).to_be_hidden()


async def _colour(name: Locator) -> str:
    return str(await name.evaluate("(it) => getComputedStyle(it).color"))


async def _all_know(count: int, *rooms: RoomPage, other: Api | None = None) -> None:
    """Return when each of the pages knows that so many are there, `other` among them."""
    if other is not None:
        await _come(other)
    for room in rooms:
        await expect(People(room).summary.locator(".number")).to_have_text(str(count))


async def _come(api: Api) -> None:
    """Be present in room 7, as a program that asks from time to time."""
    await _count(api)


async def _count(api: Api) -> int:
    """How many the server has seen when it looked last, 0 if it never did."""
    update = await api.updates({"room": "7", "presence": "", "wait": "0"})
    return int(update.get("presence", {"7": {"count": 0}})["7"]["count"])


async def _somebody_comes(api: Api, name: str) -> None:
    """Another program, of that name, is present."""
    api.token = None
    await api.sign_in(name)
    await _come(api)


@asynccontextmanager
async def _going_on(*deeds: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Meanwhile these are done again and again: who types is shown for seconds, and a page may be later than that."""
    over = asyncio.Event()

    async def go_on() -> None:
        while not over.is_set():
            for deed in deeds:
                await deed()
            await asyncio.sleep(0.5)

    going = asyncio.ensure_future(go_on())
    try:
        yield
    finally:
        over.set()
        await going


async def _all_heard(page: Page) -> None:
    """Return when every request that the page has begun was heard of here: they come in order, and this is one more."""
    async with page.expect_request("**/healthz"):
        await page.evaluate("() => fetch('/healthz').then(() => {})")


def _typing_requests(page: Page) -> list[str]:
    """Grows with every request with which the page tells that somebody types."""
    told: list[str] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/typing"):
            told.append(request.url)

    page.on("request", hear)
    return told
