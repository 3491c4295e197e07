"""Which checks there are."""

from __future__ import annotations

from tui.doctor.desktop import look_at_desktop
from tui.doctor.disk import look_at_databases, look_at_folders, look_at_instances
from tui.doctor.files import look_at_files
from tui.doctor.findings import Check
from tui.doctor.platform import look_at_platform, look_at_socket
from tui.doctor.secrets import look_at_secrets
from tui.doctor.sound import look_at_sound
from tui.doctor.terminal import look_at_terminal
from tui.doctor.versions import look_at_versions

_DISK = "A disk that does not answer: a share of the network that is away, or a broken drive."

FIRST: tuple[Check, ...] = (Check("disk", "folders", look_at_folders, 2.0, _DISK),)
"""What is looked at before anything else touches it."""

CHECKS: tuple[Check, ...] = (
    Check("platform", "platform", look_at_platform, 9.5, "Try `parlour doctor --url` with another platform."),
    Check(
        "platform", "live connection", look_at_socket, 4.5, "The platform, or the keyring before it, does not answer."
    ),
    Check("secrets", "keyring", look_at_secrets, 8.0, "Unlock the keyring, or set PARLOUR_PASSPHRASE."),
    Check("disk", "databases", look_at_databases, 4.5, _DISK),
    Check("disk", "other instances", look_at_instances, 2.0, _DISK),
    Check("sound", "sound", look_at_sound, 4.5, "A sound server that hangs is the usual reason."),
    Check("desktop", "desktop", look_at_desktop, 4.5, "Sign in to the desktop anew."),
    Check("terminal", "terminal", look_at_terminal, 4.5, "The terminal, or tmux, does not answer."),
    Check("files", "settings", look_at_files, 4.5, _DISK),
    Check("versions", "versions", look_at_versions, 3.0, _DISK),
)
"""What is looked at beside each other; each has less time than people have patience."""
