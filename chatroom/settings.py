"""What an operator may choose, decided once, before anything is opened.

A setting is one field of `Settings`: its annotation holds the type, the bounds, the unit and the help, its
default stands behind it. The option of the command line, the environment variable, ``--help``, the conversion
from text, the check and the sentence about a wrong value are all derived from that one line; ``docs/settings.md``
is held to it by a test. So there is nothing to keep in step, and a setting cannot be added halfway.

The command line beats the environment, the environment beats the default. There is no third source: a file of
settings would have to say which folder it lies in, and the environment does everything that such a file can.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, Self, get_args, get_type_hints

import msgspec
from msgspec import Meta

from chatroom.proxies import Proxies

PREFIX = "CHATROOM_"


#: The most of anything that may happen in a second, and at once: no limit to anybody.
_FASTEST, _MOST = 100_000, 1_000_000


def _in(unit: str, description: str, **bounds: Any) -> Meta:
    return Meta(description=description, extra={"unit": unit}, **bounds)


def _rate(what: str, whose: str) -> Meta:
    """How often, in the long run."""
    return _in(f"{what} per second", f"{what} of {whose} in the long run", gt=0, le=_FASTEST)


def _burst(what: str, whose: str) -> Meta:
    """How often after a pause."""
    return _in(what, f"{what} of {whose} at once, after a pause", ge=1, le=_MOST)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One valid, unchangeable choice of every setting.

    Raises:
        ValueError: from the constructor, for a value outside its bounds or of another type (nan and the
            infinities are outside every bound), in one line that names the setting, the value and what is allowed.
    """

    port: Annotated[
        int, _in("TCP port", "port to listen on; 0 lets the system choose one", ge=0, le=65535)
    ] = 8888
    address: Annotated[
        str, _in("host name or IP address", "address to listen on; empty means all interfaces")
    ] = ""
    proxies: Annotated[
        str,
        _in(
            "IP addresses and networks, separated by commas",
            "proxies in front that are believed when they say for whom they speak",
        ),
    ] = ""
    data: Annotated[
        str, _in("folder", "where the database lies; made when it is missing", min_length=1)
    ] = "data"
    server: Annotated[
        Literal["chatroom", "tornado"],
        _in("HTTP connection", "whose HTTP connection serves: ours, or Tornado's own"),
    ] = "chatroom"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _in("level", "the least important kind of line that is logged"),
    ] = "info"

    hold: Annotated[
        float, _in("seconds", "how long an update request is held at most", gt=0, le=300)
    ] = 25.0
    hold_jitter: Annotated[
        float,
        _in("seconds", "random part taken off each hold; must be below hold", ge=0, le=300),
    ] = 3.0
    retry_spread: Annotated[
        float,
        _in("seconds", "time over which readers are asked to return at a shutdown", ge=0, le=300),
    ] = 5.0

    cache_size: Annotated[
        int, _in("entries per room", "newest entries kept in memory", ge=1, le=100_000)
    ] = 200
    rooms_in_memory: Annotated[
        int,
        _in("rooms", "rooms kept in memory before quiet ones leave it", ge=100, le=1_000_000),
    ] = 1000
    write_queue: Annotated[
        int,
        _in("posts", "posts that may wait for the disk; one more is a 503", ge=1, le=100_000),
    ] = 1000

    session_days: Annotated[
        int, _in("days", "how long a session lives without being used", ge=1, le=3650)
    ] = 90
    session_cache: Annotated[
        int, _in("sessions", "sessions kept in memory", ge=1, le=1_000_000)
    ] = 10_000

    max_body: Annotated[int, _in("bytes", "largest body of a request", ge=1024, le=16_777_216)] = (
        65_536
    )
    max_header: Annotated[int, _in("bytes", "largest head of a request", ge=1024, le=1_048_576)] = (
        16_384
    )
    idle_timeout: Annotated[
        float, _in("seconds", "how long an unused connection is kept open", gt=0, le=3600)
    ] = 60.0
    header_timeout: Annotated[
        float, _in("seconds", "time in which the head of a request must arrive", gt=0, le=3600)
    ] = 10.0
    body_timeout: Annotated[
        float, _in("seconds", "time in which the body of a request must arrive", gt=0, le=3600)
    ] = 10.0

    max_file: Annotated[
        int, _in("bytes", "largest file that belongs to a message", ge=1024, le=104_857_600)
    ] = 10_485_760
    files_per_person: Annotated[
        int, _in("bytes", "all files of one person together", ge=0, le=1_099_511_627_776)
    ] = 209_715_200
    files_total: Annotated[
        int, _in("bytes", "all files of everybody together", ge=0, le=109_951_162_777_600)
    ] = 10_737_418_240
    files_per_address: Annotated[
        int,
        _in(
            "bytes per day",
            "files sent by guests at one address, and again by accounts there",
            ge=1024,
            le=1_099_511_627_776,
        ),
    ] = 1_073_741_824
    uploads: Annotated[
        int, _in("files", "files sent at once; one more is a 503", ge=1, le=10_000)
    ] = 32
    uploads_per_person: Annotated[
        int, _in("files", "files sent at once by one person", ge=1, le=10_000)
    ] = 4
    upload_timeout: Annotated[
        float, _in("seconds", "time in which a file must arrive", gt=0, le=86_400)
    ] = 300.0

    write_timeout: Annotated[
        float, _in("seconds", "time in which a reader must take a reply", gt=0, le=3600)
    ] = 30.0
    max_unsent: Annotated[
        int,
        _in(
            "bytes",
            "replies to polls that may wait for a reader; beyond it the reader is cut off",
            ge=262_144,
            le=16_777_216,
        ),
    ] = 262_144
    pipeline: Annotated[
        int,
        _in(
            "bytes", "requests that may wait behind the one that is answered", ge=1024, le=1_048_576
        ),
    ] = 65_536

    connections: Annotated[
        int, _in("connections", "connections open at once; one more is a 503", ge=10, le=1_000_000)
    ] = 25_000
    polls: Annotated[
        int,
        _in("polls", "polls held at once; one more is asked to return later", ge=1, le=1_000_000),
    ] = 20_000
    polls_per_person: Annotated[
        int, _in("polls", "polls held at once for one session's owner", ge=1, le=1_000_000)
    ] = 50
    polls_per_address: Annotated[
        int,
        _in(
            "polls",
            "polls held at once for one address (in IPv6 one /64)",
            ge=1,
            le=1_000_000,
        ),
    ] = 2000

    posts_per_person: Annotated[float, _rate("posts", "one person")] = 2.0
    posts_per_person_burst: Annotated[int, _burst("posts", "one person")] = 20
    posts_per_address: Annotated[float, _rate("posts", "one address")] = 50.0
    posts_per_address_burst: Annotated[int, _burst("posts", "one address")] = 1000
    sessions_per_address: Annotated[float, _rate("new sessions", "one address")] = 1.0
    sessions_per_address_burst: Annotated[int, _burst("new sessions", "one address")] = 1000
    requests_per_address: Annotated[float, _rate("requests", "one address")] = 200.0
    requests_per_address_burst: Annotated[int, _burst("requests", "one address")] = 4000

    def __post_init__(self) -> None:
        """Check each value alone, then what no bounds can say."""
        for setting in DECLARED:
            setting.check(getattr(self, setting.name))
        try:
            Proxies(self.proxies)
        except ValueError as error:
            raise ValueError(f"proxies is {self.proxies!r}, but {error}") from None
        if self.files_per_address < self.max_file:
            raise ValueError(
                f"files_per_address is {self.files_per_address}, but must not be below max_file, "
                f"which is {self.max_file}"
            )
        if self.hold_jitter >= self.hold:
            raise ValueError(
                f"hold_jitter is {self.hold_jitter}, but must be below hold, which is {self.hold}"
            )

    @classmethod
    def load(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Self:
        """Return the settings that `argv` (without the program's name) and `environ` ask for.

        Raises:
            SystemExit: 2 after one line on standard error about the first wrong value; 0 after ``--help``.
        """
        parser = _parser()
        options = vars(parser.parse_args(argv))
        try:
            return cls(**(_from_environment(environ) | _from_options(options)))
        except ValueError as error:
            parser.error(str(error))


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of one setting, read back from its field in `Settings`."""

    name: str
    default: Any
    annotation: Any

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper()

    @property
    def unit(self) -> str:
        """What its value counts or is."""
        return str((self._meta.extra or {})["unit"])

    @property
    def description(self) -> str:
        """What it decides, in half a sentence."""
        return str(self._meta.description)

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        return f"{_in_words(get_args(self.annotation)[0], self._meta)} ({self.unit})"

    def parse(self, text: str, source: str) -> Any:
        """Return the value that `text` stands for; a ValueError names `source`, `text` and what is allowed."""
        return self._convert(text, source, strict=False)

    def check(self, value: object) -> None:
        """Raise a ValueError unless `value` is allowed."""
        self._convert(value, self.name, strict=True)

    @property
    def _meta(self) -> Meta:
        return next(part for part in get_args(self.annotation) if isinstance(part, Meta))

    def _convert(self, value: object, source: str, *, strict: bool) -> Any:
        try:
            return msgspec.convert(value, self.annotation, strict=strict)
        except msgspec.ValidationError:
            raise ValueError(f"{source} is {value!r}, but must be {self.allowed}") from None


_HINTS = get_type_hints(Settings, include_extras=True)

DECLARED = tuple(
    Setting(field.name, field.default, _HINTS[field.name])
    for field in msgspec.structs.fields(Settings)
)
"""Every setting there is, in the order of its declaration."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong, without the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> _Parser:
    """Return the parser of the command line, which leaves out what was not given."""
    parser = _Parser(
        prog="run.py",
        usage="run.py [--SETTING VALUE] ...",
        description="Serve the chatroom. The command line beats the environment.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    for setting in DECLARED:
        default = setting.default if setting.default != "" else "empty"
        text = f"{setting.description}: {setting.allowed}, default {default}, ${setting.variable}"
        parser.add_argument(
            setting.option, metavar="VALUE", help=text.replace("%", "%%"), dest=setting.name
        )
    return parser


def _from_options(options: Mapping[str, str]) -> dict[str, Any]:
    return {
        setting.name: setting.parse(options[setting.name], setting.option)
        for setting in DECLARED
        if setting.name in options
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        setting.name: setting.parse(environ[setting.variable], setting.variable)
        for setting in DECLARED
        if setting.variable in environ
    }


def _in_words(kind: Any, meta: Meta) -> str:
    """Say which values a type with bounds takes; every number has a lower and an upper bound."""
    if choices := get_args(kind):
        return "one of " + ", ".join(choices)
    if kind is str:
        return "text that is not empty" if meta.min_length else "text"
    number = "a whole number" if kind is int else "a number"
    if meta.gt is not None:
        return f"{number} above {meta.gt} and at most {meta.le}"
    return f"{number} from {meta.ge} to {meta.le}"
