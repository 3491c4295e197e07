"""Opens the way to the desktop, where there is one and the user wants it; loads nothing before that."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.client import PlatformClient
from tui.config import PlayerSection
from tui.player.face import PlayerFace

if TYPE_CHECKING:
    from tui.desktop.desktop import Desktop

NOT_LINUX = "Media keys come over D-Bus, which only Linux desktops have."
NOT_WANTED = "The desktop is left alone: mpris = true in [player] lets media keys reach Parlour."
NO_BUS = "There is no session bus here: media keys and playerctl do not reach Parlour."
OPENING = "The desktop is not reached yet."


def bus_address() -> str | None:
    """Return the address of the session bus, None where there is none, as over SSH or where it is set to nothing."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if address is not None:
        return address or None
    # Where systemd starts the bus, it is here for sessions that were not told.
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    path = os.path.join(runtime, "bus") if runtime else ""
    return f"unix:path={path}" if path and os.path.exists(path) else None


def refusal(settings: PlayerSection) -> str | None:
    """Return why there is no way to the desktop, a sentence; None where there is one."""
    if not settings.mpris and not settings.notify:
        return NOT_WANTED
    if sys.platform != "linux":
        return NOT_LINUX
    return None if bus_address() is not None else NO_BUS


async def open_desktop(
    player: PlayerFace,
    client: PlatformClient,
    settings: PlayerSection,
    folder: Path,
    leave: Callable[[], object],
    in_front: Callable[[], bool | None],
) -> Desktop | None:
    """Return the desktop, which keeps up with the bus by itself from now on; None where there is none to be had.

    Covers are kept in `folder`. `leave` ends the program, `in_front` says whether the terminal has the focus.
    """
    if refusal(settings) is not None:
        return None
    # In a thread: the loop has keys to read meanwhile.
    await asyncio.to_thread(importlib.import_module, "tui.desktop.desktop")
    from tui.desktop.addresses import Addresses
    from tui.desktop.covers import Covers
    from tui.desktop.desktop import Desktop
    from tui.desktop.link import Program, Wishes

    program = Program(leave, Addresses(client, player).play, in_front)
    desktop = Desktop(player, Covers(folder, client.media), Wishes(settings.mpris, settings.notify), program)
    desktop.open()
    return desktop
