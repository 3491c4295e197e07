"""Finds and imports libmpv: the one place that imports `mpv`, late, on a thread, without holding up the program."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from types import ModuleType

from tui.player.engine import EngineUnavailable, missing_libmpv_sentence

_HOMEBREW = ("/opt/homebrew/lib", "/usr/local/lib", "/home/linuxbrew/.linuxbrew/lib")
_lock = threading.Lock()


def library_names(platform: str = sys.platform) -> Sequence[str]:
    """Return what to try, best first. Pythons that are not Homebrew's own do not look into Homebrew's folders."""
    if platform == "win32":
        return ()
    if platform == "darwin":
        found = [f"{folder}/libmpv.{version}dylib" for folder in _HOMEBREW for version in ("2.", "")]
        return ["libmpv.2.dylib", "libmpv.dylib", *found]
    found = [f"{_HOMEBREW[-1]}/libmpv.so.2"]
    return ["libmpv.so.2", "libmpv.so.1", "libmpv.so", *found]


def import_mpv(libraries: Sequence[str] | None = None) -> ModuleType:
    """Return the module `mpv`. To be called on a thread; takes 80 to 200 ms the first time.

    `libraries` are the names or paths to try (default: `library_names()`, then whatever the system finds).
    Raises EngineUnavailable with the sentence to show.
    """
    with _lock:
        if "mpv" in sys.modules:
            return sys.modules["mpv"]
        library = _preload(library_names() if libraries is None else libraries)
        if library is None and libraries is not None:
            raise EngineUnavailable(missing_libmpv_sentence())
        find = ctypes.util.find_library

        def find_preloaded(name: str) -> str | None:
            return library if name == "mpv" and library else find(name)

        ctypes.util.find_library = find_preloaded
        try:
            return importlib.import_module("mpv")
        except (OSError, ImportError) as error:
            raise EngineUnavailable(missing_libmpv_sentence()) from error
        except RuntimeError as error:
            raise EngineUnavailable("libmpv is too old: version 0.33 or newer is needed") from error
        finally:
            ctypes.util.find_library = find


def _preload(names: Sequence[str]) -> str | None:
    """Load the first library that can be loaded and return its name.

    `ctypes.CDLL` keeps the interpreter's lock while the 200 libraries behind libmpv are loaded, which freezes the
    screen for 70 to 140 ms. A ctypes *call* gives the lock away; loading again afterwards takes no time.
    """
    if os.name != "posix":
        return None
    process = ctypes.CDLL(None)
    if not hasattr(process, "dlopen"):
        return None
    process.dlopen.restype = ctypes.c_void_p
    process.dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in names:
        if process.dlopen(os.fsencode(name), os.RTLD_NOW):
            return name
    return None
