"""What somebody may be called (S5), through every way in: refused, or kept to the last byte and told so everywhere."""

from __future__ import annotations

import json
import unicodedata

import pytest

from chatroom.people import NAME_LIMIT, name_from
from tests.api import Api, Reply
from tests.handlers.site import Site

SESSION = "/a/session"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

#: UAX #9, explicit and implicit directional formatting characters.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: As many marks on one letter as there is room for: it towers, but it is a name.
ZALGO = "Z" + "".join(chr(0x0300 + n) for n in range(1, NAME_LIMIT))

KEPT = [
    *(
        ZALGO,
        "👩\u200d👩\u200d👧\u200d👦",
        "\U0001f600",
        "𠮷野家",
        "\U0001f3f3\ufe0f\u200d\U0001f308",
    ),
    *(
        "नर\u094dएश",
        "می\u200cخواهم",
        "שָׁלוֹם",
        "ᏣᎳᎩ",
        "<b>&amp;",
        "{{ name }}",
        "'; --",
        "%00",
        "null",
    ),
]


async def rename(api: Api, name: str, *, as_json: bool) -> Reply:
    """Ask to be called that, in a form or in JSON."""
    if as_json:
        return await api.post_json(SESSION, json.dumps({"name": name}).encode())
    return await api.post(SESSION, {"name": name})


each_way = pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])


@each_way
@pytest.mark.gen_test
async def test_a_name_with_a_nul_or_a_character_that_turns_the_text_is_refused(
    ann: Api, *, as_json: bool
) -> None:
    for character in f"\0\x1b\x7f{BIDI}":
        for name in (f"A{character}nn", f"{character}Ann", f"Ann{character}"):
            reply = await rename(ann, name, as_json=as_json)
            assert reply.error == (400, "name_invalid", "name"), ascii(name)
    assert (await ann.get(SESSION)).json["name"] == "Ann"


@pytest.mark.gen_test
async def test_a_name_that_is_no_text_is_refused(ann: Api) -> None:
    lone = [rb'{"name": "\ud800"}', rb'{"name": "\udfff"}', rb'{"name": "\ude00\ud83d"}']
    for body in (*lone, b'{"name": "\xff"}', b'{"name": "\xed\xa0\x80"}', b'{"name": "\xc0\x80"}'):
        assert (await ann.post_json(SESSION, body)).error[:2] == (400, "unreadable"), body
    for body in (
        b"name=%FF",
        b"name=\xff",
        b"name=%ED%A0%80",
        b"name=%C0%80",
        b"name=%F4%90%80%80",
    ):
        reply = await ann.send("POST", SESSION, body, FORM)
        assert reply.error[:2] == (400, "unreadable"), body
    assert (await ann.get(SESSION)).json["name"] == "Ann"


@each_way
@pytest.mark.gen_test
async def test_an_unusual_name_is_kept_as_it_is_and_told_so_everywhere(
    ann: Api, *, as_json: bool
) -> None:
    for name in KEPT:
        reply = await rename(ann, name, as_json=as_json)
        assert (reply.status, reply.json["name"]) == (201, name_from(name)), ascii(name)
        assert reply.json["name"] == unicodedata.normalize("NFC", name)
        said = await ann.say("hello")
        assert said["author"]["name"] == reply.json["name"]
        assert (await ann.history())["messages"][-1] == said
        assert (await ann.get(SESSION)).json["name"] == reply.json["name"]


@pytest.mark.gen_test
async def test_marks_count_as_characters(ann: Api) -> None:
    assert len(unicodedata.normalize("NFC", ZALGO)) <= NAME_LIMIT
    for marks in (NAME_LIMIT, 8_000):
        reply = await ann.post(SESSION, {"name": "Z" + "\u0334" * marks})
        assert reply.error == (400, "name_invalid", "name")


@pytest.mark.gen_test
async def test_a_character_beyond_16_bits_may_come_as_two_halves(ann: Api) -> None:
    reply = await ann.post_json(SESSION, rb'{"name": "\ud83d\ude00"}')
    assert reply.json["name"] == "\U0001f600"


@pytest.mark.gen_test
async def test_an_unusual_name_survives_a_restart(site: Site) -> None:
    ann = site.api()
    await ann.sign_in()
    for name in KEPT:
        told = (await ann.post(SESSION, {"name": name})).json["name"]
        await site.restart()
        assert (await ann.get(SESSION)).json["name"] == told


@each_way
@pytest.mark.gen_test
async def test_composed_or_not_a_name_is_the_same(ann: Api, *, as_json: bool) -> None:
    for name in ("Zoë", "Åsa", "각", "Nguyễn"):
        told = [
            (await rename(ann, unicodedata.normalize(form, name), as_json=as_json)).json["name"]
            for form in ("NFC", "NFD")
        ]
        assert told == [name, name]


@each_way
@pytest.mark.gen_test
async def test_nobody_takes_a_claimed_name_or_one_that_looks_like_it(
    ann: Api, bob: Api, api: Api, *, as_json: bool
) -> None:
    fields = {"name": "Zoë Marla", "password": "correct horse battery"}
    ann.token = (await ann.post("/a/account", fields)).json["token"]
    for name in (
        *("Zoë Marla", "zoë marla", unicodedata.normalize("NFD", "Zoë Marla"), " Zoë  Marla "),
        *("Zoë Мarla", "Ｚoë Marla", "Zоë Marla", "Zoë MarIa", "Zoë Mar1a", "Zoë\u3000Marla"),
    ):
        reply = await rename(bob, name, as_json=as_json)
        assert reply.error == (409, "name_taken", "name"), ascii(name)
        new = await api.post(SESSION, {"name": name, "token": "1"})
        assert new.error == (409, "name_taken", "name"), ascii(name)
    assert (await bob.get(SESSION)).json["name"] == "Bob"
    assert (await rename(bob, "Zoe Marla", as_json=as_json)).status == 201
