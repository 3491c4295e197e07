"""Entering a session by its code, from wherever it is asked for."""

from __future__ import annotations

from api_client.models.together import read_code, written_code
from tui.places import GroupPlace
from tui.shell import Shell


async def join_by_code(shell: Shell, written: str = "") -> None:
    """Ask for the code if none is given, enter its session, and show it. Raises PlatformError."""
    written = (written or await shell.ask("code of the session: ") or "").strip()
    if not written:
        return
    code = read_code(written)
    if code is None:
        shell.say(f"{written} is not a code. One looks like {written_code('BCDFGH')}.", "warning")
        return
    state = await shell.group.join(code)
    others = [f"@{member.user.username}" for member in state.members if member.user.id != shell.session.me.id]
    more = " and others" if len(others) > 3 else ""
    shell.say(f"You listen with {', '.join(others[:3]) or 'nobody yet'}{more}. Your own queue comes back afterwards.")
    shell.open_place(GroupPlace())
