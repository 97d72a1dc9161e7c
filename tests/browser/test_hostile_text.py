"""What people write is text, wherever it turns up: nothing of it runs, and the page's policy never has to step in."""

from __future__ import annotations

import json
from itertools import cycle
from urllib.parse import quote

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

CORPUS = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>",
    "</div></template></textarea></title></noscript><script>window.ran=1</script>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.ran=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=window.ran=1>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.ran=1>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe><base href=//evil.test/>",
    "<style>@import '//evil.test/'; body { background: url(//evil.test/) }</style>",
    "<a href=javascript:window.ran=1 autofocus onfocus=window.ran=1 tabindex=1>x</a>",
    "[x](javascript:window.ran=1) [x](JaVa&#115;cript:window.ran=1) [x](java\tscript:window.ran=1)",
    "[x](data:text/html,<script>window.ran=1</script>) <javascript:window.ran=1> [x](vbscript:ran)",
    '[x](https://evil.test/"onmouseover="window.ran=1) ![x](https://evil.test/pixel.png)',
    "[x]: javascript:window.ran=1\n\n[x] ![x]",
    "`<img src=x onerror=window.ran=1>`\n\n```html\n<script>window.ran=1</script>\n```",
    "https://evil.test/<img/src=x/onerror=window.ran=1>",
    "&lt;img src=x onerror=window.ran=1&gt; &#60;script&#62;window.ran=1&#60;/script&#62;",
    "{{ handler.settings }} {% raw 7*7 %} ${7*7} {{constructor.constructor('window.ran=1')()}}",
    "'\"><body onload=window.ran=1><input autofocus onfocus=window.ran=1>",
    "\u202e<img src=x onerror=window.ran=1>\u2066",
]

NAMES = [
    "<script>ran=1</script>",
    "<img src=x onerror=ran=1>",
    "'\"><svg onload=ran=1>",
    "</bdi><b onclick=ran=1 autofocus",
    "{{7*7}}{% raw 1 %}&lt;b&gt;",
    "javascript:ran=1//",
]

#: Elements that a text may consist of, and whatever in them could act.
_SUSPECTS = """() => {
    const allowed = new Set(("A BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR LI MARK OL P PRE S STRONG "
        + "TABLE TBODY TD TH THEAD TR UL").split(" "));
    const acts = ({ name, value }) => name.startsWith("on") || ["id", "style", "src", "tabindex"].includes(name)
        || name === "href" && !/^(https?|mailto):/.test(value);
    return [...document.querySelectorAll(".text *, bdi *")]
        .filter((it) => !allowed.has(it.tagName) || [...it.attributes].some(acts))
        .map((it) => it.outerHTML);
}"""


@pytest.mark.gen_test(timeout=90)
async def test_no_message_runs_in_any_way_in_which_it_reaches_a_page(
    visitors: Visitors, api: Api
) -> None:
    """As history, as an update, as an echo, and as what the echo becomes."""
    for body in CORPUS:
        await api.say(body)
    early, ann = await visitors.enter(), await visitors.enter()
    for body in CORPUS:
        await ann.say(body)
    for it in (ann, early):
        await expect(it.lines).to_have_count(2 * len(CORPUS))
        await expect(it.echoes).to_have_count(0)
        await _harmless(it.page)


