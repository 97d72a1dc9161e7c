"""Every page in every state that looks different, and how one gets there: whoever adds a page adds it here.

`test_accessibility.py` judges each, and fails for a page that is not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from playwright.async_api import Page, expect

from tests.api import Api
from tests.browser.room_page import RoomPage
from tests.browser.test_account import SECRET, printed_link
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: The page of an error has no route of its own.
NOWHERE = "nowhere"


class Scene(NamedTuple):
    """Where a state is brought about: the language of whoever comes, and Ann, a program."""

    visitors: Visitors
    api: Api
    server: ServerProcess
    locale: str

    async def enter(self, room: str = "7", **options: Any) -> RoomPage:
        """Somebody new in a room."""
        return await self.visitors.enter(room, locale=self.locale, **options)

    async def open(self, path: str) -> Page:
        """Somebody new on a page."""
        page = await (await self.visitors.new(locale=self.locale)).new_page()
        await page.goto(self.visitors.url + path)
        return page


Reach = Callable[[Scene], Awaitable[Page]]


class State(NamedTuple):
    """A page of that route in one state; `expects`: what is heard on the way there."""

    route: str
    reach: Reach
    expects: tuple[str, ...] = ()


STATES: list[State] = []


def state(route: str, *expects: str) -> Callable[[Reach], Reach]:
    """Put it into the table."""

    def note(reach: Reach) -> Reach:
        STATES.append(State(route, reach, expects))
        return reach

    return note


async def went(page: Page, button: str) -> Page:
    """Where a form leads."""
    async with page.expect_navigation():
        await page.locator(button).first.click()
    return page


@state("/")
async def entrance_of_a_stranger(scene: Scene) -> Page:
    return await scene.open("/")


@state("/")
async def entrance_with_rooms_unread_messages_and_a_mention(scene: Scene) -> Page:
    here = await scene.enter("大厅")
    await here.rename("Bob")
    await here.say("hello")
    await here.shows("hello")
    await here.page.goto(scene.visitors.url)
    await scene.api.say("@Bob hello", "大厅")
    await scene.api.say("hello", "tea")
    await here.page.reload()
    await expect(here.page.locator(".mentioned")).to_be_visible()
    return here.page


@state(r"/room/([^/]+)")
async def empty_room(scene: Scene) -> Page:
    return (await scene.enter()).page


@state(r"/room/([^/]+)", "ERR_FAILED")
async def room_with_markdown_a_gap_and_news(scene: Scene) -> Page:
    for n in range(60):
        await scene.api.say(f"{n}: `code`, a [link](https://example.com/), *and* more")
    await scene.api.say("> a quotation\n\n    and a block of code")
    here = await scene.enter()
    await here.say("mine")
    await here.page.route("**/messages?**", lambda route: route.abort())
    await here.page.reload()
    await here.live()
    await here.scroll_up()
    await expect(here.gap).to_be_in_viewport()
    await scene.api.say("news")
    await expect(here.arrivals).to_be_visible()
    return here.page


@state(r"/room/([^/]+)")
async def room_with_an_answer_an_edit_reactions_and_a_deletion(scene: Scene) -> Page:
    here = await scene.enter()
    await here.say("the question")
    await here.shows("the question")
    first = (await scene.api.history())["messages"][0]
    said = await scene.api.say("an answer", reply=first["id"])
    for emoji in ("👍", "🎉"):
        await scene.api.do("react", "7", id=first["id"], emoji=emoji, on="1")
    await scene.api.do("edit", "7", id=said["id"], body="a better answer")
    gone = await scene.api.say("oh no")
    await scene.api.do("delete", "7", id=gone["id"])
    await here.page.reload()
    await expect(here.page.get_by_text("a better answer")).to_be_visible()
    await here.lines.last.hover()
    return here.page


@state(r"/room/([^/]+)", "ERR_", "400 (")
async def room_without_a_connection_with_texts_that_are_not_sent(scene: Scene) -> Page:
    here = await scene.enter()
    await here.page.route("**/a/message/new", lambda route: route.fulfill(status=400))
    await here.say("refused")
    await expect(here.echoes).to_have_attribute("data-state", "failed")
    await here.page.unroute("**/a/message/new")
    await asyncio.to_thread(scene.server.kill)
    await here.cut_off()
    await here.say("waiting")
    await expect(here.strip).to_be_visible()
    await expect(here.echoes.last.get_by_role("status")).to_be_visible()
    return here.page


@state(r"/room/([^/]+)", "400 (")
async def room_with_a_name_that_is_refused_and_a_text_that_is_too_long(scene: Scene) -> Page:
    here = await scene.enter()
    await here.field.fill("x" * 4001)
    await here.ask_for("x" * 33)
    await expect(here.page.get_by_role("alert")).to_be_visible()
    return here.page


@state(r"/room/([^/]+)")
async def room_with_the_list_of_who_is_here(scene: Scene) -> Page:
    here = await scene.enter()
    await scene.enter()
    await here.page.locator(".here summary").click()
    await expect(here.page.locator(".present li")).to_have_count(2)
    return here.page


@state(r"/room/([^/]+)")
async def room_with_the_list_of_my_rooms(scene: Scene) -> Page:
    here = await scene.enter("tea")
    await here.say("mine")
    await here.shows("mine")
    await here.page.goto(scene.visitors.room("7"))
    await here.live()
    await scene.api.say("unread", "tea")
    mine = here.page.locator(".my-rooms")
    await expect(mine.locator("li .count:not([hidden])")).to_have_count(1)
    if await mine.get_attribute("open") is None:  # where there is room for it, it is open
        await mine.locator("summary").click()
    await expect(mine.locator("nav li").first).to_be_visible()
    return here.page


@state(r"/room/([^/]+)")
async def room_with_somebody_in_front_of_it(scene: Scene) -> Page:
    await scene.api.say("hello")
    here = await scene.enter()
    await here.page.locator(".log .author").first.click()
    await expect(here.page.get_by_role("dialog")).to_be_visible()
    return here.page


@state(r"/room/([^/]+)")
async def conversation_of_two(scene: Scene) -> Page:
    here = await scene.enter()
    talk = await scene.api.post("/a/private", {"person": await here.me()})
    await scene.api.say("between us", talk.json["room"])
    await here.page.goto(scene.visitors.room(talk.json["room"]))
    await here.live()
    return here.page


@state(NOWHERE, "404 (")
async def room_with_a_password(scene: Scene) -> Page:
    await scene.api.say("hello", "den")
    await scene.api.run("den", password="a word to come in by")
    return await scene.open("/room/den")


@state(NOWHERE, "404 (")
async def page_that_is_not_there(scene: Scene) -> Page:
    return await scene.open("/nowhere")


@state(NOWHERE, "400 (")
async def error_that_holds_a_text(scene: Scene) -> Page:
    page = await (await scene.visitors.new(locale=scene.locale)).new_page()
    await page.route(
        "**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    await page.goto(scene.visitors.room("7"))
    here = RoomPage(page)
    await here.field.fill("x" * 4001)
    await here.send.click()
    await expect(page.locator("#draft")).to_be_visible()
    return page


async def host(scene: Scene) -> RoomPage:
    """Whoever has spoken first in the room tea, where Ann has spoken, too."""
    here = await scene.enter("tea")
    await here.say("mine")
    await here.shows("mine")
    await scene.api.say("hello", "tea")
    await expect(here.lines).to_have_count(2)
    return here


@state(r"/room/([^/]+)/order")
async def order_for_the_owner_with_everything(scene: Scene) -> Page:
    here = await host(scene)
    page = await here.message("hello")
    await went(page, "[value=moderator]")
    await went(page, "[value=ban]")
    await page.goto(scene.visitors.room("tea") + "/order")
    await page.locator("#title").fill("Tea 茶")
    await page.locator("#topic").fill("Green " * 20)
    await went(page, ".settings .primary")
    await page.locator(".people summary").first.click()
    return page


@state(r"/room/([^/]+)/order")
async def order_for_a_stranger(scene: Scene) -> Page:
    await scene.api.say("hello", "tea")
    await scene.api.run("tea", topic="Green", slow="5", keep_days="9", keep_messages="99")
    return await scene.open("/room/tea/order")


@state(r"/room/([^/]+)/order")
async def order_of_a_conversation(scene: Scene) -> Page:
    page = await conversation_of_two(scene)
    await page.goto(page.url + "/order")
    return page


@state(r"/room/([^/]+)/message/([^/]+)")
async def message_of_somebody_else_for_the_owner(scene: Scene) -> Page:
    return await (await host(scene)).message("hello")


@state(r"/room/([^/]+)/message/([^/]+)")
async def message_of_ones_own(scene: Scene) -> Page:
    return await (await host(scene)).message("mine")


@state(r"/a/room/([^/]+)/invitation")
async def invitation(scene: Scene) -> Page:
    page = (await host(scene)).page
    await page.goto(scene.visitors.room("tea") + "/order")
    return await went(page, "form[action$=invitation] button")


@state(r"/join/([^/]+)/([^/]+)")
async def invitation_that_is_followed(scene: Scene) -> Page:
    await scene.api.say("hello", "tea")
    return await scene.open((await scene.api.do("invitation")).json["path"])


@state("/me")
async def account_of_a_guest(scene: Scene) -> Page:
    return await scene.open("/me")


async def account(scene: Scene) -> Page:
    """The account of somebody who has just claimed a name."""
    page = await scene.open("/me")
    await page.locator("#name").fill("W" * 32)
    await page.locator("#password").fill(SECRET)
    await page.locator(".primary").click()
    await expect(page.locator("details")).to_be_visible()
    return page


@state("/a/session/token")
async def token(scene: Scene) -> Page:
    page = await account(scene)
    await page.locator("#token").fill("M" * 32)
    await page.locator("#token + button").click()
    await expect(page.locator(".secret")).to_be_visible()
    return page


@state("/me")
async def account_with_a_token_a_new_password_and_its_end(scene: Scene) -> Page:
    page = await token(scene)
    await page.goto(scene.visitors.url + "/me?changed=1")
    await page.locator("details summary").click()
    return page


@state("/search")
async def searching_for_nothing_yet(scene: Scene) -> Page:
    return await scene.open("/search")


@state("/search")
async def what_was_found(scene: Scene) -> Page:
    here = await scene.enter("tea")
    await here.say("green **tea** 绿茶")
    await here.shows("green tea 绿茶")
    await here.page.goto(scene.visitors.url + "/search?q=tea&room=tea")
    await expect(here.page.locator("mark")).to_have_text("tea")
    return here.page


@state("/search")
async def what_was_not_found(scene: Scene) -> Page:
    return await scene.open("/search?q=coffee&room=tea")


@state("/selftest")
async def measuring_the_way(scene: Scene) -> Page:
    return await scene.open("/selftest")


@state(r"/room/([^/]+)")
async def room_with_an_answer_an_edit_a_reaction_and_the_tools(scene: Scene) -> Page:
    said = await scene.api.say("tea?", "tea")
    await scene.api.do("edit", "tea", id=said["id"], body="green tea?")
    await scene.api.do("react", "tea", id=said["id"], emoji="👍", on="1")
    await scene.api.say("yes", "tea", reply=said["id"])
    here = await scene.enter("tea")
    await here.lines.first.hover()
    await expect(here.page.locator(".tools")).to_be_visible()
    return here.page


@state("/sign-in")
async def signing_in(scene: Scene) -> Page:
    return await scene.open("/sign-in?next=/room/7&name=Ann")


@state("/sign-in")
async def signing_in_as_who_is_signed_in(scene: Scene) -> Page:
    page = await account(scene)
    await page.goto(scene.visitors.url + "/sign-in")
    return page


@state(r"/first/([^/]+)/?")
async def first_administrator(scene: Scene) -> Page:
    link = await asyncio.to_thread(printed_link, scene.server)
    return await scene.open(link.removeprefix(scene.server.url))
