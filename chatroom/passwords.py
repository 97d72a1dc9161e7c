"""What a password may be, and proving that somebody knows theirs.

The rules are those of NIST SP 800-63B, section 5.1.1.2: a length, none that everybody would guess, and nothing about
digits or signs. Passwords are kept as Argon2id hashes (RFC 9106) with the parameters that OWASP names for 19 MiB, so
that a guess at a stolen one costs as much as it costs us. What it costs us is bounded, too: two threads hash, a few
passwords wait, and whoever comes beyond that is asked to return.
"""

from __future__ import annotations

import asyncio
import gzip
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Semaphore
from typing import TypeVar
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from chatroom.errors import (
    Closing,
    PasswordCommon,
    PasswordsBusy,
    PasswordTooLong,
    PasswordTooShort,
)

T = TypeVar("T")

#: Characters in a password, at least and at most. The latter bounds what is normalized and hashed.
PASSWORD_MINIMUM = 8
PASSWORD_LIMIT = 1000

#: Argon2id with 19 MiB and two passes: 30 ms.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Passwords hashed at once, each in 19 MiB.
THREADS = 2
#: Passwords that are hashed or wait for it: the last one waits for about a second.
WAITING_LIMIT = 64

#: The passwords of 8 characters and more among the 20,000 most frequent ones, in small letters, one a line.
_COMMON = Path(__file__).with_name("common-passwords.txt.gz")


def password_from(text: str, field: str = "password") -> str:
    """A password that somebody may choose, in NFKC. Spaces count, also at its ends.

    Raises PasswordTooShort, PasswordTooLong, PasswordCommon.
    """
    password = normalize("NFKC", text) if len(text) <= PASSWORD_LIMIT else text
    if len(password) > PASSWORD_LIMIT:
        raise PasswordTooLong(field, limit=PASSWORD_LIMIT)
    if min(len(text), len(password)) < PASSWORD_MINIMUM:
        raise PasswordTooShort(field, limit=PASSWORD_MINIMUM)
    if f"\n{password.casefold()}\n" in _common():
        raise PasswordCommon(field)
    return password


class Passwords:
    """Hashes passwords and verifies them, off the event loop.

    At most `limit` are hashed or wait for it; one more raises PasswordsBusy. Who stops waiting gives the place back.
    Passwords come as they were typed: they are normalized here, so that they are the same on every keyboard.
    """

    def __init__(self, hasher: PasswordHasher = HASHER, limit: int = WAITING_LIMIT) -> None:
        self._hasher = hasher
        self._nobody = _unknown(hasher)
        self._places = Semaphore(limit)
        self._closing = False
        self._threads = ThreadPoolExecutor(THREADS, "password")

    async def hash(self, password: str) -> str:
        """What to keep of a password that `password_from` has accepted. Raises PasswordsBusy, Closing."""
        secret = _secret(password)
        return await self._do(lambda: self._hasher.hash(secret))

    async def verify(self, hash_: str | None, password: str) -> bool:
        """Whether `password` is that of `hash_`. None, for somebody unknown, is never right and takes as long.

        Raises PasswordsBusy, Closing.
        """
        if len(password) > PASSWORD_LIMIT:
            return False
        known, secret = self._nobody if hash_ is None else hash_, _secret(password)
        return await self._do(lambda: self._right(known, secret))

    def outdated(self, hash_: str) -> bool:
        """Whether `hash_` was made with other parameters: hash the password anew when it was verified."""
        return self._hasher.check_needs_rehash(hash_)

    async def close(self) -> None:
        """Finish what was begun, then end the threads."""
        self._closing = True
        await asyncio.to_thread(self._threads.shutdown)

    async def _do(self, work: Callable[[], T]) -> T:
        if self._closing:
            raise Closing
        if not self._places.acquire(blocking=False):
            raise PasswordsBusy
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def _right(self, hash_: str, secret: bytes) -> bool:
        try:
            return self._hasher.verify(hash_, secret)
        except VerifyMismatchError:
            return False


@cache
def _common() -> str:
    """The common passwords, each between two line ends. Looking for one takes 20 us."""
    return "\n" + gzip.decompress(_COMMON.read_bytes()).decode()


def _secret(password: str) -> bytes:
    """What is hashed of a password. An error of encoding would name it, so there is none."""
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _unknown(hasher: PasswordHasher) -> str:
    """A hash that no password has, as `hasher` would write it (PHC string format)."""
    parameters = (
        f"v={ARGON2_VERSION}$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    )
    parts = (hasher.salt_len, hasher.hash_len)
    salt, digest = (b64encode(secrets.token_bytes(it)).decode().rstrip("=") for it in parts)
    return f"$argon2id${parameters}${salt}${digest}"
