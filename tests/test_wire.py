from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatroom.deed import (
    FOR_EVER,
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Membership,
    Reaction,
    Role,
    Trim,
)
from chatroom.message import File, Message, Quoted
from chatroom.news import News
from chatroom.people import Person
from chatroom.shapes import PEOPLE_NAMED, Here, Line, Shown
from chatroom.wire import Wire, summary, timestamp
from tests.making import ANN, BOB, EPOCH, act, entries, message, wire


def test_an_entry_holds_every_field_of_the_protocol_in_order() -> None:
    told = msgspec.json.decode(wire().entry(message(5)).json)
    assert list(told.items()) == [
        ("id", f"{EPOCH}-5"),
        ("room", "7"),
        ("kind", "message"),
        ("author", {"id": ANN.id, "name": ANN.name}),
        ("body", "7/5"),
        ("html", f"<i>{EPOCH}-5</i>"),
        ("at", "2023-11-14T22:13:20.000Z"),
        ("client_id", None),
    ]


def test_the_first_page_shows_the_html_of_the_wire() -> None:
    entry = wire().entry(message(5))
    assert wire().shown(entry) == Shown(ANN, msgspec.json.decode(entry.json)["html"])


def test_an_update_joins_the_bytes_of_its_entries() -> None:
    some = entries(3, 5)
    body = wire().update([News("7", some, 5)])
    assert b",".join(entry.json for entry in some) in body
    assert msgspec.json.decode(body)["cursors"] == {"7": f"{EPOCH}-5"}


def test_a_gap_lies_between_the_reader_and_the_first_entry() -> None:
    update = msgspec.json.decode(wire().update([News("7", entries(3, 5), 5, gap_after=1)]))
    assert update["gaps"] == {"7": {"after": f"{EPOCH}-1", "before": f"{EPOCH}-4"}}


def test_a_reset_and_a_pause_are_told() -> None:
    update = msgspec.json.decode(wire().update([News("7", [], 0, reset=True)], {"8": 4}, 2.5))
    assert update == {
        "messages": [],
        "cursors": {"8": f"{EPOCH}-4", "7": f"{EPOCH}-0"},
        "resets": ["7"],
        "retry_in": 2.5,
    }


def test_an_update_says_who_is_where_in_bytes_that_were_made_before() -> None:
    here = Here([ANN, BOB], [BOB.id])
    both = {"7": summary("life-1", 2, here), "8": summary("life-2", 51, None)}
    told = msgspec.json.decode(wire().update((), {"7": 0}, presence=both))
    people = [{"id": "p-ann", "name": "Ann"}, {"id": "p-bob", "name": "Bob"}]
    assert told == {
        "messages": [],
        "cursors": {"7": f"{EPOCH}-0"},
        "presence": {
            "7": {"version": "life-1", "count": 2, "people": people, "typing": ["p-bob"]},
            "8": {"version": "life-2", "count": 51},
        },
    }
    assert wire().update((), {"7": 0}, presence={}) == wire().update((), {"7": 0})


def test_history_says_whether_there_is_more() -> None:
    told = msgspec.json.decode(wire().history(entries(0, 2), more=True))
    assert [it["id"] for it in told["messages"]] == [f"{EPOCH}-1", f"{EPOCH}-2"]
    assert told["more"] is True


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_have_one_form_and_keep_their_order(at: int) -> None:
    assert len(timestamp(at)) == len("2023-11-14T22:13:20.000Z")
    assert timestamp(at) <= timestamp(at + 1000)


def told(deed: AnyDeed) -> dict[str, object]:
    act = Act(room="7", offset=9, author=ANN, at=1_700_000_000_000_000, deed=deed)
    found: dict[str, object] = msgspec.json.decode(wire().entry(act).json)
    common = ("id", "room", "author", "at")
    assert [found.pop(it) for it in common] == [
        f"{EPOCH}-9",
        "7",
        {"id": ANN.id, "name": ANN.name},
        "2023-11-14T22:13:20.000Z",
    ]
    return found


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (Deletion(5), {"kind": "deletion", "target": f"{EPOCH}-5"}),
        (Erasure("p"), {"kind": "erasure", "person": "p"}),
        (
            Change(title="", slow=0, access=Access.PRIVATE),
            {"kind": "room", "title": "", "slow": 0, "access": "private"},
        ),
        (
            Membership(BOB, Role.MODERATOR),
            {"kind": "member", "person": {"id": "p-bob", "name": "Bob"}, "role": "moderator"},
        ),
        (
            Membership(BOB, None),
            {"kind": "member", "person": {"id": "p-bob", "name": "Bob"}, "role": None},
        ),
        (
            Bar(person=BOB, until=0, address="192.0.2.1"),
            {
                "kind": "bar",
                "person": {"id": "p-bob", "name": "Bob"},
                "until": "1970-01-01T00:00:00.000Z",
                "mute": False,
            },
        ),
        (
            Bar(person=BOB, until=FOR_EVER, mute=True),
            {
                "kind": "bar",
                "person": {"id": "p-bob", "name": "Bob"},
                "until": None,
                "mute": True,
            },
        ),
        (Trim(8), {"kind": "trim", "upto": f"{EPOCH}-8"}),
    ],
    ids=lambda it: type(it).__name__,
)
def test_every_act_tells_what_was_done_and_no_address(
    deed: AnyDeed, said: dict[str, object]
) -> None:
    assert told(deed) == said


