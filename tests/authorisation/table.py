"""Who may do what (S16): every route and method, in every kind of room, by every kind of person.

A block is a request, then what each is answered to it. `GET,HEAD` are two requests with the same answers. Words with
`=` behind the path are its arguments, in the query of a GET and the form of a POST; `{}` stands for something of the
world in `world.py`. Each line below is a kind of room ("-": the request is about none) and a status for each asker:

    200   as it says; what is posted has changed something that is kept, what is read has not
    200=  posted, and nothing has changed
    4..   refused, and nothing has changed

A refusal of somebody who may not come in says nothing else than it would if the room had never been.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: Who asks. A guest has a session, all behind an account, too; `other` and the administrator have no role in a room.
#: An outcast has spoken in all rooms but `two`, and then was banned or, from a private one, put out.
ASKERS = (
    *("nobody", "guest", "other", "member", "moderator", "owner", "administrator", "outcast"),
)

#: A numbered room, a named one, one with a password, a conversation of several and one of two (member and owner).
ROOMS = ("7", "tea", "den", "talk", "two")

#: Who may not come in, as the table says for each request again.
OUTSIDE = {
    "7": {"outcast"},
    "tea": {"outcast"},
    "den": {"nobody", "guest", "other", "outcast"},
    "talk": {"nobody", "guest", "other", "administrator", "outcast"},
    "two": {"nobody", "guest", "other", "moderator", "administrator", "outcast"},
}

TABLE = """
# Pages                 nobody guest other member moderator owner administrator outcast

GET,HEAD /
    -     200  200  200  200  200  200  200  200

GET,HEAD /room room={room}
    7     303  303  303  303  303  303  303  303
    tea   303  303  303  303  303  303  303  303
    den   303  303  303  303  303  303  303  303
    talk  303  303  303  303  303  303  303  303
    two   303  303  303  303  303  303  303  303

GET,HEAD /room/{room}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room} before={last}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/order
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/message/{owners}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/file/{file}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/file/{file}/thumbnail
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/export.json
    7     403  403  403  403  403  403  200  404
    tea   403  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /room/{room}/export.html
    7     403  403  403  403  403  403  200  404
    tea   403  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  200  404  200  404  404

# Hearing, also from where one has heard before

GET /a/message/updates room={room} wait=0
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET /a/message/updates room={room} cursor={first} presence= wait=0
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET /a/message/updates room=8 cursor= room={room} cursor={first} me=
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

POST /a/message/updates room={room} cursor={first} presence=
    7     200= 200= 200= 200= 200= 200= 200= 404
    tea   200= 200= 200= 200= 200= 200= 200= 404
    den   404  404  404  200= 200= 200= 200= 404
    talk  404  404  404  200= 200= 200= 404  404
    two   404  404  404  200= 404  200= 404  404

GET,HEAD /a/room/{room}/messages
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /a/room/{room}/messages after={first} before={last} limit=1
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

# Speaking

POST /a/message/new room={room} body=words
    7     401  201  201  201  201  201  201  404
    tea   401  201  201  201  201  201  201  404
    den   401  404  404  201  201  201  201  404
    talk  401  404  404  201  201  201  404  404
    two   401  404  404  201  404  201  404  404

POST /a/message/new room=new-room body=words
    -     401  201  201  201  201  201  201  201

POST /a/message/new room=private-new body=words
    -     401  404  404  404  404  404  404  404

POST /a/room/{room}/file name=a.txt
    7     401  201  201  201  201  201  201  404
    tea   401  201  201  201  201  201  201  404
    den   401  404  404  201  201  201  201  404
    talk  401  404  404  201  201  201  404  404
    two   401  404  404  201  404  201  404  404

POST /a/room/{room}/typing
    7     401  204= 204= 204= 204= 204= 204= 204=
    tea   401  204= 204= 204= 204= 204= 204= 204=
    den   401  204= 204= 204= 204= 204= 204= 204=
    talk  401  204= 204= 204= 204= 204= 204= 204=
    two   401  204= 204= 204= 204= 204= 204= 204=

POST /a/room/{room}/delete id={owners}
    7     401  403  403  403  403  200  200  404
    tea   401  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  403  200  200  404  404
    two   404  404  404  403  404  200  404  404

POST /a/room/{room}/delete id={members}
    7     401  403  403  200  403  403  200  404
    tea   401  403  403  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  403  404  404

POST /a/room/{room}/edit id={owners} body=better
    7     401  403  403  403  403  200  403  404
    tea   401  403  403  403  403  200  403  404
    den   404  404  404  403  403  200  403  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  200  404  404

