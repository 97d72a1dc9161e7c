"""What a room is called on its pages."""

from __future__ import annotations

from chatroom.handlers.heading import heading_of
from chatroom.order import Order
from chatroom.people import Person

ANN, BOB = Person("a", "Ann"), Person("b", "Bob")


def test_an_untitled_room_is_called_by_its_name() -> None:
    heading = heading_of("tea", Order(), [], ANN)
    assert (heading.title, heading.name, heading.numbered) == ("", "tea", True)


def test_a_titled_room_has_its_title_and_topic() -> None:
    heading = heading_of("tea", Order(title="Tea", topic="Green"), [], None)
    assert (heading.title, heading.topic) == ("Tea", "Green")


def test_a_conversation_is_called_after_the_others_in_it() -> None:
    crowd = [Person(str(n), f"P{n}") for n in range(7)]
    for people, name in [
        ([ANN, BOB], "Bob"),
        ([BOB, ANN, crowd[0]], "Bob, P0"),
        ([ANN, *crowd], "P0, P1, P2, P3, P4 …"),
        ([ANN], "…"),
    ]:
        heading = heading_of("private-x", Order(), people, ANN)
        assert (heading.name, heading.numbered) == (name, False)
