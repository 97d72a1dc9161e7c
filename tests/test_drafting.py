from __future__ import annotations

import pytest

from chatroom.drafting import draft_from, offset_from
from chatroom.errors import CursorInvalid, Invalid, MessageEmpty
from chatroom.message import DEFAULT_ROOM, Draft
from tests.making import ANN, EPOCH


def drafted(**asked: str | list[str]) -> Draft:
    """What Ann says with those arguments."""
    arguments = {name: of if isinstance(of, list) else [of] for name, of in asked.items()}
    return draft_from(ANN, arguments, "192.0.2.1", EPOCH)


def test_a_request_that_says_only_something_speaks_to_the_first_room() -> None:
    draft = drafted(body=" *hello* ")
    assert (draft.room, draft.body, draft.author) == (DEFAULT_ROOM, "*hello*", ANN)
    assert (draft.html, draft.address) == ("<p><em>hello</em></p>", "192.0.2.1")
    assert (draft.client_id, draft.reply, draft.files) == (None, None, ())


def test_all_that_can_be_said_is_in_the_draft() -> None:
    draft = drafted(room="TEA", body="x", client_id="c", reply=f"{EPOCH}-5", file=["a", "", "b"])
    assert (draft.room, draft.client_id, draft.reply, draft.files) == ("tea", "c", 5, ("a", "b"))


def test_files_need_no_words() -> None:
    assert drafted(body=" ", file=["a"]).html == ""
    with pytest.raises(MessageEmpty):
        drafted(body=" ", file=[""])


@pytest.mark.parametrize(
    ("field", "asked"),
    [("room", {"room": "a b"}), ("client_id", {"client_id": "é"}), ("reply", {"reply": "5"})],
)
def test_what_is_wrong_is_named(field: str, asked: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(body="x", **asked)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "wrong", [{"room": "%"}, {"body": "x" * 4001}, {"client_id": "é"}, {"file": ["f"] * 11}]
)
def test_what_is_refused_is_not_rendered(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str | list[str]]
) -> None:
    rendered: list[str] = []
    monkeypatch.setattr("chatroom.drafting.render", rendered.append)
    with pytest.raises(Invalid):
        drafted(**({"body": "*hello*"} | wrong))
    assert rendered == []


def test_a_place_of_another_log_is_none_of_this_one() -> None:
    assert offset_from(f"{EPOCH}-7", EPOCH) == 7
    with pytest.raises(CursorInvalid) as refusal:
        offset_from("zzzzzzzz-7", EPOCH, "reply")
    assert refusal.value.field == "reply"