def test_every_kind_of_entry_is_in_the_table_of_the_protocol() -> None:
    page = (Path(__file__).parent.parent / "docs/protocol.md").read_text(encoding="utf-8")
    section = page.partition("## What a log holds")[2].partition("## ")[0]
    audited_only = {"door"}
    kinds = {it.__struct_config__.tag for it in get_args(AnyDeed)} - audited_only | {"message"}
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == kinds
    assert all(f"`{field}`" in section for field in Change.__struct_fields__)


def test_a_deleted_message_keeps_its_place_and_nothing_of_its_text() -> None:
    entry = wire().entry(message(5))
    gone = wire().blank(entry)
    assert gone == wire().entry(msgspec.structs.replace(message(5), body="", html=""))
    assert wire().blank(gone) == gone
    before, after = msgspec.json.decode(entry.json), msgspec.json.decode(gone.json)
    assert after == before | {"body": "", "html": "", "deleted": True}
    assert wire().shown(gone).html == ""


def test_an_erasure_blanks_the_messages_of_one_person_only() -> None:
    act = wire().entry(Act(room="7", offset=9, author=ANN, at=0, deed=Deletion(1)))
    mine = wire().entry(message(5))
    others = wire().entry(msgspec.structs.replace(message(5), author=BOB))
    assert wire().erased(mine, ANN.id) == wire().blank(mine)
    for entry in (act, others, wire().blank(mine)):
        assert wire().erased(entry, ANN.id) is entry


def rich() -> Message:
    """A message that has everything a message may have."""
    return replace(
        message(5),
        reply=Quoted(3, BOB),
        files=(File("f1", "a.png", "image/png", 9, 3, 2),),
        reactions={"👍": [BOB, ANN]},
        edited_at=1_700_000_060_000_000,
    )


def test_what_a_message_has_besides_is_told_only_where_it_has_it() -> None:
    plain = msgspec.json.decode(wire().entry(message(5)).json)
    told = msgspec.json.decode(wire().entry(rich()).json)
    people = [{"id": it.id, "name": it.name} for it in (BOB, ANN)]
    assert {it: told[it] for it in told.keys() - plain.keys()} == {
        "reply": {"id": f"{EPOCH}-3", "author": people[0]},
        "files": [
            {"id": "f1", "name": "a.png", "type": "image/png", "size": 9, "width": 3, "height": 2}
        ],
        "reactions": [{"emoji": "👍", "count": 2, "people": people}],
        "edited_at": "2023-11-14T22:14:20.000Z",
    }


def test_of_a_crowd_that_reacts_some_are_named_and_all_are_counted() -> None:
    crowd = [Person(f"p-{n}", f"P {n}") for n in range(50)]
    told = msgspec.json.decode(wire().entry(replace(message(5), reactions={"👍": crowd})).json)
    (reacted,) = told["reactions"]
    assert reacted["count"] == 50
    assert [it["name"] for it in reacted["people"]] == [f"P {n}" for n in range(PEOPLE_NAMED)]


def test_a_deleted_message_has_nothing_that_belonged_to_it() -> None:
    gone = wire().blank(wire().entry(rich()))
    assert gone == wire().blank(wire().entry(message(5)))
    assert gone == wire().entry(replace(rich(), body="", html=""))


@pytest.mark.parametrize("deed", [Edit(5), Reaction(5, "👍", on=True)], ids=["edit", "reaction"])
def test_an_act_about_a_message_brings_it_along_as_it_is(deed: AnyDeed) -> None:
    done = wire().entry(replace(act(deed, 9), message=rich()))
    assert done.about == 5
    brought = msgspec.json.decode(done.json)["message"]
    assert brought == msgspec.json.decode(wire().entry(rich()).json)


def test_what_several_acts_bring_along_is_made_once_as_the_last_brings_it() -> None:
    lines: list[Line] = []

    def render(line: Line) -> str:
        lines.append(line)
        return line.html

    older, newer = (replace(act(Edit(5), at), message=message(5)) for at in (8, 9))
    newer = replace(newer, message=rich())
    found = Wire(EPOCH, render).entries([message(6), older, newer])
    assert [line.id for line in lines] == [f"{EPOCH}-5", f"{EPOCH}-6"]
    assert [it.offset for it in found] == [6, 8, 9]
    assert found[1].message is found[2].message
    assert "reactions" in msgspec.json.decode(found[1].json)["message"]


def test_what_is_gone_is_gone_from_the_acts_about_it() -> None:
    done = wire().entry(replace(act(Edit(5), 9), message=rich()))
    blank = replace(rich(), body="", html="")
    gone = wire().entry(replace(act(Edit(5), 9), message=blank))
    assert wire().forgetful(done) == gone == wire().erased(done, ANN.id)
    assert wire().erased(done, BOB.id) is done
    assert wire().without(done) == wire().entry(act(Edit(5), 9))
    assert msgspec.json.decode(wire().without(done).json)["message"] is None


def test_an_act_is_not_shown() -> None:
    act = Act(room="7", offset=9, author=ANN, at=0, deed=Change(title="<b>"))
    assert wire().shown(wire().entry(act)) == Shown(ANN, "")
