from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from hypothesis import given
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from chatroom.errors import (
    Closing,
    Invalid,
    PasswordCommon,
    PasswordsBusy,
    PasswordTooLong,
    PasswordTooShort,
)
from chatroom.passwords import (
    HASHER,
    PASSWORD_LIMIT,
    PASSWORD_MINIMUM,
    THREADS,
    Passwords,
    _common,
    password_from,
)
from tests.conftest import until

SECRET = "a walk in the fog"

#: As little work as Argon2 does.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Gated(PasswordHasher):
    """Works when the gate is open, and notes in which threads, and with what."""

    __slots__ = ("gate", "threads", "verified")

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.gate = threading.Event()
        self.threads: list[int] = []
        self.verified: list[str | bytes] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._work()
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - as in argon2
        self._work()
        self.verified.append(hash)
        return super().verify(hash, password)

    def _work(self) -> None:
        self.threads.append(threading.get_ident())
        self.gate.wait()


@pytest.fixture
def passwords(io_loop: IOLoop) -> Iterator[Passwords]:
    passwords = Passwords(QUICK)
    yield passwords
    io_loop.run_sync(passwords.close)


@pytest.fixture
def gated() -> Gated:
    return Gated()


@pytest.fixture
def waiting(io_loop: IOLoop, gated: Gated) -> Iterator[Passwords]:
    """Passwords that wait for the gate, at most four of them; it opens at the end."""
    passwords = Passwords(gated, limit=4)
    yield passwords
    gated.gate.set()
    io_loop.run_sync(passwords.close)


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        "12345 67",
        "        ",
        " padded ",
        "x" * PASSWORD_LIMIT,
        "correct horse",
        "🦊🐺🦊🐺🦊🐺🦊🐺",
        "密码是八个汉字哦",
    ],
)
def test_any_text_of_eight_characters_may_be_a_password(text: str) -> None:
    assert password_from(text) == text


@pytest.mark.parametrize(
    ("text", "refusal", "said"),
    [
        ("", PasswordTooShort, "A password has at least 8 characters."),
        ("fog walk"[:7], PasswordTooShort, "A password has at least 8 characters."),
        ("e\u0301" * 4, PasswordTooShort, "A password has at least 8 characters."),
        ("\ufdfa", PasswordTooShort, "A password has at least 8 characters."),
        ("x" * 1001, PasswordTooLong, "A password has at most 1000 characters."),
        ("\ufdfa" * 56, PasswordTooLong, "A password has at most 1000 characters."),
        ("password", PasswordCommon, "That password is among the first that anybody would try."),
        ("PassWord1", PasswordCommon, "That password is among the first that anybody would try."),
        (
            "１２３４５６７８",
            PasswordCommon,
            "That password is among the first that anybody would try.",
        ),
        ("1qaz2wsx", PasswordCommon, "That password is among the first that anybody would try."),
        ("woaini1314", PasswordCommon, "That password is among the first that anybody would try."),
    ],
)
def test_what_is_short_endless_or_common_is_refused(
    text: str, refusal: type[Invalid], said: str
) -> None:
    with pytest.raises(refusal) as raised:
        password_from(text)
    assert raised.value.field == "password"
    assert str(raised.value).startswith(said)
    assert set(raised.value.values) <= {"limit"}


def test_a_field_of_another_name_is_named() -> None:
    with pytest.raises(PasswordTooShort) as raised:
        password_from("short", "new_password")
    assert raised.value.field == "new_password"


def test_a_password_is_normalized() -> None:
    assert password_from("Ｃａｆe\u0301 ｆｏｇｇｙ") == "Café foggy"


def test_what_only_contains_a_common_password_is_none() -> None:
    assert password_from("password in the fog") == "password in the fog"
    assert password_from("assword1") == "assword1"


def test_the_list_holds_what_its_length_alone_would_not_refuse() -> None:
    listed = _common().split("\n")
    assert listed[0] == listed[-1] == ""
    assert len(listed) == 8354 + 2
    assert {it.casefold() for it in listed} == set(listed)
    assert min(map(len, listed[1:-1])) == PASSWORD_MINIMUM


