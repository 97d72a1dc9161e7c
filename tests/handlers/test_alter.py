"""What was said, changed afterwards: over HTTP."""

from __future__ import annotations

import pytest

from tests.api import Api


@pytest.mark.gen_test
async def test_an_edit_is_told_with_the_message_as_it_is(ann: Api, bob: Api) -> None:
    said = await ann.say("helo")
    reply = await ann.do("edit", "7", id=said["id"], body=" *hello* ")
    assert reply.status == 200
    (entry,) = (await bob.since(said["id"]))["messages"]
    assert (entry["kind"], entry["id"], entry["target"]) == ("edit", reply.json["id"], said["id"])
    assert entry["author"] == said["author"]
    now = entry["message"]
    assert (now["id"], now["body"], now["at"]) == (said["id"], "*hello*", said["at"])
    assert "<em>hello</em>" in now["html"]
    assert now["edited_at"] == entry["at"]
    assert (await bob.history())["messages"] == [now, entry]


@pytest.mark.gen_test
async def test_a_reaction_is_told_with_all_that_there_are(ann: Api, bob: Api) -> None:
    said = await ann.say("hello")
    await ann.do("react", "7", id=said["id"], emoji="🎉", on="1")
    reply = await bob.do("react", "7", id=said["id"], emoji="🎉", on="1")
    (_, entry) = (await bob.since(said["id"]))["messages"]
    assert (entry["kind"], entry["id"], entry["target"]) == (
        "reaction",
        reply.json["id"],
        said["id"],
    )
    assert (entry["emoji"], entry["on"], entry["author"]["name"]) == ("🎉", True, "Bob")
    people = [{"id": it.id, "name": name} for it, name in ((ann, "Ann"), (bob, "Bob"))]
    assert entry["message"]["reactions"] == [{"emoji": "🎉", "count": 2, "people": people}]
    await bob.do("react", "7", id=said["id"], emoji="🎉", on="0")
    (first, *_) = (await bob.history())["messages"]
    assert first["reactions"][0]["people"] == people[:1]


@pytest.mark.gen_test
async def test_what_makes_no_difference_is_no_entry(ann: Api) -> None:
    said = await ann.say("hello")
    reply = await ann.do("edit", "7", id=said["id"], body="hello")
    assert (reply.status, reply.json) == (200, {"id": None})
    reply = await ann.do("react", "7", id=said["id"], emoji="👍", on="0")
    assert (reply.status, reply.json) == (200, {"id": None})


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("what", "fields", "refusal"),
    [
        ("edit", {"body": " "}, (400, "message_empty", "body")),
        ("edit", {"body": "x" * 4001}, (400, "message_too_long", "body")),
        ("edit", {"id": "x", "body": "x"}, (400, "cursor_invalid", "id")),
        ("edit", {"id": "zzzzzzzz-1", "body": "x"}, (400, "cursor_invalid", "id")),
        ("react", {"emoji": "x", "on": "1"}, (400, "emoji_invalid", "emoji")),
        ("react", {"emoji": "👍"}, (400, "choice_invalid", "on")),
    ],
)
async def test_what_is_wrong_is_said(
    ann: Api, what: str, fields: dict[str, str], refusal: tuple[int, str, str]
) -> None:
    said = await ann.say("hello")
    reply = await ann.do(what, "7", **({"id": said["id"]} | fields))
    assert reply.error == refusal


@pytest.mark.gen_test
async def test_only_who_has_said_it_edits_it(ann: Api, bob: Api, root: Api) -> None:
    said = await ann.say("hello")
    for other in (bob, root):
        reply = await other.do("edit", "7", id=said["id"], body="x")
        assert reply.error[:2] == (403, "not_allowed")


@pytest.mark.gen_test
async def test_an_answer_names_what_it_answers(ann: Api, bob: Api) -> None:
    said = await ann.say("tea?")
    answer = await bob.say("yes", reply=said["id"])
    assert answer["reply"] == {"id": said["id"], "author": said["author"]}
    reply = await bob.post("/a/message/new", {"room": "8", "body": "x", "reply": said["id"]})
    assert reply.error == (404, "not_found", "reply")


@pytest.mark.gen_test
async def test_a_form_goes_on_where_it_wants_to(ann: Api) -> None:
    said = await ann.say("hello")
    for what, more in (("edit", {"body": "x"}), ("react", {"emoji": "👍", "on": "1"})):
        reply = await ann.do(what, "7", id=said["id"], next="/room/7", **more)
        assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7")
