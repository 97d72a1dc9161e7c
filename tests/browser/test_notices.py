"""Being told: title, icon, notices of the system and sounds; as loud as the reader wants, and from one tab only."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

#: What would be shown by the system, and be heard, is noted. Permission is as the browser has it.
_HOOK = """
    window.told = [];
    window.asked = 0;
    window.played = 0;
    const Real = Notification;
    window.Notification = class extends EventTarget {
        static get permission() { return Real.permission; }
        static requestPermission() { window.asked += 1; return Real.requestPermission(); }
        constructor(title, options) {
            super();
            Object.assign(this, { title, ...options, closed: false });
            window.told.push(this);
        }
        close() { this.closed = true; }
    };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { window.played += 1; start.apply(this, when); };
    window.others = new Map(); // tab -> the room that is looked at there, as this one has heard
    new BroadcastChannel("tabs").addEventListener("message", ({ data }) => others.set(data.from, data.room));
"""
#: Resolves when no more than so many tabs wait to speak for all: this one does, or has heard who does.
_WAITING = """async (most) => {
    const waiting = async () => (await navigator.locks.query()).pending.filter(({ name }) => name === "lead");
    while ((await waiting()).length !== most) await new Promise((again) => setTimeout(again, 20));
}"""
#: A call to the reader of these tests. Who calls is called Ann.
CALL = "@Lee come here"


async def lee(visitors: Visitors, *, granted: bool = True, **options: Any) -> BrowserContext:
    """The browser of somebody new called Lee, who has been in room 7 and in tea."""
    context = await visitors.new(**options)
    await context.add_init_script(_HOOK)
    if granted:
        await context.grant_permissions(["notifications"], origin=visitors.url)
    room = await visitors.tab(context, "tea")
    await room.rename("Lee")
    async with room.page.expect_response("**/read"):
        await room.say("I was here")
    await room.page.close()
    return context


class Panel:
    """Where Lee says what they wants to be told of."""

    def __init__(self, room: RoomPage) -> None:
        self.room = room
        self.dialog = room.page.get_by_role("dialog")
        self.shown = self.dialog.locator("[name=shown]")
        self.sounding = self.dialog.locator("[name=sounding]")
        self.until = self.dialog.locator(".until")

    async def open(self) -> None:
        """By its button in the bar."""
        await self.room.page.locator(".bar > .bell").click()
        await expect(self.dialog).to_be_visible()

    async def close(self) -> None:
        """As every dialog."""
        await self.room.page.keyboard.press("Escape")
        await expect(self.dialog).to_be_hidden()

    async def want(self, *names: str) -> None:
        """Check these boxes; the first notice is one to look at, and is forgotten."""
        await self.open()
        for name in names:
            await self.dialog.locator(f"[name={name}]").check()
        if "shown" in names:
            await self.room.page.wait_for_function("() => told.length > 0")
        await self.close()
        await self.room.page.evaluate("told.length = played = 0")

    def level(self, name: str) -> Locator:
        """One of the three."""
        return self.dialog.locator(f"[name=level][value={name}]")


async def told(page: Page) -> list[str]:
    """All notices so far: who and where, what."""
    said = await page.evaluate("told.map(({ title, body }) => `${title}: ${body}`)")
    return [it.replace("\u2068", "").replace("\u2069", "") for it in said]


async def tells(page: Page, *notices: str) -> None:
    """Return when it has told of these and of nothing else. It may have counted a message before it hears it."""
    await page.wait_for_function("(count) => told.length >= count", arg=len(notices))
    assert await told(page) == [*notices]


async def one_leads(*tabs: RoomPage) -> None:
    """Return when one of these tabs, which are all that there are, speaks for the others."""
    for tab in tabs:
        await tab.page.evaluate(_WAITING, len(tabs) - 1)


async def know(tabs: list[RoomPage], *looked_at: str) -> None:
    """Return when each of these tabs knows what is wanted, and what the other one looks at."""
    for tab, room in zip(tabs, looked_at, strict=True):
        await tab.page.wait_for_function(
            "() => JSON.parse(localStorage.getItem('notices'))?.shown === true"
        )
        await tab.page.wait_for_function("(room) => [...others.values()].at(-1) === room", arg=room)


async def icon(room: RoomPage) -> str:
    """The file of the page's icon."""
    href = await room.page.locator("link[rel=icon]").get_attribute("href") or ""
    return href.rpartition("/")[2]


async def heard(room: RoomPage, title: str) -> None:
    """Return when the page has taken in what was said: it stands in the title."""
    await expect(room.page).to_have_title(title)


async def watches(room: RoomPage, other: str) -> None:
    """Return when the server has told which other rooms there are, and the page listens to that one."""
    await expect(room.page.locator(".my-rooms a", has_text=other)).to_be_visible()


