"""The pages around a room, as a browser without JavaScript has them."""

from __future__ import annotations

import logging
import re
from html import unescape
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.deed import Reaction
from chatroom.doors import ROOM_TRIES
from chatroom.people import Visitor
from chatroom.wire import PEOPLE_NAMED
from tests.api import Api, Reply, offset
from tests.handlers.test_pages import FORM, cookie_header, cookies

PASSWORD = "correct horse battery"


class Browser:
    """Follows the links and sends the forms of pages, with its own cookies."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.headers = dict(FORM)
        self.page = ""

    async def open(self, path: str, status: int = 200) -> str:
        """The page at `path`."""
        reply = await self.api.get(path, self.headers)
        assert reply.status == status, (path, reply.status)
        if found := cookies(reply):
            self.headers |= cookie_header(found)
        self.page = reply.text
        return self.page

    def forms(self, action: str) -> list[dict[str, str]]:
        """The fields of each form that goes there, as they are when nobody touches them."""
        bodies = re.findall(
            rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.page, re.DOTALL
        )
        return [_fields(body) for body in bodies]

    async def submit(self, action: str, which: int = 0, **fields: str) -> Reply:
        """Send a form of the page; `fields` are what somebody has changed, or the button."""
        forms = self.forms(action)
        assert len(forms) > which, f"no form for {action}"
        return await self.api.post(action, forms[which] | fields, self.headers)

    async def follow(self, reply: Reply) -> str:
        """The page to which a form has led."""
        assert reply.status == 303, reply
        return await self.open(reply.response.headers["Location"])


def _fields(form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or "checked" in tag):
            found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(
            r'value="([^"]*)"', options
        )
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.fixture
def browser(ann: Api) -> Browser:
    """Ann's: the program's token stands for a cookie."""
    return Browser(ann)


def unmasked(page: str) -> str:
    """A page without what Tornado masks anew each time."""
    return re.sub(r'(name="_xsrf") value="[^"]*"', r"\1", page)


def message_path(message: Any) -> str:
    return f"/room/{message['room']}/message/{message['id']}"


@pytest.mark.gen_test
async def test_a_room_is_headed_by_its_name_or_its_title_and_topic(
    browser: Browser, ann: Api, tea: str
) -> None:
    page = await browser.open(f"/room/{tea}")
    assert "<title>Room tea</title>" in page
    assert re.search(r'<p class="topic" hidden>', page)
    await ann.run(tea, title="Tea & <b>", topic="Green")
    page = await browser.open(f"/room/{tea}")
    assert "<title>Tea &amp; &lt;b&gt;</title>" in page
    assert '<bdi class="title">Tea &amp; &lt;b&gt;</bdi>' in page
    assert "<bdi>Green</bdi>" in page
    assert f'href="/room/{tea}/order"' in page


@pytest.mark.gen_test
async def test_what_was_deleted_or_done_has_no_line_and_the_cursor_stands_behind_it(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("no. 1", tea)
    await ann.do("delete", tea, id=said["id"])
    await ann.run(tea, title="T")
    page = await browser.open(f"/room/{tea}")
    assert page.count('<article class="message ') == 2  # one, and the echo's
    assert "no. 1" not in page
    cursor = re.search(r'data-cursor="([^"]*)"', page)
    assert cursor is not None
    assert (await ann.since(cursor[1], tea))["messages"] == []


@pytest.mark.gen_test
async def test_every_message_leads_to_a_page_of_its_own(
    browser: Browser, bob: Api, tea: str
) -> None:
    said = await bob.say("I am here", tea)
    assert f'href="{message_path(said)}"' in said["html"]
    page = await browser.open(message_path(said))
    assert page.count("I am here") == 1
    for path in (
        f"/room/{tea}/message/{said['id'][:9]}99",
        f"/room/nowhere/message/{said['id']}",
        f"/room/private-none/message/{said['id']}",
    ):
        await browser.open(path, 404)
    await browser.open(f"/room/{tea}/message/x", 400)


@pytest.mark.gen_test
async def test_the_author_deletes_by_that_page_and_then_it_is_not_there(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    mine, other = await ann.say("what I said", tea), await bob.say("his", tea)
    stranger = Browser(bob)
    await stranger.open(message_path(mine))
    assert stranger.forms(f"/a/room/{tea}/delete") == []
    await stranger.open(message_path(other))
    await browser.open(message_path(mine))
    page = await browser.follow(await browser.submit(f"/a/room/{tea}/delete"))
    assert "what I said" not in page
    await browser.open(message_path(mine), 404)
    await stranger.follow(await stranger.submit(f"/a/room/{tea}/delete"))
    assert (await ann.history(tea))["messages"][2]["body"] == ""


@pytest.mark.gen_test
async def test_the_author_edits_by_that_page_and_nobody_else(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await ann.say("\n<b> & *so*".strip(), tea)
    await browser.open(message_path(said))
    assert "&lt;b&gt; &amp; *so*</textarea>" in browser.page
    page = await browser.follow(await browser.submit(f"/a/room/{tea}/edit", body="better"))
    assert "<p>better</p>" in page
    assert (await ann.history(tea))["messages"][1]["body"] == "better"
    stranger = Browser(bob)
    await stranger.open(message_path(said))
    assert stranger.forms(f"/a/room/{tea}/edit") == []


@pytest.mark.gen_test
async def test_an_edit_that_is_refused_is_on_the_page_that_says_so(
    browser: Browser, ann: Api, tea: str
) -> None:
    said = await ann.say("short", tea)
    await browser.open(message_path(said))
    reply = await browser.submit(f"/a/room/{tea}/edit", body="x" * 4001)
    assert reply.status == 400
    assert "x" * 4001 in reply.text


@pytest.mark.gen_test
async def test_by_that_page_one_reacts_and_takes_it_back(
    browser: Browser, bob: Api, tea: str
) -> None:
    said = await bob.say("tea?", tea)
    await browser.open(message_path(said))
    act = f"/a/room/{tea}/react"
    assert [it["on"] for it in browser.forms(act)] == ["1"]
    page = await browser.follow(await browser.submit(act, emoji="👍"))
    assert re.search(r'data-emoji="👍" data-people="[^" ]+" title="Ann">👍 ', page)
    assert [it["on"] for it in browser.forms(act)] == ["1", "0"]
    page = await browser.follow(await browser.submit(act, which=1, emoji="👍"))
    assert "data-emoji" not in page


@pytest.mark.gen_test
async def test_by_that_page_one_takes_back_what_is_not_named_any_more(
    browser: Browser, ann: Api, bob: Api, app: Chatroom, tea: str
) -> None:
    said = await bob.say("tea?", tea)
    for n in range(PEOPLE_NAMED):
        _, guest = await app.sessions.open(f"Guest {n}")
        deed = Reaction(offset(said), "👍", on=True)
        await app.parts.conduct.act(tea, deed, Visitor(guest))
    await ann.do("react", tea, id=said["id"], emoji="👍", on="1")
    page = await browser.open(message_path(said))
    assert (ann.id in page, f'<span class="count">{PEOPLE_NAMED + 1}</span>' in page) == (
        False,
        True,
    )
    act = f"/a/room/{tea}/react"
    assert [it["on"] for it in browser.forms(act)] == ["1", "0"]
    page = await browser.follow(await browser.submit(act, which=1, emoji="👍"))
    assert f'<span class="count">{PEOPLE_NAMED}</span>' in page
    assert [it["on"] for it in browser.forms(act)] == ["1"]


@pytest.mark.gen_test
async def test_by_that_page_one_answers(browser: Browser, ann: Api, bob: Api, tea: str) -> None:
    said = await bob.say("tea?", tea)
    await browser.open(message_path(said))
    page = await browser.follow(await browser.submit("/a/message/new", body="yes"))
    assert "<p>yes</p>" in page
    assert (await ann.history(tea))["messages"][-1]["reply"]["id"] == said["id"]


@pytest.mark.gen_test
async def test_whoever_may_not_speak_is_offered_nothing_of_it(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("tea?", tea)
    await ann.run(tea, read_only="1")
    silent = Browser(bob)
    page = await silent.open(message_path(said))
    assert "tea?" in page
    for act in (f"/a/room/{tea}/react", f"/a/room/{tea}/edit", "/a/message/new"):
        assert silent.forms(act) == []


@pytest.mark.gen_test
async def test_the_page_of_a_room_knows_who_may_delete_what_others_say(
    browser: Browser, bob: Api, tea: str
) -> None:
    stranger = Browser(bob)
    assert " data-judge" in await browser.open(f"/room/{tea}")
    assert " data-judge" not in await stranger.open(f"/room/{tea}")
    assert " data-judge" in await stranger.open("/room/nobody-spoke-here-yet")
    assert " data-judge" not in await stranger.open("/room/12345")


@pytest.mark.gen_test
async def test_by_the_page_of_a_message_one_talks_to_its_author_in_private(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("hello", tea)
    await browser.open(message_path(said))
    page = await browser.follow(await browser.submit("/a/private"))
    assert "<title>Bob</title>" in page
    assert (await Browser(bob).open("/room/" + await direct(ann, bob))).count("<title>Ann</title>")
    own = await ann.say("mine", tea)
    await browser.open(message_path(own))
    assert browser.forms("/a/private") == []


async def direct(ann: Api, bob: Api) -> str:
    reply = await ann.post("/a/private", {"person": bob.id})
    return str(reply.json["room"])


@pytest.mark.gen_test
async def test_a_moderator_judges_and_appoints_by_the_page_of_a_message(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("hello", tea)
    await browser.open(message_path(said))
    page = await browser.follow(await browser.submit(f"/a/room/{tea}/member", role="moderator"))
    assert (await bob.room(tea))["power"] == "moderator"
    assert 'value="moderator"' not in page
    await browser.follow(await browser.submit(f"/a/room/{tea}/bar", act="mute", minutes="60"))
    assert (await bob.room(tea))["muted"]
    await browser.follow(await browser.submit(f"/a/room/{tea}/bar", act="kick", address="1"))
    assert (await bob.get(f"/a/room/{tea}")).status == 404
    stranger = Browser(bob)
    for path in (f"/room/{tea}", message_path(said), f"/room/{tea}/order"):
        assert 'type="password"' in await stranger.open(path, 404)


@pytest.mark.gen_test
async def test_who_may_nothing_is_offered_nothing(bob: Api, ann: Api, tea: str) -> None:
    said = await ann.say("hello", tea)
    browser = Browser(bob)
    for path in (message_path(said), f"/room/{tea}/order"):
        await browser.open(path)
        for call in ("delete", "member", "leave", "bar", "invitation"):
            assert browser.forms(f"/a/room/{tea}/{call}") == [], call
        assert browser.forms(f"/a/room/{tea}") == []
    assert "What was done" not in browser.page
    assert "Ann" in browser.page


@pytest.mark.gen_test
async def test_the_order_of_a_room_is_told_to_everybody_in_it(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    page = await browser.open("/room/nowhere/order")
    assert "Everybody may come in." in page
    assert "Nobody but the administrators" in page
    await ann.run(tea, slow="5", read_only="1", keep_days="1", keep_messages="1000")
    await ann.do("bar", tea, person=bob.id, act="mute")
    page = await Browser(bob).open(f"/room/{tea}/order")
    for words in (
        *("at most once in 5 seconds", "Only moderators speak here.", "kept for 1 day."),
        *("newest 1000 messages", "does not let you speak"),
    ):
        assert words in page
    for access, words in [("password", "knows the password"), ("private", "Only members")]:
        await ann.run(tea, access=access, password=PASSWORD, keep_days="0")
        assert words in await browser.open(f"/room/{tea}/order")
    await ann.run(tea, closed="1")
    assert "Closed" in await browser.open(f"/room/{tea}/order")


@pytest.mark.gen_test
async def test_the_owner_changes_a_room_by_the_form_and_touches_nothing_else(
    browser: Browser, ann: Api, tea: str
) -> None:
    await ann.run(tea, read_only="1", slow="7", keep_days="3")
    await browser.open(f"/room/{tea}/order")
    before = await ann.room(tea)
    await browser.follow(await browser.submit(f"/a/room/{tea}"))
    assert await ann.room(tea) == before  # not an entry more
    await browser.follow(await browser.submit(f"/a/room/{tea}", title="Tea", read_only="0"))
    told = await ann.room(tea)
    assert (told["title"], told["read_only"], told["slow"]) == ("Tea", False, 7)
    assert offset(told["cursor"]) == offset(before["cursor"]) + 1
    fields = {"access": "password", "password": PASSWORD}
    await browser.follow(await browser.submit(f"/a/room/{tea}", **fields))
    assert (await ann.room(tea))["access"] == "password"


@pytest.mark.gen_test
async def test_a_moderator_is_offered_what_is_theirs(ann: Api, bob: Api, tea: str) -> None:
    await ann.do("member", tea, person=bob.id, role="moderator")
    browser = Browser(bob)
    await browser.open(f"/room/{tea}/order")
    (form,) = browser.forms(f"/a/room/{tea}")
    assert form.keys() == {"next", "_xsrf", "title", "topic", "slow", "read_only"}
    await browser.follow(await browser.submit(f"/a/room/{tea}", topic="Green"))
    assert (await ann.room(tea))["topic"] == "Green"
    assert len(browser.forms(f"/a/room/{tea}/leave")) == 1
    reply = await browser.submit(f"/a/room/{tea}/leave")
    assert reply.response.headers["Location"] == "/"
    assert (await bob.room(tea))["power"] == "reader"


@pytest.mark.gen_test
async def test_members_are_given_other_roles_and_bars_are_lifted_by_their_buttons(
    browser: Browser, ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.do("member", tea, person=bob.id, role="member")
    await cleo.room(tea)
    await ann.do("bar", tea, person=cleo.id, act="ban", address="1")
    page = await browser.open(f"/room/{tea}/order")
    assert "with their address" in page
    assert "127.0.0.1" not in re.sub(r"https?://[^/\"]*", "", page)
    await browser.follow(await browser.submit(f"/a/room/{tea}/member", role="owner"))
    assert (await bob.room(tea))["power"] == "owner"
    (lift,) = [it for it in browser.forms(f"/a/room/{tea}/bar") if it["person"] == cleo.id]
    assert "minutes" not in lift
    page = await browser.follow(await ann.post(f"/a/room/{tea}/bar", lift | {"act": "lift"}))
    assert "Kept out or silent" not in page
    assert (await cleo.room(tea))["power"] == "reader"


@pytest.mark.gen_test
async def test_the_audit_is_read_from_page_to_page(browser: Browser, ann: Api, tea: str) -> None:
    for n in range(60):
        await ann.do("", tea, title=f"title {n}")
    page = await browser.open(f"/room/{tea}/order")
    assert len(re.findall(r"<bdi>title \d+</bdi>", page)) == 50
    older = re.search(r'href="([^"]*)#audit">Older', page)
    assert older is not None
    page = await browser.open(older[1])
    assert re.findall(r"<bdi>title (\d+)</bdi>", page) == [str(n) for n in range(9, -1, -1)]
    assert "Older" not in page


@pytest.mark.gen_test
async def test_every_kind_of_act_is_told_in_the_audit(
    browser: Browser, ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("x", tea)
    await ann.do("delete", tea, id=said["id"])
    for role in ("member", "moderator", "none"):
        await ann.do("member", tea, person=bob.id, role=role)
    for act in ("mute", "ban", "lift"):
        await ann.do("bar", tea, person=bob.id, act=act)
    await ann.run(tea, topic="Green", read_only="1", closed="1", access="private", keep_days="1")
    page = await browser.open(f"/room/{tea}/order")
    audit = page.partition('class="audit"')[2]
    for words in (
        *("deleted a message", "member now:", "moderator now:", "no member any more:"),
        *("silent:", "kept out:", "may come in again:", "may speak again:", "Topic:"),
        *("<bdi>yes</bdi>", "<bdi>members</bdi>", "Days for which messages are kept"),
    ):
        assert words in audit, words


@pytest.mark.gen_test
async def test_an_invitation_is_made_and_followed_by_pages(
    browser: Browser, ann: Api, api: Api, tea: str
) -> None:
    await ann.run(tea, access="private", title="Tea house")
    await browser.open(f"/room/{tea}/order")
    reply = await browser.submit(f"/a/room/{tea}/invitation")
    link = re.search(r'value="([^"]*/join/[^"]*)"', reply.text)
    assert link is not None
    path = link[1].removeprefix(ann.base)
    guest = Browser(api)
    page = await guest.open(path)
    assert "Tea house" in page
    assert "hello" in await guest.follow(await guest.submit(f"/a/room/{tea}/join"))
    await guest.open(path[:-1] + ("a" if path[-1] != "a" else "b"), 404)


@pytest.mark.gen_test
async def test_a_room_behind_a_password_and_one_that_is_not_there_have_the_same_page(
    ann: Api, api: Api, tea: str
) -> None:
    await ann.run(tea, password=PASSWORD, title="Secret society")
    guest = Browser(api)
    mine = await guest.open(f"/room/{tea}", 404)
    none = await guest.open("/room/private-none", 404)
    assert unmasked(mine).replace(f"room/{tea}", "room/private-none") == unmasked(none)
    await guest.open(f"/room/{tea}", 404)
    wrong = await guest.submit(f"/a/room/{tea}/join", password="wrong")
    assert wrong.status == 404
    assert 'type="password"' in wrong.text
    assert "hello" in await guest.follow(
        await guest.submit(f"/a/room/{tea}/join", password=PASSWORD)
    )


@pytest.mark.gen_test
async def test_guessing_links_is_counted_like_any_wrong_word(api: Api) -> None:
    guest = Browser(api)
    for _ in range(ROOM_TRIES):
        await guest.open("/join/tea/wrong", 404)
    await guest.open("/join/tea/wrong", 429)


@pytest.mark.gen_test
async def test_the_token_of_an_invitation_is_not_in_the_log(
    ann: Api, api: Api, tea: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = (await ann.do("invitation", tea)).json["path"]
    with caplog.at_level(logging.DEBUG):
        await Browser(api).open(path)
    lines = [it.getMessage() for it in caplog.records if it.name.startswith("chatroom")]
    assert any("/join/tea" in it for it in lines)
    assert not any(path.rpartition("/")[2] in it for it in lines)


@pytest.mark.gen_test
async def test_the_pages_of_a_conversation_are_not_there_for_others(
    ann: Api, bob: Api, cleo: Api
) -> None:
    room = await direct(ann, bob)
    said = await ann.say("just us", room)
    page = await Browser(bob).open(f"/room/{room}/order")
    assert "Nobody else can see it." in page
    assert "Ann" in page
    for path in (f"/room/{room}", f"/room/{room}/order", message_path(said)):
        mine = await Browser(cleo).open(path, 404)
        none = await Browser(cleo).open(path.replace(room, "private-none"), 404)
        assert unmasked(mine).replace(room, "private-none") == unmasked(none)


@pytest.mark.gen_test
async def test_what_people_wrote_is_text_on_these_pages(
    browser: Browser, ann: Api, api: Api, tea: str
) -> None:
    evil = "<b onclick=1>\"&'<"
    guest = Browser(api)
    await api.sign_in(evil)
    said = await api.say("hello", tea)
    await ann.run(tea, title=evil, topic=evil)
    await ann.do("member", tea, person=api.id, role="moderator")
    await ann.do("bar", tea, person=api.id, act="mute")
    path = (await ann.do("invitation", tea)).json["path"]
    for it in (f"/room/{tea}", f"/room/{tea}/order", message_path(said), path):
        page = await browser.open(it)
        assert "<b onclick" not in page
        assert "&lt;b onclick" in page
    assert guest.page == ""
