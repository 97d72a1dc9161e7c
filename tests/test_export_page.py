"""A room to be read offline: what is said of each message, and that nothing in the document acts."""

from __future__ import annotations

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
import tornado.locale
from msgspec.structs import replace
from tornado.template import Loader

from chatroom.app import TEMPLATES
from chatroom.deed import Change, Item, Role
from chatroom.engines.base import Member
from chatroom.export import Extent
from chatroom.export_page import HtmlForm
from chatroom.handlers.heading import Heading
from chatroom.languages import load
from chatroom.message import File, Message, Quoted
from chatroom.order import Order
from chatroom.people import Person
from tests.making import ANN, BOB, act, message

AT = 1_700_000_000_000_000
HOUR = 3_600_000_000
HOME = "https://chat.test/room/7"
HOSTILE = "</style></bdi><script>ran=1</script>\"'{{7*7}}"

Make = Callable[..., str]


def render(language: str) -> Callable[..., bytes]:
    load()
    loader, locale = Loader(str(TEMPLATES)), tornado.locale.get(language)

    def run(name: str, **values: Any) -> bytes:
        return loader.load(name).generate(**values, _=locale.translate, lang=language)

    return run


def page(*items: Item, order: Order | None = None, name: str = "Ann", language: str = "en") -> str:
    """The document, with each item on a page of its own."""
    order = order or Order()
    of = Extent("7", order, [Member(Person("p", name), Role.OWNER)], 9, AT)
    heading = Heading(order.title, order.topic, "7", numbered=True)
    form = HtmlForm(render(language), of, HOME, heading=heading)
    parts = [part for item in items for part in form.entries([item])]
    return (form.head() + b"".join(parts) + form.end()).decode()


def said(offset: int, **fields: object) -> Message:
    return replace(message(offset), **fields)


def test_the_document_has_a_title_a_topic_the_members_and_the_way_back() -> None:
    told = page(order=Order(title="Tea", topic="Green & black"))
    assert "<title>Tea</title>" in told
    assert "<bdi>Green &amp; black</bdi>" in told
    assert '<bdi>Ann</bdi> <span class="quiet">Owner</span>' in told
    assert f'<a href="{HOME}">' in told
    assert "<title>Room 7</title>" in page()


def test_it_is_in_the_language_of_the_reader() -> None:
    told = page(said(1, body="", html=""), language="zh_CN")
    assert "此消息已删除。" in told
    assert "<title>房间 7</title>" in told


def test_a_day_begins_with_its_date_and_a_turn_with_a_name() -> None:
    told = page(said(1), said(2), said(3, author=BOB), said(4, at=AT + 24 * HOUR, author=BOB))
    assert re.findall(r"<h2><time datetime=\"(.*?)\"", told) == ["2023-11-14", "2023-11-15"]
    marks = re.findall(r'<article id="(\w+)"( class="again")?>', told)
    assert marks == [("m1", ""), ("m2", ' class="again"'), ("m3", ""), ("m4", "")]


def test_an_answer_leads_to_what_it_answers_and_shows_how_that_begins() -> None:
    long = said(1, body="one\n\ntwo " + "x" * 100)
    told = page(long, said(2, reply=Quoted(1, ANN)))
    assert '<a href="#m1">↩ <bdi>Ann</bdi></a>' in told
    assert f"<bdi>one two {'x' * 72} …</bdi>" in told


def test_an_answer_to_what_is_gone_leads_nowhere() -> None:
    told = page(said(6, reply=Quoted(5, ANN)), order=Order(trimmed=5))
    assert "↩ <bdi>Ann</bdi> <bdi></bdi>" in told
    assert 'href="#' not in told


def test_edits_deletions_reactions_and_files_are_seen() -> None:
    file = File("f/1", "cat & dog.png", "image/png", 12_345)
    told = page(
        said(1, edited_at=AT, reactions={"👍": [ANN, BOB]}, files=(file,)),
        said(2, body="", html=""),
    )
    first, second = told.split("<article")[1:]
    assert '<span class="edited">edited</span>' in first
    assert '<li title="Ann, Bob">👍 2</li>' in first
    assert f'<a href="{HOME}/file/f%2F1"><bdi>cat &amp; dog.png</bdi></a>' in first
    assert '<span class="quiet">12 kB</span>' in first
    assert "This message was deleted." in second
    assert 'class="text"' not in second


@pytest.mark.parametrize(
    ("size", "words"),
    [(999, "999 B"), (1000, "1 kB"), (2_500_000, "2 MB"), (7_100_000_000, "7.1 GB")],
)
def test_the_size_of_a_file_is_told_in_words(size: int, words: str) -> None:
    told = page(said(1, files=(File("f", "n", "t", size),)))
    assert f">{words}</span>" in told


def test_a_file_alone_has_no_text() -> None:
    assert 'class="text"' not in page(
        said(1, body="n", html="", files=(File("f", "n", "text/plain", 1),))
    )


def test_what_was_done_to_the_room_has_no_line() -> None:
    assert "<article" not in page(act(Change(title="Tea"), 1))


def test_the_style_is_the_only_thing_that_the_policy_allows() -> None:
    told = page(said(1))
    (style,) = re.findall(r"<style>(.*?)</style>", told, re.DOTALL)
    hashed = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'"Content-Security-Policy" content="(.*?)"', told)
    assert html.unescape(policy) == (
        f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(| on\w+=| style=", told)


def test_nothing_that_people_have_written_is_markup() -> None:
    author = Person("p", HOSTILE)
    hostile = said(
        1,
        author=author,
        html="<p>safe</p>",
        files=(File('"><b>', HOSTILE, "x", 1),),
        reactions={"👍": [author]},
    )
    answer = said(2, author=author, reply=Quoted(1, author))
    told = page(hostile, answer, order=Order(title=HOSTILE[:60], topic=HOSTILE), name=HOSTILE)
    assert "<script" not in told
    assert "{{7*7}}" in told
    assert told.count("</style>") == 1
