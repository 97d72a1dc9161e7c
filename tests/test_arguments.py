from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.arguments import ARGUMENT_LIMIT, from_body, from_form, from_query
from chatroom.errors import ContentTypeUnknown, Refused, Unreadable

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def test_a_form_keeps_order_blanks_and_white_space() -> None:
    assert from_body(FORM, b"a=1&b=&a=+2%20") == {"a": ["1", " 2 "], "b": [""]}


@given(st.text("ab=&;é茶\x00 "))
def test_a_plain_form_is_read_as_any_other_one(text: str) -> None:
    escaped = parse_qs(text, keep_blank_values=True)
    assert from_form(text.encode()) == escaped
    assert from_form(f"{text}&%61=%61".encode()) == parse_qs(f"{text}&a=a", keep_blank_values=True)


def test_a_plain_form_has_no_more_arguments_than_any_other_one() -> None:
    for form in (b"a=1", b"a=%31"):
        most = b"&".join([form] * ARGUMENT_LIMIT)
        assert len(from_form(most)["a"]) == ARGUMENT_LIMIT
        with pytest.raises(Unreadable):
            from_form(most + b"&")


def test_a_form_may_hold_its_utf_8_raw_as_curl_sends_it() -> None:
    assert from_body(FORM, "body=你好&b=%E4%BD%A0".encode()) == {"body": ["你好"], "b": ["你"]}


def test_json_and_a_form_say_the_same() -> None:
    told = b'{"room": ["7", "8"], "wait": 0.5, "limit": 3, "token": true, "cursor": null}'
    assert from_body(f"{JSON}; charset=utf-8", told) == {
        "room": ["7", "8"],
        "wait": ["0.5"],
        "limit": ["3"],
        "token": ["true"],
    }


def test_json_may_hold_what_nobody_asked_for() -> None:
    assert from_body(JSON, b'{"body": "a", "more": {"a": [{}]}}') == {"body": ["a"]}


def test_a_query_string_is_read_by_the_same_rules() -> None:
    assert from_query("room=7&room=%E8%8C%B6") == {"room": ["7", "茶"]}
    assert from_query("room=茶".encode().decode("latin-1")) == {"room": ["茶"]}


def test_no_body_needs_no_type() -> None:
    assert from_body("", b"") == {}


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "application/jsonp"])
def test_other_types_are_refused(kind: str) -> None:
    with pytest.raises(ContentTypeUnknown):
        from_body(kind, b"a=1")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"a=\xff"),
        (FORM, b"a=%ff"),
        (FORM, b"&".join(b"a=1" for _ in range(ARGUMENT_LIMIT + 1))),
        (JSON, b""),
        (JSON, b"[]"),
        (JSON, b"{"),
        (JSON, b'{"body": {"b": 1}}'),
        (JSON, b'{"a": "\xff"}'),
        (JSON, b'{"body": "\\ud800"}'),
        (JSON, b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        (JSON, b"{" + b",".join(b'"%d":1' % n for n in range(ARGUMENT_LIMIT + 1)) + b"}"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(kind: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        from_body(kind, body)


@given(st.sampled_from([FORM, JSON]), st.binary())
def test_no_bytes_do_more_than_be_refused(kind: str, body: bytes) -> None:
    try:
        found = from_body(kind, body)
    except Refused:
        return
    assert all(isinstance(value, str) for values in found.values() for value in values)
