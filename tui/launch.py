"""What was asked for on the command line, in one value that the program starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.config import Config
from tui.keymap import LoadedKeymap
from tui.paths import Paths
from tui.terminal import Terminal

if TYPE_CHECKING:
    from api_client.inspect.fault_spec import FaultSpec
    from tui.curtain import Curtain, LastFrame


@dataclass(frozen=True)
class Launch:
    """How to start."""

    paths: Paths
    terminal: Terminal
    config: Config = field(default_factory=Config)
    keymap: LoadedKeymap = field(default_factory=LoadedKeymap)
    complaints: tuple[str, ...] = ()
    """What was wrong with the user's files; shown once the program is up."""
    url: str | None = None
    """The platform that was asked for; None for the last account's, or the configured one."""
    token: str | None = field(default=None, repr=False)
    """An access token for this run alone."""
    demo: bool = False
    fresh: bool = False
    """Whether the demo begins anew."""
    offline: bool = False
    """Whether the program begins without the network."""
    faults: FaultSpec | None = None
    """What is injected from the start."""
    record: Path | None = None
    """The file that the session is recorded to from the start."""
    last_frame: LastFrame | None = None
    """Where the last frame is kept; None where none may be."""
    curtain: Curtain | None = None
    """The one that is on the terminal already."""
    insecure_storage: bool = False
    passphrase: str | None = field(default=None, repr=False)
