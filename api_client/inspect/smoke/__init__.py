"""Scenarios in YAML, carried out against a running platform, and what came of them."""