@given(st.text(max_size=12) | st.text("aé\ufdfa\u0301", min_size=50).map(lambda it: it * 9))
def test_an_accepted_password_stays_as_it_is(text: str) -> None:
    try:
        password = password_from(text)
    except Invalid:
        return
    assert password_from(password) == password
    assert PASSWORD_MINIMUM <= len(password) <= PASSWORD_LIMIT


@pytest.mark.gen_test
async def test_who_knows_the_password_is_told_from_who_does_not(passwords: Passwords) -> None:
    hashed = await passwords.hash(SECRET)
    assert await passwords.verify(hashed, SECRET)
    assert not await passwords.verify(hashed, SECRET + " ")
    assert not await passwords.verify(hashed, "")
    assert not await passwords.verify(None, SECRET)


@pytest.mark.gen_test
async def test_two_hashes_of_a_password_differ_and_do_not_hold_it(passwords: Passwords) -> None:
    one, other = await passwords.hash(SECRET), await passwords.hash(SECRET)
    assert one != other
    assert SECRET not in one
    assert one.startswith("$argon2id$")


@pytest.mark.gen_test
async def test_a_password_is_the_same_from_every_keyboard(passwords: Passwords) -> None:
    hashed = await passwords.hash("Café foggy")
    assert await passwords.verify(hashed, "Ｃａｆe\u0301 ｆｏｇｇｙ")


@pytest.mark.gen_test
async def test_what_no_keyboard_can_write_is_a_wrong_password_and_no_fault(
    passwords: Passwords,
) -> None:
    hashed = await passwords.hash(SECRET)
    assert not await passwords.verify(hashed, "\ud800" * 8)
    assert not await passwords.verify(hashed, "\0" * 8)


@pytest.mark.gen_test
async def test_what_is_too_long_to_be_a_password_is_not_looked_at(
    waiting: Passwords, gated: Gated
) -> None:
    assert not await waiting.verify(None, "x" * (PASSWORD_LIMIT + 1))
    assert gated.threads == []


@pytest.mark.gen_test
async def test_a_damaged_hash_is_a_fault_of_ours(passwords: Passwords) -> None:
    with pytest.raises(InvalidHashError):
        await passwords.verify("nonsense", SECRET)
    with pytest.raises(VerificationError):
        await passwords.verify("$argon2id$nonsense", SECRET)


def test_passwords_cost_what_is_recommended() -> None:
    assert (HASHER.type, HASHER.memory_cost, HASHER.time_cost) == (Type.ID, 19 * 1024, 2)
    assert HASHER.parallelism == 1


@pytest.mark.parametrize("hasher", [QUICK, HASHER], ids=["quick", "production"])
@pytest.mark.gen_test
async def test_somebody_unknown_costs_what_somebody_known_costs(
    io_loop: IOLoop, hasher: PasswordHasher
) -> None:
    """The hash that stands in has the parameters of a real one, and is verified by the same call."""
    passwords = Passwords(hasher)
    hashed = await passwords.hash(SECRET)
    assert extract_parameters(passwords._nobody) == extract_parameters(hashed)
    assert len(passwords._nobody) == len(hashed)
    await passwords.close()


@pytest.mark.gen_test
async def test_for_somebody_unknown_the_same_stranger_stands_in(
    waiting: Passwords, gated: Gated
) -> None:
    gated.gate.set()
    hashed = await waiting.hash(SECRET)
    assert [await waiting.verify(it, SECRET) for it in (hashed, None, None)] == [True, False, False]
    assert gated.verified == [hashed, waiting._nobody, waiting._nobody]
    assert Passwords(QUICK)._nobody != waiting._nobody


@pytest.mark.gen_test
async def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    hashed = await passwords.hash(SECRET)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert not passwords.outdated(hashed)
    assert dearer.outdated(hashed)
    assert await dearer.verify(hashed, SECRET)
    assert not dearer.outdated(await dearer.hash(SECRET))
    await dearer.close()


