"""Devices of a user: who is there, what plays, and how one drives another."""
