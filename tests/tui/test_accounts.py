"""The book of accounts: the last one first, each once, for the user alone, and never a reason not to start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.accounts import Account, AccountBook

ANN = Account("https://one.example/api/v1", "ann", "u1")
BEN = Account("https://one.example/api/v1", "ben", "u2")
ANN_ELSEWHERE = Account("https://two.example/api/v1", "ann", "u9")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "accounts.json"


def test_a_machine_without_accounts_has_none(path: Path) -> None:
    book = AccountBook(path)
    assert book.accounts == []
    assert book.last() is None
    assert not path.exists()


def test_the_account_used_last_stands_first_once_and_is_found_again(path: Path) -> None:
    book = AccountBook(path)
    for account in (ANN, BEN, ANN_ELSEWHERE, ANN):
        book.use(account)
    found = AccountBook(path)
    assert found.accounts == [ANN, ANN_ELSEWHERE, BEN]
    assert found.last() == ANN
    assert found.last(ANN_ELSEWHERE.url) == ANN_ELSEWHERE
    assert found.last("https://three.example/api/v1") is None


def test_only_the_one_account_is_forgotten(path: Path) -> None:
    book = AccountBook(path)
    for account in (ANN, ANN_ELSEWHERE):
        book.use(account)
    book.forget(ANN)
    assert AccountBook(path).accounts == [ANN_ELSEWHERE]


def test_the_book_is_for_the_user_alone(path: Path) -> None:
    AccountBook(path).use(ANN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"7", b"null", b'[{"url": "x"}]', b'["ann"]', b'{"a": 1}'])
def test_a_damaged_book_is_an_empty_one_and_can_be_written_again(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    book = AccountBook(path)
    assert book.accounts == []
    book.use(BEN)
    assert AccountBook(path).accounts == [BEN]


def test_every_account_has_folders_of_its_own_with_a_name_that_is_safe() -> None:
    accounts = [
        Account("https://one.example", "ann", "u1"),
        Account("https://two.example", "ann", "u1"),
        Account("https://one.example", "ann", "u2"),
        Account("https://one.example", "../../etc", "u3"),
    ]
    folders = [account.folder for account in accounts]
    assert len(set(folders)) == len(folders)
    assert folders[0].startswith("ann-")
    assert not any("/" in folder or "." in folder for folder in folders)
