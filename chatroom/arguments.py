"""The arguments of a request, from its query string, a form or JSON: one reading for every way in.

Strict where Tornado's `get_argument` is kind: text is UTF-8 or refused, nothing is stripped or rewritten, and a query
string never mixes with a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import msgspec

from chatroom.errors import ContentTypeUnknown, Unreadable
from chatroom.poll import Arguments

#: Arguments in one request.
ARGUMENT_LIMIT = 1000

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"

_Value = str | int | float | bool | None
_decode = msgspec.json.Decoder(dict[str, _Value | list[_Value]]).decode


def from_query(query: str) -> Arguments:
    """Read a query string as it stands in a request target, its bytes as Latin-1. Raises Unreadable."""
    return _from_form(_text(query.encode("latin-1")))


def from_body(content_type: str, body: bytes) -> Arguments:
    """Read a body by its Content-Type; an empty one needs none. Raises Unreadable, ContentTypeUnknown."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body and not kind:
        return {}
    if kind == _FORM:
        return _from_form(_text(body))
    if kind == _JSON:
        return _from_json(body)
    raise ContentTypeUnknown


def _from_form(text: str) -> Arguments:
    try:
        return parse_qs(
            text, keep_blank_values=True, errors="strict", max_num_fields=ARGUMENT_LIMIT
        )
    except ValueError as error:  # too many, or not UTF-8 behind the percent signs
        raise Unreadable from error


def _from_json(body: bytes) -> Arguments:
    try:
        values = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable from error
    if len(values) > ARGUMENT_LIMIT:
        raise Unreadable
    return _listed(values)


def _listed(values: Mapping[str, _Value | list[_Value]]) -> Arguments:
    """Every value as text in a list, as a form would have it; null is an argument left out."""
    lists = {name: it if isinstance(it, list) else [it] for name, it in values.items()}
    texts = {name: [_as_text(it) for it in many if it is not None] for name, many in lists.items()}
    return {name: many for name, many in texts.items() if many}


def _as_text(value: _Value) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable from error
