"""Accounts: registration, sign-in, tokens and sessions."""

from __future__ import annotations


async def test_register_signs_in(platform) -> None:
    ann = await platform.person("ann")
    assert (await ann.data("GET", "/auth/me"))["user"]["username"] == "ann"
