"""Who may do what in a room, as tables."""

from __future__ import annotations

import pytest
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
from chatroom.errors import (
    ChatroomError,
    Muted,
    NotFound,
    RoomFull,
    RoomReadOnly,
    SlowMode,
)
from chatroom.founding import OPEN, unwritten
from chatroom.order import PEOPLE_LIMIT, Order, Power
from chatroom.people import Person, Visitor

NOW = 1_700_000_000_000_000
SECOND = 1_000_000
HOME, AWAY = "192.0.2.1", "192.0.2.2"

READER, MEMBER, MODERATOR, OWNER, OTHER, SECOND_MODERATOR = (
    Person(name, name.title())
    for name in ("reader", "member", "moderator", "owner", "other", "second")
)
ROLES = {
    MEMBER.id: Role.MEMBER,
    MODERATOR.id: Role.MODERATOR,
    SECOND_MODERATOR.id: Role.MODERATOR,
    OWNER.id: Role.OWNER,
}
ROOM = Order(roles=ROLES)
TWO = Order(
    access=Access.PRIVATE, direct=True, roles={MEMBER.id: Role.MEMBER, OWNER.id: Role.MEMBER}
)
VISITORS = {
    "nobody": Visitor(None, AWAY),
    **{it.id: Visitor(it, AWAY) for it in (READER, MEMBER, MODERATOR, OWNER)},
    "administrator": Visitor(Person("administrator", "Administrator"), AWAY, administrator=True),
}
#: In the order in which their power grows.
LADDER = list(VISITORS)


def act(deed: AnyDeed, at: int = NOW) -> Act:
    return Act(room="tea", offset=1, author=OWNER, at=at, deed=deed)


def refusal(order: Order, who: str, deed: AnyDeed, author: str | None = None) -> str:
    """What comes of it: the name of the error, or "" if they may."""
    try:
        order.let_act(VISITORS[who], deed, NOW, author)
    except ChatroomError as error:
        return type(error).__name__
    return ""


def export_refusal(order: Order, who: str) -> str:
    """As `refusal`."""
    try:
        order.let_export(VISITORS[who], NOW)
    except ChatroomError as error:
        return type(error).__name__
    return ""


#: What is done, and who is the first on the ladder that may.
DEEDS: list[tuple[str, AnyDeed, str | None, str]] = [
    ("their own message", Deletion(1), "self", "reader"),
    ("another's message", Deletion(1), OTHER.id, "moderator"),
    ("no message", Deletion(1), None, "moderator"),
    ("their own words", Edit(1), "self", "reader"),
    ("an emoji", Reaction(1, "👍", on=True), OTHER.id, "reader"),
    ("all of somebody", Erasure(OTHER.id), None, "moderator"),
    ("nothing", Change(), None, "moderator"),
    ("title", Change(title="Tea"), None, "moderator"),
    ("topic", Change(topic="Tea"), None, "moderator"),
    ("slow", Change(slow=5), None, "moderator"),
    ("read only", Change(read_only=True), None, "moderator"),
    ("closed", Change(closed=True), None, "owner"),
    ("access", Change(access=Access.PASSWORD), None, "owner"),
    ("private", Change(access=Access.PRIVATE), None, "owner"),
    ("keep_days", Change(keep_days=1), None, "owner"),
    ("keep_messages", Change(keep_messages=1), None, "owner"),
    ("title and access", Change(title="Tea", access=Access.OPEN), None, "owner"),
    ("a new member", Membership(OTHER, Role.MEMBER), None, "moderator"),
    ("a new moderator", Membership(OTHER, Role.MODERATOR), None, "owner"),
    ("a new owner", Membership(OTHER, Role.OWNER), None, "owner"),
    ("a member's promotion", Membership(MEMBER, Role.MODERATOR), None, "owner"),
    ("a member's end", Membership(MEMBER, None), None, "moderator"),
    ("a moderator's end", Membership(SECOND_MODERATOR, None), None, "owner"),
    ("a moderator's fall", Membership(SECOND_MODERATOR, Role.MEMBER), None, "owner"),
    ("the owner's end", Membership(OWNER, None), None, "administrator"),
    ("a bar", Bar(person=OTHER, until=FOR_EVER), None, "moderator"),
    ("a mute", Bar(person=OTHER, until=FOR_EVER, mute=True), None, "moderator"),
    ("a lift", Bar(person=OTHER, until=0), None, "moderator"),
    ("a member's bar", Bar(person=MEMBER, until=FOR_EVER), None, "moderator"),
    ("a moderator's bar", Bar(person=SECOND_MODERATOR, until=FOR_EVER), None, "owner"),
    ("the owner's bar", Bar(person=OWNER, until=FOR_EVER), None, "administrator"),
    ("a trim", Trim(1), None, "moderator"),
]


