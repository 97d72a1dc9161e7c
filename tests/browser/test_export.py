"""A room that was taken away and is opened from the disk: it reads well, and nothing of it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.test_hostile_text import CORPUS, NAMES, _harmless
from tests.browser.visitors import Visitors


async def opened(visitors: Visitors, api: Api, path: Path, room: str = "tea") -> Page:
    """The document of a room, kept as a file and opened without a server."""
    reply = await api.get(f"/room/{room}/export.html")
    assert reply.status == 200
    path.write_bytes(reply.response.body)
    page = await (await visitors.new()).new_page()
    await page.goto(path.as_uri())
    return page


@pytest.mark.gen_test(timeout=90)
async def test_nothing_that_people_wrote_runs_from_the_disk(
    visitors: Visitors, api: Api, tmp_path: Path
) -> None:
    visitors.watch.expect("request: file:")
    for body in CORPUS:
        said = await api.say(body, "tea")
        await api.say("an answer", "tea", reply=said["id"])
    title = next(it for it in NAMES if len(it) <= 80)
    await api.run("tea", title=title, topic=CORPUS[1])
    for name in NAMES:
        other = Api(api.base)
        await other.sign_in(name)
        said = await other.say("hello", "tea")
        await api.do("react", "tea", id=said["id"], emoji="👍", on="1")
        await api.do("member", "tea", person=other.id, role="member")
        other.client.close()
    page = await opened(visitors, api, tmp_path / "tea.html")
    await expect(page.locator("article")).to_have_count(2 * len(CORPUS) + len(NAMES))
    await expect(page.locator("h1")).to_have_text(title)
    assert await page.locator("script, img, iframe, object, link, form").count() == 0
    assert await page.locator("article .author").all_text_contents() == (
        ["Ann"] * 2 * len(CORPUS) + NAMES
    )
    await _harmless(page)
    for link in await page.locator("summary").all():
        await link.click()
    await _harmless(page)


@pytest.mark.gen_test(timeout=90)
async def test_it_is_styled_leads_from_an_answer_to_its_question_and_is_no_barrier(
    visitors: Visitors, api: Api, tmp_path: Path
) -> None:
    visitors.watch.expect("request: file:")
    first = await api.say("the question", "tea")
    for number in range(60):
        await api.say(f"{number}: `code`, a [link](https://example.com/)", "tea")
    answer = await api.say("the answer", "tea", reply=first["id"])
    await api.do("react", "tea", id=answer["id"], emoji="👍", on="1")
    await api.do("edit", "tea", id=answer["id"], body="the best answer")
    await api.do("delete", "tea", id=(await api.say("oh", "tea"))["id"])
    page = await opened(visitors, api, tmp_path / "tea.html")
    await expect(page.locator("body")).to_have_css("max-width", "736px")
    await page.get_by_role("link", name="↩ Ann").click()
    await expect(page.get_by_text("the question", exact=True).first).to_be_in_viewport()
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await barriers(page) == [], f"{scheme}, {width} px"


@pytest.mark.gen_test(timeout=60)
async def test_the_owner_downloads_it_from_the_page_of_the_room(
    visitors: Visitors, tmp_path: Path
) -> None:
    room = await visitors.enter("tea")
    await room.say("mine")
    await room.shows("mine")
    await room.page.goto(visitors.room("tea") + "/order")
    for name, suffix in (("To read (HTML)", "html"), ("For programs (JSON)", "json")):
        async with room.page.expect_download() as downloading:
            await room.page.get_by_role("link", name=name).click()
        download = await downloading.value
        assert download.suggested_filename.startswith("chatroom-tea-")
        assert download.suggested_filename.endswith(f".{suffix}")
        await download.save_as(tmp_path / suffix)
        assert "mine" in (tmp_path / suffix).read_text(encoding="utf-8")
