"""What every engine promises of accounts, as tests: see `tests/engines/contract.py`."""

from __future__ import annotations

import asyncio

import pytest
from tornado.ioloop import IOLoop

from chatroom.engines.base import Engine
from chatroom.engines.people import Account, Renewal
from chatroom.errors import (
    AccountExists,
    NameTaken,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PasswordWrong,
    SignInFailed,
    TooManyTokens,
)
from chatroom.people import Person
from tests.conftest import Clock
from tests.making import ANN, BOB

ANNA = Person(ANN.id, "Anna")


async def signed_in(engine: Engine, *tokens: bytes) -> list[bool]:
    """Which of the tokens are those of a session."""
    return [await engine.people.session(it) is not None for it in tokens]


async def claimed(engine: Engine) -> Account:
    """Ann's account."""
    await engine.people.claim(ANN, "ann", "hash")
    account = await engine.people.account("ann")
    assert account is not None
    return account


class AccountsContract:
    """Accounts, whatever keeps them."""

    @pytest.fixture(autouse=True)
    def people(self, engine: Engine, io_loop: IOLoop) -> None:
        """Ann and Bob are guests with sessions."""
        io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, "ann"))
        io_loop.run_sync(lambda: engine.people.add_session(b"bob", BOB, "bob"))

    @pytest.mark.gen_test
    async def test_who_claims_a_name_keeps_the_session_under_another_token(
        self, engine: Engine, clock: Clock
    ) -> None:
        clock.forward(days=1)
        await engine.people.claim(ANNA, "anna", "hash", Renewal(b"ann", b"new"))
        assert await signed_in(engine, b"ann", b"new") == [False, True]
        session = await engine.people.session(b"new")
        assert session is not None
        assert (session.person, session.account, session.used_at) == (ANNA, True, clock.now)
        assert await engine.people.account("anna") == Account(
            ANNA, "hash", administrator=False, barred=False
        )
        assert await engine.people.account("ann") is None

    @pytest.mark.gen_test
    async def test_a_name_is_claimed_once_and_a_guest_claims_once(self, engine: Engine) -> None:
        await engine.people.claim(ANN, "ann", "hash")
        with pytest.raises(NameTaken):
            await engine.people.claim(BOB, "ann", "other", Renewal(b"bob", b"new"))
        with pytest.raises(AccountExists):
            await engine.people.claim(ANNA, "anna", "other", Renewal(b"ann", b"new"))
        with pytest.raises(NameTaken):
            await engine.people.rename(BOB, "ann")
        assert await signed_in(engine, b"ann", b"bob", b"new") == [True, True, False]

    @pytest.mark.gen_test
    async def test_who_is_no_more_claims_nothing(self, engine: Engine) -> None:
        with pytest.raises(NotSignedIn):
            await engine.people.claim(ANN, "ann", "hash", Renewal(b"ended", b"new"))
        assert await engine.people.account("ann") is None
        await engine.people.end_session(b"ann")
        with pytest.raises(NotSignedIn):
            await engine.people.claim(ANN, "ann", "hash")

    @pytest.mark.gen_test
    async def test_who_signs_in_has_one_more_session_and_the_guest_before_is_no_more(
        self, engine: Engine
    ) -> None:
        account = await claimed(engine)
        await engine.people.sign_in(b"new", account, b"bob")
        assert await signed_in(engine, b"ann", b"bob", b"new") == [True, False, True]
        assert await engine.people.person(BOB.id) is None
        await engine.people.sign_in(b"newer", account, b"never was one")
        assert len(await engine.people.sessions(ANN.id)) == 3

    @pytest.mark.gen_test
    @pytest.mark.parametrize("change", ["barred", "forgotten", "another password"])
    async def test_an_account_that_has_changed_since_it_was_read_lets_nobody_in(
        self, engine: Engine, change: str
    ) -> None:
        account = await claimed(engine)
        if change == "barred":
            await engine.people.bar(ANN.id, barred=True)
        elif change == "forgotten":
            await engine.people.forget(ANN, erase=False)
        else:
            await engine.people.rehash(account, "other")
        with pytest.raises(SignInFailed):
            await engine.people.sign_in(b"new", account, b"bob")
        assert await signed_in(engine, b"bob", b"new") == [True, False]
        assert await engine.people.sessions("never was one") == []

    @pytest.mark.gen_test
    async def test_another_password_leaves_one_session_under_another_token(
        self, engine: Engine
    ) -> None:
        account = await claimed(engine)
        await engine.people.add_token(b"program", b"ann", "bot", 20)
        await engine.people.sign_in(b"elsewhere", account)
        ended = await engine.people.set_password(account, "other", Renewal(b"ann", b"new"))
        assert sorted(ended) == [b"ann", b"elsewhere", b"program"]
        assert await signed_in(engine, *ended, b"new", b"bob") == [False] * 3 + [True] * 2
        changed = await engine.people.account("ann")
        assert changed is not None
        assert changed.password == "other"

    @pytest.mark.gen_test
    async def test_of_two_who_change_a_password_at_once_one_is_refused(
        self, engine: Engine
    ) -> None:
        account = await claimed(engine)
        await engine.people.sign_in(b"elsewhere", account)
        found = await asyncio.gather(
            engine.people.set_password(account, "one", Renewal(b"ann", b"new")),
            engine.people.set_password(account, "two", Renewal(b"elsewhere", b"newer")),
            return_exceptions=True,
        )
        assert [type(it) for it in found] == [list, PasswordWrong]
        with pytest.raises(NotSignedIn):
            await engine.people.set_password(
                account._replace(password="one"), "three", Renewal(b"ann", b"x")
            )
        changed = await engine.people.account("ann")
        assert changed is not None
        assert changed.password == "one"

    @pytest.mark.gen_test
    async def test_a_hash_that_is_renewed_does_not_undo_another_password(
        self, engine: Engine
    ) -> None:
        account = await claimed(engine)
        await engine.people.set_password(account, "other", Renewal(b"ann", b"new"))
        await engine.people.rehash(account, "the one before, hashed anew")
        changed = await engine.people.account("ann")
        assert changed is not None
        assert changed.password == "other"

    @pytest.mark.gen_test
    async def test_a_person_has_so_many_tokens_and_no_more(self, engine: Engine) -> None:
        ids = [await engine.people.add_token(b"%d" % n, b"ann", f"bot {n}", 2) for n in range(2)]
        with pytest.raises(TooManyTokens):
            await engine.people.add_token(b"2", b"ann", "bot 2", 2)
        await engine.people.add_token(b"bobs", b"bob", "bot", 2)
        listed = {it.id: (it.name, it.token) for it in await engine.people.sessions(ANN.id)}
        assert [listed[it] for it in ids] == [("bot 0", b"0"), ("bot 1", b"1")]
        await engine.people.end_session(b"0")
        await engine.people.add_token(b"2", b"ann", "bot 2", 2)

    @pytest.mark.gen_test
    async def test_a_session_that_has_ended_gives_no_token(self, engine: Engine) -> None:
        await engine.people.bar(ANN.id, barred=True)
        with pytest.raises(NotSignedIn):
            await engine.people.add_token(b"new", b"ann", "bot", 20)
        assert await signed_in(engine, b"new") == [False]

    @pytest.mark.gen_test
    async def test_administrators_have_accounts_and_are_not_barred(self, engine: Engine) -> None:
        with pytest.raises(NotFound):
            await engine.people.appoint(BOB.id, administrator=True)
        assert not await engine.people.has_administrator()
        await claimed(engine)
        await engine.people.appoint(ANN.id, administrator=True)
        assert await engine.people.has_administrator()
        with pytest.raises(NotAllowed):
            await engine.people.bar(ANN.id, barred=True)
        await engine.people.appoint(ANN.id, administrator=False)
        assert await engine.people.bar(ANN.id, barred=True) == [b"ann"]
        with pytest.raises(NotFound):
            await engine.people.appoint(ANN.id, administrator=True)

    @pytest.mark.gen_test
    async def test_who_is_barred_has_no_session_until_they_are_not(self, engine: Engine) -> None:
        account = await claimed(engine)
        await engine.people.sign_in(b"elsewhere", account)
        assert sorted(await engine.people.bar(ANN.id, barred=True)) == [b"ann", b"elsewhere"]
        assert await engine.people.bar(ANN.id, barred=True) == []
        barred = await engine.people.account("ann")
        assert barred is not None
        assert barred.barred
        assert not await engine.people.bar(ANN.id, barred=False)
        await engine.people.sign_in(b"new", account)
        for nobody in ("never was one", "0"):
            with pytest.raises(NotFound):
                await engine.people.bar(nobody, barred=True)
