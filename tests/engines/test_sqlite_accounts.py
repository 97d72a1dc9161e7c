"""The contract of accounts, on the real file."""

from __future__ import annotations

from tests.engines.contract_accounts import AccountsContract


class TestSqliteAccounts(AccountsContract):
    """Nothing is true of it beyond the contract."""
