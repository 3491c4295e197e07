"""Looks at the desktop: the session bus, and who is on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.desktop.entrance import bus_address, refusal
from tui.doctor.findings import Finding, Patient, ok, skipped, warning

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

ANSWER_WITHIN = 2.0
"""Seconds for connecting, and for each question."""
PLAYERS = "org.mpris.MediaPlayer2."
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_NOTIFICATIONS = "org.freedesktop.Notifications"
_SECRETS, _DEFAULT_COLLECTION = "org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default"


async def look_at_desktop(patient: Patient) -> Sequence[Finding]:
    """Return whether media keys and notifications get through."""
    settings = patient.loaded.config.player
    if (why := refusal(settings)) is not None:
        return [skipped("desktop.bus", why)]
    # What a bus that is gone, hangs, or is none comes to.
    from dbus_fast import AuthError, DBusError

    try:
        bus = await connected()
        try:
            names = await asyncio.wait_for(_names(bus), ANSWER_WITHIN)
        finally:
            bus.disconnect()
    except TimeoutError:
        advice = (
            "Something listens there and says nothing. Parlour goes on without; signing in to the desktop anew helps."
        )
        return [warning("desktop.bus", f"The session bus does not answer within {ANSWER_WITHIN:g} s.", advice)]
    except (OSError, EOFError, ValueError, DBusError, AuthError) as error:
        advice = (
            "Media keys and playerctl do not reach Parlour. DBUS_SESSION_BUS_ADDRESS may be of a session that is over."
        )
        return [warning("desktop.bus", f"The session bus cannot be reached ({type(error).__name__}).", advice)]
    players = sorted(name.removeprefix(PLAYERS) for name in names if name.startswith(PLAYERS))
    return [ok("desktop.bus", "The session bus answers.", players=players), *_services(names, players, settings)]


def _services(names: Sequence[str], players: Sequence[str], settings: Any) -> list[Finding]:
    found = []
    if settings.mpris:
        others = [name for name in players if not name.startswith("parlour")]
        beside = f" Beside it: {', '.join(others)}; media keys go to the one that played last." if others else ""
        found.append(
            ok("desktop.mpris", f"Media keys and playerctl reach Parlour while it runs.{beside}", players=list(players))
        )
    else:
        found.append(ok("desktop.mpris", "The desktop does not control Parlour: mpris = false in [player]."))
    if not settings.notify:
        found.append(ok("desktop.notifications", "Notifications are off: notify = true in [player] turns them on."))
    elif _NOTIFICATIONS in names:
        found.append(ok("desktop.notifications", "Notifications are shown."))
    else:
        advice = "Start a notification service, such as dunst or mako, or set notify = false in [player]."
        found.append(warning("desktop.notifications", "Nobody here shows notifications.", advice))
    return found


async def connected() -> MessageBus:
    """Return a connection to the session bus.

    Raises OSError, EOFError, ValueError, DBusError, AuthError, and TimeoutError for one that accepts and is silent.
    """
    from dbus_fast.aio import MessageBus

    async with asyncio.timeout(ANSWER_WITHIN):
        return await MessageBus(bus_address()).connect()


async def keyring_is_locked() -> bool | None:
    """Return whether the keyring of the session is locked; None where there is no telling. It is not unlocked."""
    from dbus_fast import AuthError, DBusError, Message, MessageType, Variant

    if bus_address() is None:
        return None
    question = Message(
        destination=_SECRETS,
        path=_DEFAULT_COLLECTION,
        interface="org.freedesktop.DBus.Properties",
        member="Get",
        signature="ss",
        body=["org.freedesktop.Secret.Collection", "Locked"],
    )
    try:
        bus = await connected()
        try:
            reply = await asyncio.wait_for(bus.call(question), ANSWER_WITHIN)
        finally:
            bus.disconnect()
    except (OSError, EOFError, ValueError, DBusError, AuthError, TimeoutError):
        return None
    if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
        return None
    value = reply.body[0] if reply.body else None
    return value.value if isinstance(value, Variant) and isinstance(value.value, bool) else None


async def _names(bus: MessageBus) -> list[str]:
    from dbus_fast import Message

    question = Message(destination=_BUS, path=_BUS_PATH, interface=_BUS, member="ListNames")
    reply = await bus.call(question)
    return [name for name in reply.body[0] if isinstance(name, str)] if reply is not None and reply.body else []
