"""/a/room/ROOM/invitation and join: what lets people in, and that nobody else learns of it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from chatroom.app import Chatroom
from chatroom.doors import ADDRESS_TRIES, ROOM_TRIES
from tests.api import Api
from tests.conftest import Monotonic
from tests.handlers.site import Site

PASSWORD = "correct horse battery"
NO_ROOM = (404, "not_found", "room")


async def token(api: Api, room: str = "tea") -> str:
    """A new invitation."""
    reply = await api.do("invitation", room)
    assert reply.status == 201, reply
    assert reply.json.keys() == {"path"}
    before, _, token = reply.json["path"].rpartition("/")
    assert before == f"/join/{quote(room)}"
    return str(token)


@pytest.mark.gen_test
async def test_an_invitation_lets_in_whoever_has_it(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.run(tea, access="private")
    invitation = await token(ann)
    assert len(invitation) >= 22  # 128 bits in base64
    for guest in (bob, cleo):
        assert (await guest.get("/a/room/tea")).error == NO_ROOM
        reply = await guest.do("join", tea, token=invitation)
        assert (reply.status, reply.json) == (200, {"room": tea})
        assert (await guest.room(tea))["power"] == "member"
    told = (await ann.history(tea, limit="1"))["messages"][0]
    assert (told["kind"], told["person"]["name"], told["role"]) == ("member", "Cleo", "member")


@pytest.mark.gen_test
async def test_an_invitation_voids_the_one_before(ann: Api, bob: Api, tea: str) -> None:
    await ann.run(tea, access="private")
    old, new = await token(ann), await token(ann)
    assert (await bob.do("join", tea, token=old)).error == NO_ROOM
    assert (await bob.do("join", tea, token=new)).status == 200


@pytest.mark.gen_test
async def test_who_was_put_out_does_not_come_back_with_an_invitation_that_they_know(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.run(tea, access="private")
    for put_out in (
        {"what": "bar", "act": "kick"},
        {"what": "member", "role": "none"},
        {"what": "bar", "act": "ban"},
    ):
        invitation = await token(ann)
        assert (await bob.do("join", tea, token=invitation)).status == 200
        assert (await ann.do(room=tea, person=bob.id, **put_out)).status == 200  # type: ignore[arg-type]
        assert (await bob.do("join", tea, token=invitation)).error == NO_ROOM
        assert (await cleo.do("join", tea, token=invitation)).error == NO_ROOM
    invitation = await token(ann)
    assert (await bob.do("join", tea, token=invitation)).error == NO_ROOM  # he is banned
    assert (await cleo.do("join", tea, token=invitation)).status == 200


@pytest.mark.gen_test
async def test_who_leaves_comes_back_by_the_same_invitation(ann: Api, bob: Api, tea: str) -> None:
    await ann.run(tea, access="private")
    invitation = await token(ann)
    await bob.do("join", tea, token=invitation)
    await bob.do("leave", tea)
    assert (await bob.get("/a/room/tea")).error == NO_ROOM
    assert (await bob.do("join", tea, token=invitation)).status == 200


@pytest.mark.gen_test
async def test_who_may_bring_others_in_may_invite(ann: Api, bob: Api, tea: str) -> None:
    assert (await bob.do("invitation", tea)).error == (403, "not_allowed", None)
    await ann.do("member", tea, person=bob.id, role="member")
    assert (await bob.do("invitation", tea)).error == (403, "not_allowed", None)
    await ann.run(tea, access="private")
    await token(bob)


@pytest.mark.gen_test
async def test_who_joins_again_stays_what_they_are(ann: Api, bob: Api, tea: str) -> None:
    await ann.do("member", tea, person=bob.id, role="moderator")
    invitation = await token(ann)
    for who in (ann, bob):
        assert (await who.do("join", tea, token=invitation)).status == 200
    roles = [it["role"] for it in (await ann.room(tea))["members"]]
    assert roles == ["owner", "moderator"]


@pytest.mark.gen_test
async def test_a_closed_room_lets_nobody_in(ann: Api, bob: Api, tea: str) -> None:
    invitation = await token(ann)
    await ann.run(tea, closed="1")
    assert (await bob.do("join", tea, token=invitation)).error == NO_ROOM


@pytest.mark.gen_test
async def test_a_password_lets_in_whoever_knows_it(ann: Api, bob: Api, tea: str) -> None:
    told = await ann.run(tea, password=PASSWORD)
    assert told["access"] == "password"
    assert PASSWORD not in str(await ann.history(tea)) + str(told)
    assert (await bob.get("/a/room/tea")).error == NO_ROOM
    assert (await bob.do("join", tea, password="wrong")).error == NO_ROOM
    assert (await bob.do("join", tea, password=PASSWORD)).json == {"room": tea}
    assert (await bob.room(tea))["power"] == "member"


@pytest.mark.gen_test
async def test_the_owner_changes_the_password_and_members_stay(
    ann: Api, bob: Api, cleo: Api, tea: str
) -> None:
    await ann.run(tea, access="password", password=PASSWORD)
    await bob.do("join", tea, password=PASSWORD)
    reply = await ann.do("", tea, password="another horse battery")
    assert (reply.status, reply.json) == (200, {"id": None})
    assert (await bob.room(tea))["power"] == "member"
    assert (await cleo.do("join", tea, password=PASSWORD)).error == NO_ROOM
    assert (await cleo.do("join", tea, password="another horse battery")).status == 200


@pytest.mark.gen_test
async def test_a_room_keeps_its_password_until_it_gets_another_one(
    ann: Api, bob: Api, tea: str
) -> None:
    reply = await ann.do("", tea, access="password")
    assert reply.error == (400, "password_too_short", "password")
    assert (await ann.room(tea))["access"] == "open"
    await ann.run(tea, password=PASSWORD)
    await ann.run(tea, access="private", password="a field that the browser has filled in")
    assert (await bob.do("join", tea, password=PASSWORD)).error == NO_ROOM
    await ann.run(tea, access="password")
    assert (await bob.do("join", tea, password=PASSWORD)).status == 200


@pytest.mark.gen_test
async def test_what_everybody_would_guess_is_no_password(ann: Api, tea: str) -> None:
    for password, code in [
        ("short", "password_too_short"),
        ("x" * 1001, "password_too_long"),
        ("password1", "password_common"),
    ]:
        assert (await ann.do("", tea, password=password)).error == (400, code, "password")
    assert (await ann.room(tea))["access"] == "open"


@pytest.mark.gen_test
async def test_nobody_learns_whether_there_is_a_room_behind_a_door(
    ann: Api, bob: Api, tea: str
) -> None:
    """S12: the same status and the same bytes."""
    await ann.say("secret", "locked")
    await ann.run("locked", password=PASSWORD)
    await ann.run(tea, access="private")
    room = (await ann.post("/a/private", {"person": [bob.id, (await _cleo(bob))]})).json["room"]
    await bob.do("leave", room)
    for fields in ({"token": "x" * 32}, {"password": "wrong"}, {"token": ""}, {}):
        replies = [
            await bob.do("join", it, **fields)
            for it in ("locked", tea, room, "private-none", "nowhere", "7")
        ]
        assert {(it.status, it.response.body) for it in replies} == {
            (404, replies[0].response.body)
        }


async def _cleo(like: Api) -> str:
    cleo = Api(like.base)
    try:
        return await cleo.sign_in("Cleo")
    finally:
        cleo.client.close()


@pytest.mark.gen_test
async def test_a_room_without_a_door_does_the_same_work_as_one_with_a_wrong_word(
    ann: Api, bob: Api, tea: str, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S12: a password is hashed once, whatever there is to compare it with."""
    await ann.say("secret", "locked")
    await ann.run("locked", password=PASSWORD)
    await ann.run(tea, access="private")
    hashed: list[bool] = []
    verify = app.parts.doors._passwords.verify

    async def watched(hash_: str | None, password: str) -> bool:
        hashed.append(hash_ is not None)
        return await verify(hash_, password)

    monkeypatch.setattr(app.parts.doors._passwords, "verify", watched)
    for room in ("locked", tea, "private-none", "nowhere", "7"):
        assert (await bob.do("join", room, password="wrong")).error == NO_ROOM
    assert hashed == [True, False, False, False, False]


