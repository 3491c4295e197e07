"""`outbox.db`: an account's intents, drafts and history, kept so that nothing typed is ever lost."""

from api_client.sync.sqlite.store import SqliteOutboxStore

__all__ = ["SqliteOutboxStore"]
