"""The ladder of places for secrets: files that are the user's alone, sealed or plain, and the words that say which."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from api_client.auth import Tokens
from tui.accounts import Account
from tui.keychain import FileSecrets, MemorySecrets, SecretsUnavailable
from tui.signin import KeptTokens

ACCOUNT = Account("http://127.0.0.1:3000/api/v1", "ann", "id-of-ann")
TOKENS = Tokens(access="access-canary", refresh="refresh-canary")


@pytest.mark.parametrize("passphrase", [None, "a passphrase"])
async def test_a_file_keeps_several_secrets_and_forgets_one(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "inner" / "tokens"
    store = FileSecrets(path, passphrase)
    await store.save("one", "1")
    await store.save("two", "2")
    await store.delete("one")
    await store.delete("never there")
    again = FileSecrets(path, passphrase)
    assert (await again.load("one"), await again.load("two")) == (None, "2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["tokens"]


async def test_a_sealed_file_does_not_show_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    await FileSecrets(path, "a passphrase").save("ann", "secret-canary")
    first = path.read_text()
    assert "secret-canary" not in first
    assert "ann" not in json.loads(first).get("box", "ann")
    await FileSecrets(path, "a passphrase").save("ann", "secret-canary")
    assert path.read_text() != first, "the salt is new each time"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"salt": 3, "box": null}', '{"salt": "!", "box": "x"}', "\x00"])
async def test_a_sealed_file_that_is_none_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(content)
    store = FileSecrets(path, "a passphrase")
    with pytest.raises(SecretsUnavailable, match="tokens"):
        await store.load("ann")
    with pytest.raises(SecretsUnavailable):
        await store.save("ann", "secret")
    assert path.read_text() == content


async def test_a_wrong_passphrase_neither_reads_nor_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    await FileSecrets(path, "right").save("ann", "secret")
    with pytest.raises(SecretsUnavailable, match="with this passphrase"):
        await FileSecrets(path, "wrong").save("ann", "other")
    assert await FileSecrets(path, "right").load("ann") == "secret"


async def test_tokens_that_cannot_be_stored_last_for_this_run_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("not a box")
    kept = KeptTokens(FileSecrets(path, "a passphrase"), ACCOUNT)
    await kept.save(TOKENS)
    assert await kept.load() == TOKENS
    assert kept.where.startswith("in memory, until you leave (")
    path.unlink()
    await kept.save(TOKENS)
    assert kept.where == f"in {path}, encrypted with your passphrase"


async def test_what_another_process_deleted_is_gone() -> None:
    store = MemorySecrets("this system offers no keyring")
    kept = KeptTokens(store, ACCOUNT)
    await kept.save(TOKENS)
    await store.delete(ACCOUNT.key)
    assert await kept.load() is None


async def test_a_secret_that_is_no_token_is_as_good_as_none() -> None:
    store = MemorySecrets("no keyring")
    await store.save(ACCOUNT.key, "not json")
    assert await KeptTokens(store, ACCOUNT).load() is None


def test_no_secret_shows_in_a_repr() -> None:
    assert "canary" not in repr(TOKENS)