@pytest.mark.gen_test
async def test_guessing_is_slow_in_a_room_and_other_rooms_go_on(
    ann: Api, bob: Api, tea: str, monotonic: Monotonic
) -> None:
    await ann.run(tea, access="private")
    invitation = await token(ann)
    for _ in range(ROOM_TRIES):
        assert (await bob.do("join", tea, token="wrong")).error == NO_ROOM
    reply = await bob.do("join", tea, token=invitation)
    assert reply.error == (429, "too_many_requests", None)
    assert int(reply.response.headers["Retry-After"]) == 18
    assert (await bob.do("join", "8", token="wrong")).error == NO_ROOM
    monotonic.now += 18.1
    assert (await bob.do("join", tea, token=invitation)).status == 200


@pytest.mark.gen_test
async def test_guessing_in_room_after_room_is_slow_as_well(bob: Api) -> None:
    for n in range(ADDRESS_TRIES):
        assert (await bob.do("join", str(n), token="wrong")).error == NO_ROOM
    assert (await bob.do("join", "another", token="wrong")).status == 429


@pytest.mark.gen_test
async def test_who_is_right_is_not_counted(ann: Api, bob: Api, tea: str) -> None:
    invitation = await token(ann)
    for _ in range(2 * ROOM_TRIES):
        assert (await bob.do("join", tea, token=invitation)).status == 200


@pytest.mark.gen_test
async def test_neither_token_nor_password_is_in_the_file_and_both_survive_a_restart(
    site: Site,
) -> None:
    ann, bob = site.api(), site.api()
    await ann.sign_in()
    await bob.sign_in("Bob")
    await ann.say("hello", "tea")
    await ann.run("tea", password=PASSWORD)
    invitation = await token(ann)
    await site.stop()
    stored = b"".join(path.read_bytes() for path in site.files())
    assert b"argon2id" in stored
    for secret in (PASSWORD, invitation):
        assert secret.encode() not in stored
    site.start()
    assert (await bob.do("join", "tea", token=invitation)).status == 200


@pytest.mark.gen_test
async def test_a_browser_gets_a_page_with_the_link(ann: Api, tea: str) -> None:
    reply = await ann.post(f"/a/room/{tea}/invitation", {}, {"Accept": "text/html"})
    assert reply.status == 201
    assert f'value="{ann.base}/join/tea/' in reply.text


@pytest.mark.gen_test
async def test_a_room_in_which_nothing_was_said_has_no_invitation(root: Api) -> None:
    assert (await root.do("invitation", "nowhere")).error == NO_ROOM
