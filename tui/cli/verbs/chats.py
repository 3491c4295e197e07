"""Which chat is meant: its id, or whom it is with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.targets import Kind, from_text

if TYPE_CHECKING:
    from tui.cli.account import Here
    from tui.cli.verbs.fetching import Fetcher

_LIKE_AN_ID = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)+")
"""Names have no dashes, and the ids of chats have."""


def is_person(text: str) -> bool:
    """Return whether a chat is named by whom it is with."""
    target = from_text(text, (Kind.CHAT, Kind.USER))
    if target.kind is Kind.USER or text.strip().startswith("@"):
        return True
    return bool(target.others) and not _LIKE_AN_ID.fullmatch(target.id)


async def chat_with(fetch: Fetcher, here: Here, text: str) -> str:
    """Return the id of a chat that there is. Raises CannotGoOn where there is none with that person."""
    if not is_person(text):
        return from_text(text, (Kind.CHAT, Kind.USER)).id
    name = from_text(text, (Kind.USER,)).id
    found = await _direct(fetch, here, name)
    if found is None:
        raise CannotGoOn(f"there is no chat with {name} yet; `parlour send @{name} TEXT` begins one", Exit.FAILED)
    return found


async def user_id(fetch: Fetcher, name: str) -> str:
    """Return the id of a person. Raises PlatformError."""
    return str((await fetch.record("users.profile", {"username": name}))["id"])


async def _direct(fetch: Fetcher, here: Here, name: str) -> str | None:
    from tui.cli.verbs.fetching import Fetcher as Everything

    me = (await here.who()).user_id
    async for chats in Everything(fetch.client).pages("chat.conversations"):
        for chat in chats:
            others = [member for member in chat.get("members") or [] if member.get("userId") != me]
            if chat.get("type") == "direct" and any(
                str(member.get("username")).casefold() == name.casefold() for member in others
            ):
                return str(chat["id"])
    return None