POST /a/room/{room}/edit id={members} body=better
    7     401  403  403  200  403  403  403  404
    tea   401  403  403  200  403  403  403  404
    den   404  404  404  200  403  403  403  404
    talk  404  404  404  200  403  403  404  404
    two   404  404  404  200  404  403  404  404

POST /a/room/{room}/react id={owners} emoji=👍 on=1
    7     401  200  200  200  200  200  200  404
    tea   401  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

POST /a/room/{room}/react id={owners} emoji=👍 on=0
    7     401  200= 200= 200= 200= 200= 200= 404
    tea   401  200= 200= 200= 200= 200= 200= 404
    den   404  404  404  200= 200= 200= 200= 404
    talk  404  404  404  200= 200= 200= 404  404
    two   404  404  404  200= 404  200= 404  404

# Looking for what was said

GET,HEAD /a/search room={room} q=hello
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

GET,HEAD /a/search q=hello
    -     401  200  200  200  200  200  200  200

GET,HEAD /search
    -     200  200  200  200  200  200  200  200

GET,HEAD /search q=hello
    -     401  200  200  200  200  200  200  200

GET,HEAD /search room={room} q=hello
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

# What is one's own

GET,HEAD /a/rooms
    -     401  200  200  200  200  200  200  200

POST /a/room/{room}/read id={first}
    7     401  200  200  200  200  200  200  404
    tea   401  200  200  200  200  200  200  404
    den   401  404  404  200  200  200  200  404
    talk  401  404  404  200  200  200  404  404
    two   401  404  404  200  404  200  404  404

POST /a/person/{member}/ignore on=1
    -     401  200  200  404  200  200  200  200

# The order of a room

GET,HEAD /a/room/{room}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  200  404  200  404  404

POST /a/room/{room} title=New
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  403  200  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room} title=New keep_days=1
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room} closed=1
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room} access=private
    7     401  403  403  403  403  403  403  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  403  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room} access=open
    7     401  403  403  403  403  403  200= 404
    tea   401  403  403  403  403  200= 200= 404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  403  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room} password=correct-horse-battery
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  403  404  404
    two   404  404  404  403  404  403  404  404

GET,HEAD /a/room/{room}/audit
    7     403  403  403  403  403  403  200  404
    tea   403  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  403  200  200  404  404
    two   404  404  404  403  404  403  404  404

# Who is what in a room

POST /a/room/{room}/member person={other} role=member
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/member person={member} role=moderator
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/member person={moderator} role=owner
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/member person={member} role=none
    7     401  403  403  403  403  403  200= 404
    tea   401  403  403  200  200  200  200  404
    den   404  404  404  200  200  200  200  404
    talk  404  404  404  200  200  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/member person={owner} role=none
    7     401  403  403  403  403  403  200= 404
    tea   401  403  403  403  403  409  200  404
    den   404  404  404  403  403  409  200  404
    talk  404  404  404  403  403  409  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/leave
    7     401  403  403  403  403  403  200= 404
    tea   401  403  403  200  200  409  200= 404
    den   401  404  404  200  200  409  200= 404
    talk  401  404  404  200  200  409  404  404
    two   401  404  404  403  404  403  404  404

# Who is kept out, or silent

POST /a/room/{room}/bar person={member} act=kick
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  403  200  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/bar person={moderator} act=ban address=1
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  200  200  404
    den   404  404  404  403  403  200  200  404
    talk  404  404  404  403  403  200  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/bar person={owner} act=mute minutes=5
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  403  409  200  404
    den   404  404  404  403  403  409  200  404
    talk  404  404  404  403  403  409  404  404
    two   404  404  404  403  404  403  404  404

POST /a/room/{room}/bar person={outcast} act=lift
    7     401  403  403  403  403  403  200  404
    tea   401  403  403  403  200  200  200  404
    den   404  404  404  403  200  200  200  404
    talk  404  404  404  403  200= 200= 404  404
    two   404  404  404  403  404  403  404  404

# Doors

POST /a/room/{room}/invitation
    7     401  403  403  403  403  403  201  404
    tea   401  403  403  403  201  201  201  404
    den   404  404  404  403  201  201  201  404
    talk  404  404  404  201  201  201  404  404
    two   404  404  404  403  404  403  404  404

GET,HEAD /join/{room}/{word}
    7     200  200  200  200  200  200  200  404
    tea   200  200  200  200  200  200  200  404
    den   200  200  200  200  200  200  200  404
    talk  200  200  200  200  200  200  200  200
    two   404  404  404  404  404  404  404  404