@pytest.mark.parametrize(
    ("order", "may"),
    [(ROOM, {"owner", "administrator"}), (OPEN, {"administrator"}), (TWO, {"member", "owner"})],
    ids=["a named room", "a numbered room", "a conversation of two"],
)
def test_who_may_take_everything_away(order: Order, may: set[str]) -> None:
    assert {who for who in LADDER if not export_refusal(order, who)} == may


@pytest.mark.parametrize("who", LADDER)
@pytest.mark.parametrize(
    ("deed", "author", "least"), [it[1:] for it in DEEDS], ids=[it[0] for it in DEEDS]
)
def test_who_may_do_what(deed: AnyDeed, author: str | None, least: str, who: str) -> None:
    person = VISITORS[who].person
    ends = isinstance(deed, Bar) or (isinstance(deed, Membership) and deed.role is None)
    found = refusal(ROOM, who, deed, person.id if person and author == "self" else author)
    if who == "nobody":
        assert found == "NotSignedIn"
    elif ends and person == deed.person:
        assert found == (
            "OwnerStays" if who == "owner" else "NotAllowed" if isinstance(deed, Bar) else ""
        )
    else:
        assert (found == "") is (LADDER.index(who) >= LADDER.index(least))
        assert found in ("", "NotAllowed")


@pytest.mark.parametrize(
    ("who", "found"),
    [("reader", "NotAllowed"), ("member", ""), ("moderator", ""), ("owner", "OwnerStays")],
)
def test_whoever_is_in_may_leave_but_not_the_owner(who: str, found: str) -> None:
    person = VISITORS[who].person
    assert person is not None
    assert refusal(ROOM, who, Membership(person, None)) == found


@pytest.mark.parametrize("who", ["moderator", "owner", "administrator"])
def test_nobody_keeps_themselves_out(who: str) -> None:
    person = VISITORS[who].person
    assert person is not None
    for mute in (True, False):
        assert refusal(ROOM, who, Bar(person=person, until=FOR_EVER, mute=mute)) in (
            "NotAllowed",
            "OwnerStays",
        )


def test_any_member_brings_others_into_a_private_room_and_no_others() -> None:
    room = replace(ROOM, access=Access.PRIVATE)
    assert refusal(room, "member", Membership(OTHER, Role.MEMBER)) == ""
    assert refusal(room, "member", Membership(OTHER, Role.MODERATOR)) == "NotAllowed"
    assert refusal(room, "reader", Membership(OTHER, Role.MEMBER)) == "NotFound"


def test_nobody_changes_who_talks_in_a_conversation_of_two() -> None:
    room = Order(
        access=Access.PRIVATE, direct=True, roles={MEMBER.id: Role.MEMBER, OWNER.id: Role.MEMBER}
    )
    for deed in (
        Membership(OTHER, Role.MEMBER),
        Membership(MEMBER, None),
        Membership(OWNER, None),
        Bar(person=OWNER, until=FOR_EVER),
        Change(access=Access.OPEN),
        Change(title="us"),
    ):
        assert refusal(room, "member", deed) == "NotAllowed"
        assert refusal(room, "administrator", deed) == "NotFound"