@pytest.mark.gen_test(timeout=90)
async def test_title_and_icon_say_what_is_unread_in_all_rooms_and_whether_it_calls(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.tab(await lee(visitors))
    assert await icon(room) == "favicon.svg"
    await room.hide()
    await api.say("news")
    await heard(room, "(1) Room 7")
    assert await icon(room) == "unread.svg"
    await watches(room, "tea")
    await api.say(CALL, room="tea")
    await heard(room, "(@1 · 2) Room 7")
    assert await icon(room) == "mention.svg"
    await room.show()
    await heard(room, "(@1 · 1) Room 7")
    await room.page.locator(".my-rooms a", has_text="tea").click()
    await heard(room, "Room tea")
    await watches(room, "7")
    await expect(room.page).to_have_title("Room tea")
    assert await icon(room) == "favicon.svg"


@pytest.mark.gen_test(timeout=90)
async def test_what_is_looked_at_never_stands_in_the_title(visitors: Visitors, api: Api) -> None:
    room = await visitors.tab(await lee(visitors))
    await room.page.evaluate(
        "window.titles = []; new MutationObserver(() => titles.push(document.title))"
        ".observe(document.querySelector('title'), { childList: true, characterData: true, subtree: true })"
    )
    for n in range(3):
        await api.say(f"@Lee {n}")
    await room.shows("@Lee 0", "@Lee 1", "@Lee 2")
    assert await room.page.evaluate("titles") == []
    assert await icon(room) == "favicon.svg"
    assert await told(room.page) == []


@pytest.mark.gen_test(timeout=90)
async def test_nothing_is_asked_shown_or_heard_before_the_reader_wants_it(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.tab(await lee(visitors, granted=False))
    panel = Panel(room)
    await room.hide()
    await api.say(CALL)
    await heard(room, "(@1 · 1) Room 7")
    assert await room.page.evaluate("[asked, told.length, played]") == [0, 0, 0]
    await room.show()
    await panel.open()
    await expect(panel.shown).not_to_be_checked()
    await expect(panel.sounding).not_to_be_checked()
    assert await room.page.evaluate("asked") == 0
    await panel.shown.click()
    await expect(panel.dialog.locator(".reason")).to_contain_text("does not let this site")
    await expect(panel.shown).not_to_be_checked()
    assert await room.page.evaluate("[asked, told.length, played]") == [1, 0, 0]


@pytest.mark.gen_test(timeout=90)
async def test_a_call_while_nobody_looks_is_told_leads_to_the_message_and_goes_when_it_is_read(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.tab(await lee(visitors))
    await one_leads(room)
    await watches(room, "tea")
    panel = Panel(room)
    await panel.open()
    await panel.shown.check()
    await room.page.wait_for_function("() => told.length > 0")
    assert await told(room.page) == ["This is what a notice looks like.: "]
    await panel.close()
    await panel.want("sounding")
    await room.hide()
    await api.say("nothing to Lee")
    await api.say(CALL)
    await heard(room, "(@1 · 2) Room 7")
    await tells(room.page, "Ann · 7: @Lee come here")
    assert await room.page.evaluate("[played, told[0].silent]") == [2, True]  # two notes
    await room.show()
    await heard(room, "Room 7")
    await room.page.wait_for_function("() => told[0].closed")
    await room.hide()
    said = await api.say(CALL, room="tea")
    await heard(room, "(@1 · 1) Room 7")
    await tells(room.page, "Ann · 7: @Lee come here", "Ann · tea: @Lee come here")
    await room.show()
    async with room.page.expect_navigation():
        await room.page.evaluate("told[1].dispatchEvent(new Event('click'))")
    await room.live()
    assert room.page.url == f"{visitors.room('tea')}?at={said['id']}"
    sought = room.page.locator(".pointed .message")
    assert await sought.get_attribute("data-id") == said["id"]
    await expect(sought).to_be_in_viewport()
    await heard(room, "Room tea")


@pytest.mark.gen_test(timeout=90)
async def test_each_room_is_as_loud_as_the_reader_wants(visitors: Visitors, api: Api) -> None:
    room = await visitors.tab(await lee(visitors))
    await one_leads(room)
    await watches(room, "tea")
    panel = Panel(room)
    await panel.want("shown")
    await panel.open()
    await expect(panel.level("mentions")).to_be_checked()
    await panel.level("all").check()
    await panel.close()
    await room.hide()
    await api.say("hello all")
    await heard(room, "(1) Room 7")
    await tells(room.page, "Ann · 7: hello all")
    await room.show()
    await heard(room, "Room 7")
    await panel.open()
    await panel.level("none").check()
    await panel.close()
    await room.hide()
    await api.say(CALL)
    await api.say("hello", room="tea")
    await heard(room, "(1) Room 7")
    await room.shows("hello all", CALL)
    await tells(room.page, "Ann · 7: hello all")
    own = room.page.locator(".my-rooms a", has=room.page.locator("bdi", has_text="7"))
    await expect(own.locator(".count")).to_contain_text("1 mentions you")
    assert await icon(room) == "unread.svg"


@pytest.mark.gen_test(timeout=90)
async def test_whoever_is_not_to_be_disturbed_is_not_until_they_say_so(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.tab(await lee(visitors))
    await one_leads(room)
    panel = Panel(room)
    await panel.want("shown", "sounding")
    await panel.open()
    await panel.dialog.get_by_role("button", name="for an hour").press("Enter")
    await expect(panel.until).to_contain_text("until ")
    back = panel.dialog.get_by_role("button", name="Disturb me again")
    await expect(back).to_be_focused()
    await panel.close()
    bell = room.page.locator(".bar > .bell")
    await expect(bell).to_have_accessible_name("Notices: do not disturb")
    await room.hide()
    await api.say(CALL)
    await heard(room, "(@1 · 1) Room 7")
    assert await room.page.evaluate("[told.length, played]") == [0, 0]
    await room.show()
    await heard(room, "Room 7")
    await panel.open()
    await back.click()
    await expect(panel.until).to_be_empty()
    await panel.close()
    await room.hide()
    await api.say(CALL)
    await heard(room, "(@1 · 1) Room 7")
    await tells(room.page, "Ann · 7: @Lee come here")


@pytest.mark.gen_test(timeout=90)
async def test_of_two_tabs_one_tells_and_when_it_is_closed_the_other_does(
    visitors: Visitors, api: Api
) -> None:
    context = await lee(visitors)
    tabs = [await visitors.tab(context), await visitors.tab(context)]
    await Panel(tabs[1]).want("shown")
    for tab in tabs:
        await tab.page.evaluate("told.length = 0")
        await tab.hide()
    await one_leads(*tabs)
    await know(tabs, "", "")
    await api.say(CALL)
    for tab in tabs:
        await heard(tab, "(@1 · 1) Room 7")
    assert [it for tab in tabs for it in await told(tab.page)] == ["Ann · 7: @Lee come here"]
    teller = tabs.pop(0 if await told(tabs[0].page) else 1)
    await teller.page.close()
    await one_leads(*tabs)
    await api.say(CALL)
    await heard(tabs[0], "(@2 · 2) Room 7")
    await tells(tabs[0].page, "Ann · 7: @Lee come here")


@pytest.mark.gen_test(timeout=90)
async def test_a_tab_whose_room_is_closed_to_the_reader_leaves_telling_to_another(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect("404 (")
    context = await lee(visitors)
    await api.say("hello", room="attic")
    attic = await visitors.tab(context, "attic")
    seven = await visitors.tab(context)
    await Panel(seven).want("shown")
    assert (await api.do("bar", "attic", person=await seven.me(), act="ban")).status == 200
    await expect(attic.strip).to_contain_text("not open to you any more")
    await one_leads(seven)
    await seven.hide()
    await api.say(CALL)
    await heard(seven, "(@1 · 1) Room 7")
    await tells(seven.page, "Ann · 7: @Lee come here")


@pytest.mark.gen_test(timeout=90)
async def test_what_one_tab_looks_at_no_other_tells(visitors: Visitors, api: Api) -> None:
    context = await lee(visitors)
    tabs = [await visitors.tab(context), await visitors.tab(context)]
    await Panel(tabs[1]).want("shown")
    await tabs[0].hide()
    await one_leads(*tabs)
    await know(tabs, "7", "")
    await api.say(CALL)
    for tab in tabs:
        await tab.shows("@Lee come here")
        assert await told(tab.page) == []
        await heard(tab, "Room 7")


@pytest.mark.gen_test(timeout=90)
async def test_in_a_conversation_of_two_everything_is_told(visitors: Visitors, api: Api) -> None:
    context = await lee(visitors)
    room = await visitors.tab(context)
    talk = (await api.post("/a/private", {"person": await room.me()})).json["room"]
    await room.page.goto(visitors.room(talk))
    await room.live()
    await one_leads(room)
    panel = Panel(room)
    await panel.want("shown")
    await panel.open()
    await expect(panel.level("all")).to_be_checked()
    await panel.close()
    await room.hide()
    await api.say("psst", room=talk)
    await heard(room, "(1) Ann")
    await tells(room.page, "Ann: psst")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.gen_test(timeout=90)
async def test_the_panel_is_no_barrier_and_fits_the_smallest_phone(
    visitors: Visitors, locale: str, scheme: Any
) -> None:
    context = await lee(visitors, locale=locale, color_scheme=scheme)
    room = await visitors.tab(context)
    panel = Panel(room)
    await panel.open()
    await panel.dialog.locator("[value=tomorrow]").click()
    assert await barriers(room.page) == []
    await panel.close()
    await expect(room.page.locator(".bar > .bell")).to_be_focused()
    await room.page.set_viewport_size({"width": 320, "height": 568})
    await room.naming.press("Enter")
    bell = room.page.locator(".mine > .bell")
    await expect(bell).to_be_visible()
    await bell.press("Enter")
    await expect(panel.dialog).to_be_visible()
    assert await barriers(room.page) == []
    for button in await panel.dialog.get_by_role("button").all():
        await button.scroll_into_view_if_needed()
        await expect(button).to_be_in_viewport(ratio=1)
    assert await room.page.evaluate("document.documentElement.scrollWidth") == 320