@pytest.mark.gen_test
async def test_the_loop_turns_while_a_password_is_hashed(waiting: Passwords, gated: Gated) -> None:
    hashing = asyncio.ensure_future(waiting.hash(SECRET))
    verifying = asyncio.ensure_future(waiting.verify(None, SECRET))
    await until(lambda: len(gated.threads) == THREADS)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not hashing.done()
    assert not verifying.done()
    assert threading.get_ident() not in gated.threads
    gated.gate.set()
    assert (await hashing).startswith("$argon2id$")
    assert not await verifying


@pytest.mark.gen_test
async def test_two_are_hashed_at_once_and_the_others_wait(waiting: Passwords, gated: Gated) -> None:
    tasks = [asyncio.ensure_future(waiting.hash(SECRET)) for _ in range(4)]
    await until(lambda: len(gated.threads) == THREADS)
    await asyncio.sleep(0)
    assert len(set(gated.threads)) == THREADS == 2
    gated.gate.set()
    await asyncio.gather(*tasks)
    assert len(gated.threads) == 4
    assert len(set(gated.threads)) == THREADS


@pytest.mark.gen_test
async def test_no_more_than_the_limit_wait(waiting: Passwords, gated: Gated) -> None:
    tasks = [asyncio.ensure_future(waiting.hash(SECRET)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        await waiting.verify(None, SECRET)
    gated.gate.set()
    await asyncio.gather(*tasks)
    assert not await waiting.verify(None, SECRET)


@pytest.mark.gen_test
async def test_who_no_longer_waits_gives_the_place_back(waiting: Passwords, gated: Gated) -> None:
    """At once where the work has not begun; behind it where it has."""
    tasks = [asyncio.ensure_future(waiting.hash(SECRET)) for _ in range(4)]
    await until(lambda: len(gated.threads) == THREADS)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(it.cancelled() for it in tasks)
    more = [asyncio.ensure_future(waiting.hash(SECRET)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        await waiting.hash(SECRET)
    gated.gate.set()
    await asyncio.gather(*more)
    await until(lambda: waiting._places._value == 4)  # one thread may have done both
    await asyncio.gather(*(waiting.hash(SECRET) for _ in range(4)))
    assert len(gated.threads) == 2 + 2 + 4


@pytest.mark.gen_test
async def test_what_fails_gives_its_place_back(io_loop: IOLoop) -> None:
    passwords = Passwords(QUICK, limit=1)
    for _ in range(3):
        with pytest.raises(InvalidHashError):
            await passwords.verify("nonsense", SECRET)
    await passwords.close()


@pytest.mark.gen_test
async def test_closing_finishes_what_was_begun_and_takes_no_more(
    waiting: Passwords, gated: Gated
) -> None:
    tasks = [asyncio.ensure_future(waiting.hash(SECRET)) for _ in range(3)]
    await until(lambda: len(gated.threads) == THREADS)
    end = asyncio.ensure_future(waiting.close())
    await asyncio.sleep(0)
    with pytest.raises(Closing):
        await waiting.hash(SECRET)
    assert not end.done()
    gated.gate.set()
    await end
    assert all(it.startswith("$argon2id$") for it in await asyncio.gather(*tasks))


@pytest.mark.gen_test
async def test_no_line_of_the_log_and_no_text_of_a_value_names_a_password(
    waiting: Passwords, gated: Gated, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tasks = [asyncio.ensure_future(waiting.verify(None, SECRET)) for _ in range(4)]
    await until(lambda: len(gated.threads) == THREADS)
    with pytest.raises(PasswordsBusy) as busy:
        await waiting.hash(SECRET)
    told = [repr(it) for it in (waiting, vars(waiting), tasks, busy.value, busy.value.__dict__)]
    gated.gate.set()
    await asyncio.gather(*tasks)
    with pytest.raises(InvalidHashError) as damaged:
        await waiting.verify("nonsense", SECRET)
    told += [repr(damaged.value), caplog.text]
    assert SECRET not in "".join(told)