POST /a/room/{room}/join token={word}
    7     401  200  200  200  200  200  200  404
    tea   401  200  200  200= 200= 200= 200  404
    den   401  200  200  200= 200= 200= 200  404
    talk  401  200  200  200= 200= 200= 200  200
    two   401  404  404  404  404  404  404  404

POST /a/room/{room}/join password={password}
    7     401  404  404  404  404  404  404  404
    tea   401  404  404  404  404  404  404  404
    den   401  200  200  200= 200= 200= 200  404
    talk  401  404  404  404  404  404  404  404
    two   401  404  404  404  404  404  404  404

POST /a/private person={other}
    -     401  201  400  201  201  201  201  201

POST /a/private person={owner}
    -     401  201  201  200= 201  400  201  201

# Sessions

POST /a/session name=New
    -     401  201  201  201  201  201  201  201

POST /a/session name=New token=1
    -     201  201  201  201  201  201  201  201

POST /a/session name=Other
    -     401  409  201= 409  409  409  409  409

POST /a/session/end
    -     401  204  204  204  204  204  204  204

GET,HEAD /a/session
    -     401  200  200  200  200  200  200  200

POST /a/session/revoke id={program}
    -     401  404  404  204  404  404  404  404

POST /a/session/token name=Program
    -     401  201  201  201  201  201  201  201

# Accounts

GET /me
    -     200  200  200  200  200  200  200  200

HEAD /me
    -     401  200  200  200  200  200  200  200

GET,HEAD /sign-in
    -     200  200  200  200  200  200  200  200

POST /a/account name=New password=correct-horse-battery
    -     401  201  409  409  409  409  409  409

POST /a/account name=Owner password=correct-horse-battery
    -     401  409  409  409  409  409  409  409

POST /a/account/sign-in name=Other password={password}
    -     200  200  200  200  200  200  200  200

POST /a/account/sign-in name=Other password=no-such-word
    -     401  401  401  401  401  401  401  401

POST /a/account/password old={password} password=correct-horse-battery
    -     401  409  200  200  200  200  200  200

POST /a/account/password old=no-such-word password=correct-horse-battery
    -     401  409  403  403  403  403  403  403

POST /a/account/delete password={password} messages=delete
    -     401  409  204  204  204  204  204  204

POST /a/account/delete password=no-such-word messages=delete
    -     401  409  403  403  403  403  403  403

# Administrators

GET,HEAD /first/no-such-word
    -     404  404  404  404  404  404  404  404

POST /a/administrator token=no-such-word name=New password=correct-horse-battery
    -     401  404  404  404  404  404  404  404

POST /a/person/{other}/administrator on=1
    -     401  404  404  404  404  404  204  404

POST /a/person/{administrator}/administrator on=0
    -     401  404  404  404  404  404  204  404

POST /a/person/{other}/bar on=1
    -     401  404  404  404  404  404  204  404

POST /a/person/{administrator}/bar on=1
    -     401  404  404  404  404  404  403  404

# The process

GET,HEAD /manifest.webmanifest
    -     200  200  200  200  200  200  200  200

GET,HEAD /selftest
    -     200  200  200  200  200  200  200  200

GET /a/selftest
    -     200  200  200  200  200  200  200  200

POST /a/selftest
    -     204= 204= 204= 204= 204= 204= 204= 204=

GET,HEAD /healthz
    -     200  200  200  200  200  200  200  200

GET,HEAD /readyz
    -     200  200  200  200  200  200  200  200
"""


class Request(NamedTuple):
    """A request as the table has it, and what is answered: by the kind of room, a word for each asker."""

    text: str
    methods: tuple[str, ...]
    path: str
    fields: tuple[tuple[str, str], ...]
    answers: dict[str, tuple[str, ...]]


def read(table: str) -> Iterator[Request]:
    """The requests of a table."""
    for block in table.split("\n\n"):
        head, *lines = [it for it in block.splitlines() if it and not it.startswith("#")] or [""]
        if head:
            yield _request(head, [tuple(line.split()) for line in lines])


def _request(head: str, lines: list[tuple[str, ...]]) -> Request:
    methods, path, *words = head.split()
    fields = tuple((name, value) for name, _, value in (it.partition("=") for it in words))
    return Request(head, tuple(methods.split(",")), path, fields, {it[0]: it[1:] for it in lines})


REQUESTS = tuple(read(TABLE))
