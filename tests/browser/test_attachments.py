"""Files on their way into a message: chosen, pasted or dropped, with progress, taken back, tried again."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Locator, Page, Route

from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

POSTS = "**/a/message/new"
FILES = "**/a/room/*/file?*"

#: Files come from elsewhere; `kind` is "paste" or "drop".
BRING = """([kind, names, texts = []]) => {
    const brought = new DataTransfer();
    for (const type of texts) brought.setData(type, "cells");
    for (const name of names) brought.items.add(new File(["12345678"], name, { type: "image/png" }));
    const event = (kind) => kind === "paste"
        ? new ClipboardEvent(kind, { clipboardData: brought, bubbles: true, cancelable: true })
        : new DragEvent(kind, { dataTransfer: brought, bubbles: true, cancelable: true });
    const target = document.querySelector(kind === "paste" ? "#body" : ".log");
    return target.dispatchEvent(event(kind));
}"""


class Store:
    """Stands where the server takes files and messages of `page`; `door` holds files up while it is clear."""

    def __init__(self) -> None:
        self.door = asyncio.Event()
        self.door.set()
        self.refusals: list[int] = []
        self.files: list[str] = []
        self.messages: list[dict[str, list[str]]] = []
        self._said = asyncio.Event()

    async def over(self, page: Page) -> None:
        """Stand there from now on."""
        await page.route(FILES, self._take_file)
        await page.route(POSTS, self._take_message)

    async def said(self) -> dict[str, list[str]]:
        """The first message, when it is there and answered."""
        await self._said.wait()
        return self.messages[0]

    async def _take_file(self, route: Route) -> None:
        name = parse_qs(urlsplit(route.request.url).query)["name"][0]
        assert await route.request.header_value("X-XSRFToken")
        await self.door.wait()
        if self.refusals:
            error = {"error": {"code": "too_large", "message": "A file has at most 8 bytes."}}
            await _answer(route, self.refusals.pop(0), error)
            return
        self.files.append(name)
        told = {"id": f"f{len(self.files)}", "name": name, "type": "image/png", "size": 8}
        await _answer(route, 201, told | {"width": 1, "height": 1})

    async def _take_message(self, route: Route) -> None:
        self.messages.append(parse_qs(route.request.post_data or ""))
        await _answer(route, 201, {"id": f"aaaaaaaa-{len(self.messages)}"})
        self._said.set()


@pytest.mark.gen_test(timeout=60)
async def test_chosen_files_go_with_the_text(visitors: Visitors) -> None:
    ann, store = await _enter(visitors)
    await _choose(ann, "a.png", "b.png")
    await expect(_chips(ann).locator(".name")).to_have_text(["a.png", "b.png"])
    await expect(ann.page.locator(".attachments").get_by_role("status")).to_have_text(
        "2 files attached"
    )
    await ann.say("look at these")
    await expect(_chips(ann)).to_have_count(0)
    await expect(ann.echoes).to_contain_text(["look at these"])
    said = await store.said()
    assert (said["body"], said["file"]) == (["look at these"], ["f1", "f2"])


@pytest.mark.gen_test(timeout=60)
async def test_files_alone_are_a_message(visitors: Visitors) -> None:
    ann, store = await _enter(visitors)
    await _choose(ann, "a.png")
    await expect(_chips(ann)).to_have_attribute("data-state", "done")
    await ann.field.press("Enter")
    await expect(ann.echoes).to_contain_text(["a.png"])
    said = await store.said()
    assert (said["file"], "body" in said) == (["f1"], False)
    await ann.field.press("Enter")  # now there is nothing to send
    await expect(ann.echoes).to_have_count(1)


@pytest.mark.gen_test(timeout=60)
async def test_a_message_waits_for_its_files(visitors: Visitors) -> None:
    ann, store = await _enter(visitors)
    store.door.clear()
    await _choose(ann, "a.png")
    await ann.say("with a file")
    await expect(ann.page.get_by_text("leaves as soon as the files are there")).to_be_visible()
    await expect(ann.field).to_have_value("with a file")
    await expect(ann.page.get_by_role("progressbar", name="Progress of a.png")).to_be_visible()
    assert store.messages == []
    store.door.set()
    await expect(ann.field).to_have_value("")
    await expect(ann.echoes).to_contain_text(["with a file"])
    assert (await store.said())["file"] == ["f1"]


@pytest.mark.gen_test(timeout=60)
async def test_a_file_can_be_taken_back_while_it_is_on_its_way(visitors: Visitors) -> None:
    visitors.watch.expect("ERR_ABORTED")
    ann, store = await _enter(visitors)
    store.door.clear()
    await _choose(ann, "a.png", "b.png")
    await ann.page.get_by_role("button", name="Remove a.png").press("Enter")
    await expect(_chips(ann).locator(".name")).to_have_text(["b.png"])
    await expect(ann.field).to_be_focused()
    store.door.set()
    await ann.page.get_by_role("button", name="Remove b.png").press("Enter")
    await ann.say("without")
    await expect(ann.echoes).to_contain_text(["without"])
    assert "file" not in await store.said()


@pytest.mark.gen_test(timeout=60)
async def test_a_message_whose_file_was_taken_back_waits_to_be_sent_again(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("ERR_ABORTED")
    ann, store = await _enter(visitors)
    store.door.clear()
    await _choose(ann, "a.png")
    await ann.field.press("Enter")
    await expect(ann.page.get_by_text("leaves as soon as the files are there")).to_be_visible()
    await ann.page.get_by_role("button", name="Remove a.png").press("Enter")
    store.door.set()
    await _choose(ann, "$&.png")
    await expect(_chips(ann)).to_have_attribute("data-state", "done")
    await expect(ann.page.get_by_role("button", name="Remove $&.png")).to_be_visible()
    assert store.messages == []
    await ann.field.press("Enter")
    assert (await store.said())["file"] == [f"f{len(store.files)}"]


@pytest.mark.gen_test(timeout=60)
async def test_a_refused_file_says_why_and_holds_the_message_until_it_is_gone_or_taken(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("413 (")
    ann, store = await _enter(visitors)
    store.refusals.append(413)
    await _choose(ann, "a.png")
    await expect(_chips(ann)).to_contain_text("A file has at most 8 bytes.")
    await ann.say("still here")
    await expect(ann.field).to_have_value("still here")
    again = _chips(ann).get_by_role("button", name="Try again")
    await expect(again).to_be_focused()
    await again.press("Enter")
    await expect(_chips(ann)).to_have_attribute("data-state", "done")
    assert store.messages == []
    await ann.field.press("Enter")
    await expect(ann.echoes).to_contain_text(["still here"])
    assert (await store.said())["body"] == ["still here"]


@pytest.mark.gen_test(timeout=60)
async def test_the_eleventh_file_is_named_as_too_many(visitors: Visitors) -> None:
    ann, _ = await _enter(visitors)
    await _choose(ann, *(f"{number}.png" for number in range(11)))
    await expect(_chips(ann)).to_have_count(10)
    await expect(ann.page.get_by_text("A message has at most 10 files.")).to_be_visible()
    await expect(_done(ann)).to_have_count(10)


@pytest.mark.gen_test(timeout=60)
async def test_a_pasted_picture_is_attached_and_a_text_is_not(visitors: Visitors) -> None:
    ann, _ = await _enter(visitors)
    office = ["text/plain", "text/html"]
    for brought in ([], []), (["cells.png"], office):
        assert await ann.page.evaluate(BRING, ["paste", *brought])  # nobody has prevented it
    await expect(_chips(ann)).to_have_count(0)
    assert not await ann.page.evaluate(BRING, ["paste", ["pasted.png"]])
    await expect(_chips(ann).locator(".name")).to_have_text(["pasted.png"])
    await expect(ann.field).to_be_focused()
    await expect(_done(ann)).to_have_count(1)


@pytest.mark.gen_test(timeout=60)
async def test_files_are_dropped_anywhere_on_the_page_which_shows_that_they_can_be(
    visitors: Visitors,
) -> None:
    ann, _ = await _enter(visitors)
    target = ann.page.get_by_text("Drop files here to attach them.")
    await expect(target).to_be_hidden()
    assert not await ann.page.evaluate(BRING, ["dragover", ["a.png"]])
    await expect(target).to_be_visible()
    assert not await ann.page.evaluate(BRING, ["drop", ["a.png"]])
    await expect(target).to_be_hidden()
    await expect(_chips(ann).locator(".name")).to_have_text(["a.png"])
    await expect(_done(ann)).to_have_count(1)


@pytest.mark.gen_test(timeout=90)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_about_files_is_a_barrier_or_too_wide_for_a_phone(
    visitors: Visitors, scheme: str
) -> None:
    visitors.watch.expect("413 (")
    ann, store = await _enter(visitors, color_scheme=scheme, viewport={"width": 320, "height": 640})
    store.refusals.append(413)
    await _choose(ann, "x" * 100 + ".png")
    await expect(_chips(ann)).to_contain_text("A file has at most")
    store.door.clear()
    await _choose(ann, "b.png", "名称很长的图片文件.png")
    assert await barriers(ann.page) == []
    assert await ann.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    store.door.set()
    await expect(_done(ann)).to_have_count(2)


async def _enter(visitors: Visitors, **options: object) -> tuple[RoomPage, Store]:
    ann, store = await visitors.enter(**options), Store()
    await store.over(ann.page)
    return ann, store


async def _choose(room: RoomPage, *names: str) -> None:
    """With the button, from the keyboard."""
    async with room.page.expect_file_chooser() as opened:
        await room.page.get_by_role("button", name="Attach files").press("Enter")
    chooser = await opened.value
    await chooser.set_files(
        [{"name": name, "mimeType": "image/png", "buffer": b"12345678"} for name in names]
    )


def _chips(room: RoomPage) -> Locator:
    return room.page.locator(".attachment")


def _done(room: RoomPage) -> Locator:
    """Those that are up: nothing is on its way when the browser is closed."""
    return room.page.locator(".attachment[data-state=done]")


async def _answer(route: Route, status: int, told: object) -> None:
    await route.fulfill(status=status, body=json.dumps(told), content_type="application/json")
