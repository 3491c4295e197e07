"""Opening links: http and https only, shown with their real host first, never through a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

LONGEST = 2048


def refusal(url: str) -> str | None:
    """Return why `url` is not opened, as a sentence; None if it may be."""
    if len(url) > LONGEST or any(ord(character) <= 32 or ord(character) == 127 for character in url):
        return "This link is not a web address."
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "This link is not a web address."
    if parts.scheme not in ("http", "https") or not host:
        return "Only web links (http and https) are opened."
    if parts.username is not None:
        return f"This link hides where it leads: it goes to {real_host(url)}, whatever stands before the @."
    return None


def real_host(url: str) -> str:
    """Return the host of `url` as the network sees it: look-alike letters become punycode."""
    host = urlsplit(url).hostname or ""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode("ascii")


def browser_command() -> list[str] | None:
    """Return the words of the command that opens a web page here; None where there is none, as over SSH."""
    if chosen := os.environ.get("BROWSER"):
        try:
            words = shlex.split(chosen.split(os.pathsep)[0])
        except ValueError:
            words = []
        if words and shutil.which(words[0]):
            return [word for word in words if word != "%s"]
    if "SSH_CONNECTION" in os.environ:
        return None
    if sys.platform == "darwin":
        return ["open"]
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ["xdg-open"] if shutil.which("xdg-open") else None
    return None


def open_in_browser(url: str) -> bool:
    """Open `url`, which `refusal` has let pass; return whether there was something to open it with."""
    command = browser_command()
    if command is None:
        return False
    try:
        subprocess.Popen(
            [*command, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
