"""The store on the disk keeps what every store promises."""

from pathlib import Path

import pytest

from api_client.sync.sqlite import SqliteOutboxStore
from tests.api_client.sync.store_contract import Place, StoreContract


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return lambda: SqliteOutboxStore(tmp_path / "account" / "outbox.db", writer="test", account="ann")
