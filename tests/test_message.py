from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.errors import (
    ClientIdInvalid,
    EmojiInvalid,
    MessageEmpty,
    MessageTooLong,
    MessageUnprintable,
    RoomNameInvalid,
    TooManyFiles,
)
from chatroom.message import (
    BODY_LIMIT,
    CLIENT_ID_LIMIT,
    FILES_LIMIT,
    ROOM_LIMIT,
    File,
    body_from,
    emoji_from,
    file_name_from,
    room_from,
    thumbnail_of,
)
from tests.making import draft


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("7", "7"),
        ("007", "007"),
        ("Lounge", "lounge"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Café", "café"),
        ("Cafe\u0301", "café"),
        ("茶馆", "茶馆"),
        ("नमस्ते", "नमस्ते"),
        ("a_b-c", "a_b-c"),
        ("x" * ROOM_LIMIT, "x" * ROOM_LIMIT),
    ],
)
def test_a_room_has_one_canonical_name(text: str, room: str) -> None:
    assert room_from(text) == room


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        "a/b",
        "..",
        "a\0",
        "x" * (ROOM_LIMIT + 1),
        "a\u200b",
        "\u3164",
        "\u0301a",
        "a\ufe0f",
        "😀",
        "\ud800",
    ],
)
def test_what_is_no_letter_digit_or_dash_names_no_room(text: str) -> None:
    with pytest.raises(RoomNameInvalid) as refusal:
        room_from(text)
    assert refusal.value.field == "room"


@given(st.text(st.characters(categories=["L", "M", "Nd"]), max_size=20))
def test_a_canonical_name_is_its_own_canonical_name(text: str) -> None:
    try:
        room = room_from(text)
    except RoomNameInvalid:
        return
    assert room_from(room) == room


def test_a_body_is_trimmed_and_its_line_ends_are_one_kind() -> None:
    assert body_from("  a\r\nb\rc \n") == "a\nb\nc"


def test_the_limit_counts_characters_after_trimming() -> None:
    assert len(body_from(" " + "界" * BODY_LIMIT + " ")) == BODY_LIMIT
    with pytest.raises(MessageTooLong) as refusal:
        body_from("x" * (BODY_LIMIT + 1))
    assert str(BODY_LIMIT) in str(refusal.value)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_body_is_refused(text: str) -> None:
    with pytest.raises(MessageEmpty):
        body_from(text)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udfff"])
def test_what_no_engine_could_keep_is_refused(text: str) -> None:
    with pytest.raises(MessageUnprintable):
        body_from(text)


@pytest.mark.parametrize("client_id", ["x", "~" * CLIENT_ID_LIMIT, "a b"])
def test_a_client_id_is_printable_ascii(client_id: str) -> None:
    assert draft(client_id=client_id).client_id == client_id


@pytest.mark.parametrize("client_id", ["", "x" * (CLIENT_ID_LIMIT + 1), "é", "a\n", "\x7f"])
def test_any_other_client_id_makes_no_draft(client_id: str) -> None:
    with pytest.raises(ClientIdInvalid):
        draft(client_id=client_id)


@pytest.mark.parametrize(
    "emoji", ["👍", "👍🏽", "❤️", "👩‍👩‍👧‍👦", "🇨🇳", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "3️⃣", "#⃣", "☎", "🧑🏿‍🤝‍🧑🏿"]
)
def test_an_emoji_may_be_of_several_characters(emoji: str) -> None:
    assert emoji_from(emoji) == emoji


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "3",
        "<b>",
        "👍<",
        "é",
        "\u200d",
        "\ufe0f",
        "👍👍",
        "👍" + "\u200d👍" * 8,
        "🏽",
        "🇨",
        "3️⃣3",
        "̈",
        "界",
    ],
)
def test_what_is_no_emoji_is_refused(text: str) -> None:
    with pytest.raises(EmojiInvalid):
        emoji_from(text)


def test_a_draft_says_something_or_has_a_file() -> None:
    assert draft("", files=("f",)).files == ("f",)
    with pytest.raises(MessageEmpty):
        draft("")


def test_a_message_has_so_many_files_and_no_more() -> None:
    assert draft(files=("f",) * FILES_LIMIT)
    with pytest.raises(TooManyFiles):
        draft(files=("f",) * (FILES_LIMIT + 1))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("cat.jpg", "cat.jpg"),
        (" a  b\t.txt ", "a b.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.txt", "b.txt"),
        ("a\0\r\n\u202e\ud800b", "ab"),
        ("u\u0308ber", "über"),
        (".", "file"),
        ("...", "file"),
        ("/", "file"),
        ("\u3164", "file"),
        ("a" * 500 + ".tar.gz", "a" * 117 + ".gz"),
        ("a" * 500, "a" * 120),
        ("b." + "a" * 500, "b." + "a" * 118),
    ],
)
def test_the_name_of_a_file_is_no_path_and_turns_nothing(told: str, name: str) -> None:
    assert file_name_from(told) == name


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((10, 20), (10, 20)),
        ((640, 480), (640, 480)),
        ((1280, 480), (640, 240)),
        ((100, 4800), (10, 480)),
        ((40_000, 1), (640, 1)),
    ],
)
def test_a_thumbnail_fits_and_keeps_its_shape(size: tuple[int, int], box: tuple[int, int]) -> None:
    assert thumbnail_of(*size) == box
    assert File("a", "b", "c", 1, *size).thumbnail == box


def test_every_emoji_that_the_page_offers_is_one() -> None:
    page = Path(__file__).parent.parent / "static/js/emoji.js"
    table = page.read_text("utf-8").split("`")[1]
    offered = [row.split()[0] for row in re.split(r",\s+", table.strip())]
    assert len(offered) >= 250
    assert [emoji_from(it) for it in offered] == offered