@pytest.mark.gen_test(timeout=60)
async def test_no_message_runs_as_a_draft_or_as_an_echo_that_was_refused(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("400 (")
    ann = await visitors.enter()
    refusal = json.dumps({"error": {"code": "x", "message": CORPUS[1]}})
    await ann.page.route("**/message/new", lambda it: it.fulfill(status=400, body=refusal))
    for body in CORPUS:
        await ann.say(body)
    # What was refused lies where it outlives the page.
    await expect(ann.page.locator(".echo[data-state=failed]")).to_have_count(len(CORPUS))
    await ann.field.fill(CORPUS[3])
    await ann.page.reload()
    await expect(ann.echoes).to_have_count(len(CORPUS))
    await expect(ann.texts).to_have_text(CORPUS)
    await expect(ann.field).to_have_value(CORPUS[3])
    await _harmless(ann.page)


@pytest.mark.gen_test(timeout=60)
async def test_no_message_runs_without_the_pages_own_script_nor_on_an_error_page(
    visitors: Visitors,
) -> None:
    """The browser still runs scripts; it is only the page that brings none to prevent the forms from leaving."""
    visitors.watch.expect("400 (", "ERR_FAILED")
    browser = await visitors.new()
    await browser.route("**/*.js", lambda route: route.abort())
    ann = await visitors.tab(browser, live=False)
    for body in CORPUS[:4]:
        await ann.field.fill(body)
        await ann.send.click()
        await expect(ann.field).to_have_value("")
    await expect(ann.lines).to_have_count(4)
    await _harmless(ann.page)
    text = "".join(CORPUS).replace("\t", "") + "x" * 4000
    await ann.field.fill(text)
    await ann.send.click()
    await expect(ann.page.locator("#draft")).to_have_value(text)
    await _harmless(ann.page)


@pytest.mark.gen_test(timeout=60)
async def test_no_name_runs(visitors: Visitors, api: Api) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    for name in NAMES:
        await ann.rename(name)
        await expect(ann.page.locator(".own-name")).to_have_text(name)
        await ann.say(f"I am {name}")
        await expect(bob.page.locator(".author").last).to_have_text(name)
    for it in (ann, bob):
        await _harmless(it.page)
        await it.page.reload()
        await expect(it.page.locator(".log .author")).to_have_text(NAMES)
        await _harmless(it.page)


@pytest.mark.gen_test(timeout=90)
async def test_no_message_runs_where_it_is_answered_edited_reacted_to_or_found(
    visitors: Visitors, api: Api
) -> None:
    """As what a page shows of what is answered, as an edit, beside an emoji, and as what a search has found."""
    early = await visitors.enter("tea")
    other = Api(api.base)
    await other.sign_in(NAMES[1])
    for body in CORPUS:
        said = await api.say("before", "tea")
        assert (await api.do("edit", "tea", id=said["id"], body=f"ran {body}")).status == 200
        await other.do("react", "tea", id=said["id"], emoji="👍", on="1")
        await other.say("yes", "tea", reply=said["id"])
    late = await visitors.enter("tea")
    await expect(early.lines).to_have_count(2 * len(CORPUS))
    for it in (early, late):
        await expect(it.page.locator(".quoted").last).to_contain_text("ran")
        await expect(it.page.locator(".quoted", has_not_text="ran")).to_have_count(0)
        await it.lines.first.hover()
        await _harmless(it.page)
    for query in ("ran", "window", "img"):
        await late.page.goto(f"{visitors.url}/search?room=tea&q={query}")
        await expect(late.page.locator("mark").first).to_be_visible()
        await _harmless(late.page)


@pytest.mark.gen_test(timeout=60)
async def test_no_name_of_a_file_runs(visitors: Visitors, api: Api) -> None:
    early = await visitors.enter("tea")
    for name in (*CORPUS, *NAMES):
        path = f"/a/room/tea/file?name={quote(name.replace('/', ' '), safe='')}"
        sent = await api.send("POST", path, b"x", {"Content-Type": "text/html"})
        assert sent.status == 201
        await api.post("/a/message/new", {"room": "tea", "file": sent.json["id"]})
    late = await visitors.enter("tea")
    for it in (early, late):
        await expect(it.page.locator(".files li")).to_have_count(len(CORPUS) + len(NAMES))
        await _harmless(it.page)


@pytest.mark.gen_test(timeout=60)
async def test_no_room_and_no_position_in_an_address_runs(visitors: Visitors) -> None:
    visitors.watch.expect("400 (", "404 (")
    page = await (await visitors.new()).new_page()
    paths = cycle(["/room/{}", "/room?room={}", "/room/7?before={}"])
    for text, path in zip(CORPUS, paths, strict=False):
        await page.goto(visitors.url + path.format(quote(text, safe="")))
        await expect(page.locator("#main")).to_be_visible()
        await _harmless(page)
    await page.goto(f"{visitors.url}/room/7#<img src=x onerror=window.ran=1>")
    await RoomPage(page).live()
    await _harmless(page)


@pytest.mark.gen_test(timeout=90)
async def test_no_title_and_no_topic_runs_in_any_way_in_which_it_reaches_a_page(
    visitors: Visitors, api: Api
) -> None:
    """As an update on an open page, and on every page of the room; most are no line of text, and those are refused."""
    visitors.watch.expect("404 (")
    said = await api.say("hello", "tea")
    early = await visitors.enter("tea")
    page = await (await visitors.new()).new_page()
    taken = 0
    for text in (it for it in (*CORPUS, *NAMES) if len(it) <= 80):
        reply = await api.do("", "tea", title=text, topic=text)
        if reply.status == 400:
            continue
        taken += 1
        title = (await api.room("tea"))["title"]
        await expect(early.title).to_have_text(title)
        await expect(early.topic).to_have_text(title)
        await _harmless(early.page)
        for path in ("", "/order", f"/message/{said['id']}"):
            await page.goto(visitors.room("tea") + path)
            await expect(page.locator(".title")).to_have_text(title)
            await _harmless(page)
    assert taken >= 10
    link = (await api.do("invitation", "tea")).json["path"]
    await page.goto(visitors.url + link)
    await _harmless(page)


@pytest.mark.gen_test(timeout=60)
async def test_no_name_runs_where_people_are_named(visitors: Visitors, api: Api) -> None:
    ann = await visitors.enter("tea")
    await ann.say("mine")
    await ann.shows("mine")
    for name in NAMES:
        other = Api(api.base)
        await other.sign_in(name)
        said = await other.say("hello", "tea")
        for path, act in (("member", "member"), ("bar", "mute")):
            fields = {"person": other.id, "role": act, "act": act}
            token = await ann.page.locator("input[name=_xsrf]").first.input_value()
            sent = await ann.page.request.post(
                f"{visitors.url}/a/room/tea/{path}", form=fields | {"_xsrf": token}
            )
            assert sent.ok
        await ann.page.goto(f"{visitors.room('tea')}/message/{said['id']}")
        await expect(ann.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await _harmless(ann.page)
        other.client.close()
    await ann.page.goto(f"{visitors.room('tea')}/order")
    for name in NAMES:
        await expect(ann.page.locator("bdi", has_text=name).first).to_be_attached()
    await _harmless(ann.page)


async def _harmless(page: Page) -> None:
    """Nothing has run, nothing could, and nothing will when the browser gets round to it."""
    assert await page.evaluate(_SUSPECTS) == []
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    assert await page.evaluate("window.ran") is None
