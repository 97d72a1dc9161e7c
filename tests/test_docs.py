"""The documents say what the code does: codes, fields, limits, addresses, dependencies, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatroom import (
    accounts,
    arguments,
    attendance,
    cursor,
    message,
    news,
    passwords,
    people,
    poll,
    presence,
    redraw,
    shapes,
    standing,
    tries,
    words,
)
from chatroom.app import ROUTES
from chatroom.engines.people import IGNORED_LIMIT, READINGS_LIMIT, UNREAD_LIMIT, UNREAD_SCAN
from chatroom.errors import ChatroomError, Refused, Unavailable
from chatroom.export import ExportJson
from chatroom.handlers import pages, session
from chatroom.handlers.mine import _ChangedJson, _MineJson, _RoomJson
from chatroom.handlers.room import RoomJson

ROOT = Path(__file__).parent.parent
PROTOCOL = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

SESSION = (session.SessionJson, session.ListedJson, session._TokenJson)

#: Parents in the tree of errors that are never raised themselves.
ABSTRACT = {ChatroomError, Refused}


def tree(root: type[ChatroomError]) -> Iterator[type[ChatroomError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def test_every_error_is_in_the_table_with_its_status_and_no_other_is() -> None:
    told = set(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PROTOCOL, re.MULTILINE))
    assert told == {(str(it.status), it.code) for it in set(tree(ChatroomError)) - ABSTRACT}


@pytest.mark.parametrize(
    ("heading", "shape"),
    [
        ("POST /a/message/new", shapes.MessageJson),
        ("GET or POST /a/message/updates", shapes.UpdateJson),
        ("Who is here", shapes.SummaryJson),
        ("GET /a/room/ROOM", RoomJson),
        ("GET /a/session", session._MeJson),
        ("GET /room/ROOM/export.json", ExportJson),
    ],
)
def test_every_field_of_a_reply_is_in_its_table_and_no_other_is(heading: str, shape: type) -> None:
    section = PROTOCOL.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = section.partition("| field | |")[2]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(shape.__struct_fields__)  # type: ignore[attr-defined]


def test_the_small_replies_are_told_field_by_field() -> None:
    mine = (_MineJson, _RoomJson, _ChangedJson)
    for shape in (shapes.HistoryJson, shapes.GapJson, *SESSION, *mine):
        assert [
            it
            for it in shape.__struct_fields__
            if f"`{it}`" not in PROTOCOL and f'"{it}"' not in PROTOCOL
        ] == []


@pytest.mark.parametrize(
    "words",
    [
        f"1 to {message.BODY_LIMIT} characters",
        f"1 to {message.ROOM_LIMIT} letters",
        f"up to {message.CLIENT_ID_LIMIT} printable",
        f"left out: `{message.DEFAULT_ROOM}`",
        f"up to {poll.POLL_LIMIT} rooms",
        f"More than {cursor.REPLY_LIMIT} missed",
        f"1 to {cursor.REPLY_LIMIT}, default {poll.RANGE_DEFAULT}",
        f"1 to {people.NAME_LIMIT} characters",
        f"fewer than {passwords.PASSWORD_MINIMUM} characters",
        f"more than {passwords.PASSWORD_LIMIT:,} characters",
        f"at most {arguments.ARGUMENT_LIMIT:,} arguments",
        f"the newest {pages.PAGE_SIZE} entries",
        f"Where at most {presence.CROWD} are present",
        f"where more than {presence.CROWD} are present",
        f"{attendance.FEW_READERS} polls are held",
        f"seen for {presence.GRACE:.0f} seconds",
        f"every {attendance.EVERY:.0f} seconds",
        f"for {presence.TYPING:.0f} seconds that one types",
        f"up to {poll.VERSION_LIMIT} characters",
        f"fit into {standing.PRESENCE_BYTES // 1024} kB",
        f"larger than {news.REPLY_BYTES // 1024} kB ends earlier",
        f"than fit into\n{news.REPLY_BYTES // 1024} kB, the newest",
        f"at most {words.PHRASE_LIMIT} in at most {words.QUERY_LIMIT} characters",
        f"at most {READINGS_LIMIT}, those",
        f"up to {UNREAD_LIMIT}, among the newest {UNREAD_SCAN:,}",
        f"at most {IGNORED_LIMIT:,} people",
        f"at most {message.FILE_NAME_LIMIT} characters",
        f"at most {message.THUMBNAIL_WIDTH} x {message.THUMBNAIL_HEIGHT}",
        f"More than {redraw.PIXELS_LIMIT // 1_000_000} million pixels",
        f"or {redraw.FRAMES_LIMIT:,} pictures in one",
        f"{passwords.PASSWORD_MINIMUM} to {passwords.PASSWORD_LIMIT:,} characters",
        f"at most {accounts.TOKENS_LIMIT} tokens",
        f"up to {tries.LONGEST_DELAY:.0f} s",
        f"wrong at most {tries.WRONG_BURST} times at once and then\nevery {1 / tries.WRONG_RATE:.0f} s",
        f"at most {tries.STRANGE_BURST} times at once and then every {1 / tries.STRANGE_RATE:.0f} s",
    ],
)
def test_every_limit_is_told_as_it_is(words: str) -> None:
    assert words in PROTOCOL


def test_every_address_is_told() -> None:
    for pattern, _ in ROUTES:
        address = pattern.replace("/?", "").replace("([^/]+)", "[A-Z]+")
        assert re.search(f"{address}(?![A-Za-z/])", PROTOCOL), pattern


def test_every_page_is_told_once() -> None:
    pages = PROTOCOL.partition("## Pages and health")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([^`]+)` \|", pages, re.MULTILINE)
    assert len(told) > 10
    assert sorted(told) == sorted(set(told))


def test_whatever_may_be_repeated_has_a_status_of_its_own() -> None:
    assert {it.status for it in tree(Unavailable)} == {503}


@pytest.mark.parametrize("page", PROSE, ids=lambda it: it.name)
def test_every_link_between_the_documents_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [it for it in targets if not (page.parent / it).exists()] == []


#: Bytes: a page of pictures is there within a second of a slow line. The README's is two pictures in one.
PICTURE_LIMITS = {"docs/pictures": 60_000, "docs": 100_000}


@pytest.mark.parametrize("folder", PICTURE_LIMITS)
def test_every_picture_is_small_and_shown_with_words_for_whoever_does_not_see_it(
    folder: str,
) -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", "".join(it.read_text("utf-8") for it in PROSE))
    named = {Path(target).name for words, target in shown if words}
    pictures = list((ROOT / folder).glob("*.png"))
    assert {it.name for it in pictures} - named == set()
    assert [it.name for it in pictures if it.stat().st_size > PICTURE_LIMITS[folder]] == []


def test_every_dependency_says_what_it_is_for() -> None:
    design = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    pins = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    names = {re.split(r"[=<>;\s]", pin)[0] for pin in pins}
    told = set(re.findall(r"^\| `([\w-]+)` \|", design, re.MULTILINE))
    assert told == names
