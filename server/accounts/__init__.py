"""Accounts: registration, sign-in, tokens and sessions."""
