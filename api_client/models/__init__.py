"""The wire contract: frozen pydantic models, one module per domain."""