@pytest.mark.parametrize("who", ["administrator", "owner"])
def test_a_room_that_belongs_to_nobody_cannot_be_made_private(who: str) -> None:
    """Nobody could come in any more, nor undo it."""
    left = replace(ROOM, roles={MODERATOR.id: Role.MODERATOR})
    for room in (OPEN, left):
        assert refusal(room, "administrator", Change(access=Access.PRIVATE)) == "NotAllowed"
        assert refusal(room, "administrator", Change(access=Access.PASSWORD)) == ""
    assert refusal(ROOM, who, Change(access=Access.PRIVATE)) == ""


#: A room, and the first on the ladder that may come in; None: nobody.
DOORS: list[tuple[Order, str | None]] = [
    (ROOM, "nobody"),
    (OPEN, "nobody"),
    (replace(ROOM, closed=True), "moderator"),
    (replace(ROOM, access=Access.PASSWORD), "member"),
    (replace(ROOM, access=Access.PASSWORD, closed=True), "moderator"),
    (replace(ROOM, access=Access.PRIVATE), "member"),
    (unwritten("private-x"), None),
    (unwritten("private-two-x"), None),
]


@pytest.mark.parametrize("who", LADDER)
@pytest.mark.parametrize(("room", "least"), DOORS)
def test_who_may_come_in(room: Order, least: str | None, who: str) -> None:
    inside = least is not None and LADDER.index(who) >= LADDER.index(least)
    if who == "administrator" and room.access == Access.PRIVATE:
        inside = False
    assert room.open_to(VISITORS[who], NOW) is inside
    if inside:
        assert room.admit(VISITORS[who], NOW) > Power.OUTSIDE
        return
    assert room.guarded
    for refused in (
        lambda: room.admit(VISITORS[who], NOW),
        lambda: room.let_speak(VISITORS[who], NOW),
        lambda: room.let_act(VISITORS[who], Change(), NOW),
    ):
        with pytest.raises(NotFound) as told:
            refused()
        assert told.value.field == "room"


def test_a_role_in_a_private_room_is_worth_the_same_to_an_administrator() -> None:
    room = Order(access=Access.PRIVATE, roles={"administrator": Role.MEMBER})
    assert room.power(VISITORS["administrator"], NOW) == Power.MEMBER


def test_only_an_open_room_is_listed() -> None:
    assert [it.listed for it, _ in DOORS] == [True, True, *[False] * 6]


def test_whoever_is_kept_out_may_come_in_again_when_it_is_over() -> None:
    room = ROOM.after(act(Bar(person=READER, until=NOW + SECOND)))
    assert not room.open_to(VISITORS["reader"], NOW)
    assert room.open_to(VISITORS["reader"], NOW + SECOND)
    assert room.open_to(VISITORS["member"], NOW)


def test_a_member_who_is_kept_out_is_a_member_again_afterwards() -> None:
    room = replace(ROOM, access=Access.PRIVATE).after(act(Bar(person=MEMBER, until=NOW + SECOND)))
    assert room.power(VISITORS["member"], NOW) == Power.OUTSIDE
    assert room.power(VISITORS["member"], NOW + SECOND) == Power.MEMBER


def test_an_address_is_kept_out_for_as_long_as_its_person() -> None:
    room = ROOM.after(act(Bar(person=OTHER, until=NOW + SECOND, address=AWAY)))
    assert not room.open_to(VISITORS["reader"], NOW)
    assert not room.open_to(VISITORS["nobody"], NOW)
    assert room.open_to(Visitor(READER, HOME), NOW)
    for who in ("member", "owner", "administrator"):  # not who is known there
        assert room.open_to(VISITORS[who], NOW)
    assert room.open_to(VISITORS["reader"], NOW + SECOND)
    lifted = room.after(act(Bar(person=OTHER, until=0)))
    assert lifted.open_to(VISITORS["reader"], NOW)
    assert lifted == ROOM


