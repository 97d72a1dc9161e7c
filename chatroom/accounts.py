"""Accounts: a guest claims a name with a password, and is the same person from then on, in every browser.

Whenever somebody becomes somebody else, or proves who they are, the session has a new token, and the one before is no
more: whoever had planted or stolen it has nothing. What is held for it ends at once.

A password is asked for again where a stolen session would do lasting harm: to change it, and to delete the account.
Each time the limits come first (`chatroom.tries`), then the work; and the work is the same whoever it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from chatroom.engines.people import Account, People, Renewal
from chatroom.errors import (
    AccountExists,
    NameTaken,
    NoAccount,
    NotFound,
    NotSignedIn,
    PasswordWrong,
    SignInFailed,
)
from chatroom.lookalikes import name_key
from chatroom.passwords import Passwords, password_from
from chatroom.people import Person, name_from
from chatroom.sessions import Known, Sessions, key_of, new_token
from chatroom.tries import Tries

#: Tokens for programs that one person may have.
TOKENS_LIMIT = 20


class Signed(NamedTuple):
    """Who somebody is now, and the token of their session, which is not kept."""

    token: str
    person: Person


class Token(NamedTuple):
    """A token for a program, which is not kept, and the id by which its owner ends it."""

    id: str
    name: str
    token: str


class Accounts:
    """The accounts of `people`, whose `sessions` follow. `monotonic` gives seconds and decides how often one may try.

    `address` is whence somebody comes, as limits count it.
    """

    def __init__(
        self,
        people: People,
        sessions: Sessions,
        passwords: Passwords,
        monotonic: Callable[[], float],
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._passwords = passwords
        self._tries = Tries(monotonic)
        self._first: bytes | None = None

    async def claim(self, known: Known, name: str, password: str, address: str) -> Signed:
        """Make `name` that of whoever has the session, for good.

        Raises Invalid, AccountExists, NameTaken, TooMany, NotSignedIn.
        """
        person, chosen = Person(known.person.id, name_from(name)), password_from(password)
        key = name_key(person.name)
        if known.account:
            raise AccountExists
        taken = await self._people.account(key)
        if taken is not None and taken.person.id != person.id:
            raise NameTaken("name")
        self._tries.work(address)
        kept = await self._passwords.hash(chosen)
        token, new = new_token()
        await self._people.claim(person, key, kept, Renewal(known.key, new))
        self._tries.welcome(key, address)
        self._sessions.ended([known.key])
        self._sessions.refresh(person.id)
        self._sessions.claimed(key)
        return Signed(token, person)

    async def sign_in(
        self, name: str, password: str, address: str, instead: str | None = None
    ) -> Signed:
        """A new session for whoever knows the password; that of the token `instead` ends.

        Raises NameInvalid, TooMany, and SignInFailed, which does not say why.
        """
        key = name_key(name_from(name))
        token, new = new_token()
        old = None if instead is None else key_of(instead)
        with self._tries.attempt(key, address):
            account = await self._people.account(key)
            right = await self._passwords.verify(account and account.password, password)
            if account is None or not right or account.barred:
                raise SignInFailed
            await self._people.sign_in(new, await self._renewed(account, password), old)
        self._sessions.ended([old] if old else ())
        return Signed(token, account.person)

    async def change_password(self, known: Known, old: str, new: str, address: str) -> Signed:
        """Another password from now on; all sessions end but this one, which gets a new token.

        Raises Invalid, NoAccount, TooMany, PasswordWrong.
        """
        chosen = password_from(new)
        account = await self._proven(known, old, "old", address)
        kept = await self._passwords.hash(chosen)
        token, key = new_token()
        ended = await self._people.set_password(account, kept, Renewal(known.key, key))
        self._sessions.ended(ended)
        return Signed(token, account.person)

    async def delete(self, known: Known, password: str, address: str, *, erase: bool) -> None:
        """Forget the account; `erase`: and all that it has said. Raises NoAccount, TooMany, PasswordWrong."""
        account = await self._proven(known, password, "password", address)
        person = account.person
        self._sessions.ended(
            await self._people.end_sessions(person.id)
        )  # nothing may be said meanwhile
        self._sessions.ended(await self._people.forget(person, erase=erase))

    async def add_token(self, known: Known, name: str) -> Token:
        """A token for a program of whoever has the session. Raises NameInvalid, TooManyTokens."""
        name = name_from(name)
        token, key = new_token()
        return Token(await self._people.add_token(key, known.key, name, TOKENS_LIMIT), name, token)

    async def appoint(self, known: Known, person: str, *, administrator: bool) -> None:
        """Let an administrator make somebody another one, or none any more. Raises NotFound."""
        _let_rule(known)
        await self._appoint(person, administrator=administrator)

    async def bar(self, known: Known, person: str, *, barred: bool) -> None:
        """Let an administrator keep somebody out of the whole chat, or no longer. Raises NotFound, NotAllowed."""
        _let_rule(known)
        self._sessions.ended(await self._people.bar(person, barred=barred))

    async def offer_first(self) -> str | None:
        """The token of the link by which somebody becomes the first administrator; None if there is one.

        It is void when it was used, when another one is offered, and when the process ends.
        """
        if await self._people.has_administrator():
            return None
        token, self._first = new_token()
        return token

    def offers(self, token: str) -> bool:
        """Whether that is the token of the link."""
        return self._first is not None and secrets.compare_digest(self._first, key_of(token))

    async def appoint_first(
        self, known: Known, token: str, name: str, password: str, address: str
    ) -> Signed | None:
        """Make whoever has the session and the link the first administrator; a guest claims `name` with it.

        Returns None where the session stays as it is. Raises NotFound, and what `claim` does.
        """
        if not self.offers(token):
            raise NotFound
        offered, self._first = self._first, None  # nobody else may win meanwhile
        try:
            return await self._become_first(known, name, password, address)
        except BaseException:
            self._first = offered
            raise

    async def close(self) -> None:
        """Finish what was begun."""
        await self._passwords.close()

    async def _become_first(
        self, known: Known, name: str, password: str, address: str
    ) -> Signed | None:
        if await self._people.has_administrator():
            raise NotFound
        signed = None if known.account else await self.claim(known, name, password, address)
        await self._appoint(known.person.id, administrator=True)
        return signed

    async def _appoint(self, person: str, *, administrator: bool) -> None:
        await self._people.appoint(person, administrator=administrator)
        self._sessions.refresh(person)

    async def _proven(self, known: Known, password: str, field: str, address: str) -> Account:
        """The account of whoever has the session and knows its password."""
        key = name_key(known.person.name)
        if not known.account:
            raise NoAccount
        with self._tries.attempt(key, address, signed_in=True):
            account = await self._people.account(key)
            if account is None or account.person.id != known.person.id:
                raise NotSignedIn
            if not await self._passwords.verify(account.password, password):
                raise PasswordWrong(field)
        return account

    async def _renewed(self, account: Account, password: str) -> Account:
        """With a hash that is made as hashes are made now."""
        if not self._passwords.outdated(account.password):
            return account
        kept = await self._passwords.hash(password)
        await self._people.rehash(account, kept)
        return account._replace(password=kept)


def _let_rule(known: Known) -> None:
    """Return for an administrator; for others there is nothing to find. Raises NotFound."""
    if not known.administrator:
        raise NotFound
