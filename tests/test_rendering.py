from __future__ import annotations

from collections.abc import Callable

import pytest
from tornado.template import Loader

from chatroom.app import TEMPLATES
from chatroom.message import File
from chatroom.people import Person
from chatroom.rendering import message_renderer
from chatroom.shapes import Line, Reacted, Reply
from tests.making import ANN

HOSTILE = Person("p-1", """<b>"'{0}{name}""")


@pytest.fixture(scope="module")
def render() -> Callable[[Line], str]:
    return message_renderer(Loader(str(TEMPLATES)))


def line(author: Person = ANN, **more: object) -> Line:
    """A line that says hello in the room `tea`."""
    fields: dict[str, object] = {"id": "k-5", "room": "茶", "at": "2026-01-02T03:04:05.678Z"}
    return Line(**(fields | {"author": author, "html": "<p>hello {0}</p>"} | more))  # type: ignore[arg-type]


def test_a_message_is_a_line_with_its_author_its_time_and_its_text(
    render: Callable[[Line], str],
) -> None:
    html = render(line())
    assert html.startswith("<article")
    assert html.endswith("</article>")
    for part in ("Ann</bdi>", 'data-id="k-5"', "<p>hello {0}</p>", 'datetime="2026-01-02T03:04'):
        assert part in html
    assert 'href="/room/%E8%8C%B6/message/k-5"' in html


def test_a_message_is_shown_as_its_template_says(render: Callable[[Line], str]) -> None:
    template = Loader(str(TEMPLATES)).load("message.html")
    parts = dict.fromkeys(("reply", "files", "reactions", "edited_at"), "")
    told = template.generate(message=line(room="1"), **parts).decode().strip()
    assert render(line(room="1")) == told.replace('href="1/', 'href="/room/1/')


def test_what_a_message_does_not_have_is_not_there(render: Callable[[Line], str]) -> None:
    html = render(line())
    assert not [
        it
        for it in ("quoted", "files", "reactions", "edited", "{")
        if it in html.replace("{0}", "")
    ]


def test_what_a_message_has_is_there(render: Callable[[Line], str]) -> None:
    html = render(
        line(
            reply=Reply("k-3", ANN),
            edited_at="2026-01-02T03:05:00.000Z",
            reactions=[Reacted("👍", 12, [ANN])],
            files=[
                File("f1", "a.png", "image/png", 9, 3, 2),
                File("f2", "b.pdf", "application/pdf", 9),
            ],
        )
    )
    for part in (
        'href="/room/%E8%8C%B6/message/k-3"',
        'data-emoji="👍"',
        ">12<",
        'datetime="2026-01-02T03:05',
        'href="/room/%E8%8C%B6/file/f1"',
        'width="3" height="2"',
        "b.pdf</bdi>",
    ):
        assert part in html


def test_nothing_that_somebody_wrote_becomes_markup(render: Callable[[Line], str]) -> None:
    html = render(
        line(
            author=HOSTILE,
            reply=Reply("k-3", HOSTILE),
            reactions=[Reacted("👍", 1, [HOSTILE])],
            files=[
                File("f1", HOSTILE.name, HOSTILE.name, 9, 3, 2),
                File("f2", HOSTILE.name, "x", 9),
            ],
        )
    )
    assert "<b>" not in html
    assert (
        html.count("&lt;b&gt;&quot;&#x27;{0}{name}") + html.count("&lt;b&gt;&quot;&#39;{0}{name}")
        >= 5
    )