def test_a_short_bar_does_not_shorten_that_of_another_from_the_same_address() -> None:
    room = ROOM.after(act(Bar(person=OTHER, until=FOR_EVER, address=AWAY)))
    room = room.after(act(Bar(person=MEMBER, until=NOW + SECOND, address=AWAY)))
    assert not room.open_to(VISITORS["reader"], NOW + 2 * SECOND)


def test_nobody_without_an_address_is_kept_out_by_it() -> None:
    room = ROOM.after(act(Bar(person=OTHER, until=FOR_EVER)))
    assert room.open_to(Visitor(READER, ""), NOW)
    assert room.open_to(Visitor(None, ""), NOW)


def test_a_mute_and_a_bar_are_lifted_each_for_itself() -> None:
    room = ROOM.after(act(Bar(person=READER, until=FOR_EVER)))
    room = room.after(act(Bar(person=READER, until=FOR_EVER, mute=True)))
    room = room.after(act(Bar(person=READER, until=0)))
    assert room.open_to(VISITORS["reader"], NOW)
    with pytest.raises(Muted):
        room.let_speak(VISITORS["reader"], NOW)


@pytest.mark.parametrize("who", LADDER[1:])
@pytest.mark.parametrize(
    ("room", "refused"),
    [
        (replace(ROOM, read_only=True), RoomReadOnly),
        (replace(ROOM, slow=10), SlowMode),
        (replace(ROOM, mutes=dict.fromkeys(LADDER, FOR_EVER)), Muted),
    ],
)
def test_who_may_speak(room: Order, refused: type[ChatroomError], who: str) -> None:
    above = "administrator" if refused is Muted else "moderator"
    if LADDER.index(who) >= LADDER.index(above):
        room.let_speak(VISITORS[who], NOW, NOW - 1)
        return
    with pytest.raises(refused):
        room.let_speak(VISITORS[who], NOW, NOW - 1)


@pytest.mark.parametrize(
    ("waited", "left"),
    [(0, 10), (1, 10), (SECOND, 9), (9 * SECOND + 1, 1), (10 * SECOND - 1, 1), (10 * SECOND, 0)],
)
def test_a_slow_room_says_how_long_to_wait(waited: int, left: int) -> None:
    room = Order(slow=10)
    if not left:
        room.let_speak(VISITORS["reader"], NOW, NOW - waited)
        return
    with pytest.raises(SlowMode) as refused:
        room.let_speak(VISITORS["reader"], NOW, NOW - waited)
    assert refused.value.retry_after == left


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    Order(slow=10).let_speak(VISITORS["reader"], NOW, NOW + 10**15)


def test_a_room_has_room_for_so_many() -> None:
    many = {str(n): Role.MEMBER for n in range(PEOPLE_LIMIT - 1)}
    room = Order(roles={OWNER.id: Role.OWNER, **many})
    assert refusal(room, "owner", Membership(OTHER, Role.MEMBER)) == "RoomFull"
    assert refusal(room, "owner", Membership(Person("7", ""), Role.MODERATOR)) == ""
    with pytest.raises(RoomFull):
        room.let_in(OTHER)
    room.let_in(Person("7", ""))


def test_so_many_are_kept_out_and_those_of_whom_it_is_over_do_not_count() -> None:
    half = PEOPLE_LIMIT // 2
    bars = {str(n): NOW + 1 for n in range(half)}
    mutes = {str(n): NOW + 1 for n in range(half - 1, PEOPLE_LIMIT)}
    room = replace(ROOM, bars=bars, mutes=mutes)
    one_more = Bar(person=OTHER, until=FOR_EVER)
    assert refusal(room, "owner", one_more) == "RoomFull"
    assert refusal(room, "owner", Bar(person=Person("7", ""), until=FOR_EVER)) == ""
    assert refusal(room, "owner", Bar(person=OTHER, until=0)) == ""
    room.let_act(VISITORS["owner"], one_more, NOW + 1)
