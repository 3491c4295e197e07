"""Where tokens live: the first rung of the ladder that holds, and the words that say which.

OS keyring, else a file encrypted with the user's passphrase, else memory. A plain file only where it was asked for with
--insecure-storage. The rung is chosen once, before signing in, and never changes to a weaker one in silence.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from tui.paths import write_private

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

T = TypeVar("T")

SERVICE = "parlour"
ANSWER_WITHIN = 2.0
"""Seconds a keyring may take; a hung Secret Service never answers at all."""

# Backends that keep a secret secret. Others, such as keyrings.alt, may write plain text without saying so.
_TRUSTED = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)


class SecretsUnavailable(Exception):
    """A secret could not be read or written; the message says why, in words that fit behind a colon."""


class SecretStore(Protocol):
    """One rung of the ladder."""

    @property
    def where(self) -> str:
        """Where the secrets are, in words that fit `Your sign-in is kept ...`."""

    async def load(self, key: str) -> str | None:
        """Return the secret kept under `key`. Raises SecretsUnavailable."""

    async def save(self, key: str, secret: str) -> None:
        """Keep `secret` under `key`. Raises SecretsUnavailable."""

    async def delete(self, key: str) -> None:
        """Forget `key`; no error if it is not there. Raises SecretsUnavailable."""


class MemorySecrets:
    """Kept until the program ends."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        """Why it is no better place, in words that fit inside a sentence."""
        self._kept: dict[str, str] = {}

    @property
    def where(self) -> str:
        return f"in memory, until you leave ({self.reason})"

    async def load(self, key: str) -> str | None:
        return self._kept.get(key)

    async def save(self, key: str, secret: str) -> None:
        self._kept[key] = secret

    async def delete(self, key: str) -> None:
        self._kept.pop(key, None)


class KeyringSecrets:
    """The keyring of the operating system."""

    def __init__(self, backend: str) -> None:
        self._backend = backend

    @property
    def where(self) -> str:
        return f"in the keyring of this system ({self._backend})"

    async def load(self, key: str) -> str | None:
        import keyring

        return await _within_limit(lambda: keyring.get_password(SERVICE, key))

    async def save(self, key: str, secret: str) -> None:
        import keyring

        await _within_limit(lambda: keyring.set_password(SERVICE, key, secret))

    async def delete(self, key: str) -> None:
        import keyring
        import keyring.errors

        def forget() -> None:
            with contextlib.suppress(keyring.errors.PasswordDeleteError):
                keyring.delete_password(SERVICE, key)

        await _within_limit(forget)


class FileSecrets:
    """A file of mode 0600, encrypted with a passphrase, or plain where the user asked for that."""

    def __init__(self, path: Path, passphrase: str | None) -> None:
        self._path = path
        self._passphrase = passphrase
        self._changing = threading.Lock()

    @property
    def where(self) -> str:
        form = "encrypted with your passphrase" if self._passphrase else "NOT encrypted (--insecure-storage)"
        return f"in {self._path}, {form}"

    async def load(self, key: str) -> str | None:
        return (await asyncio.to_thread(self._read)).get(key)

    async def save(self, key: str, secret: str) -> None:
        await asyncio.to_thread(self._change, key, secret)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._change, key, None)

    def _change(self, key: str, secret: str | None) -> None:
        with self._changing:
            self._change_alone(key, secret)

    def _change_alone(self, key: str, secret: str | None) -> None:
        kept = self._read()
        if secret is None:
            kept.pop(key, None)
        else:
            kept[key] = secret
        text = json.dumps(kept)
        try:
            write_private(self._path, self._encrypt(text) if self._passphrase else text)
        except OSError as error:
            raise SecretsUnavailable(f"{self._path} cannot be written: {error.strerror}") from error

    def _read(self) -> dict[str, str]:
        try:
            text = self._path.read_text(encoding="utf-8")
            kept = json.loads(self._decrypt(text) if self._passphrase else text)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            how = " with this passphrase" if self._passphrase else ""
            raise SecretsUnavailable(f"{self._path} cannot be read{how}") from error
        return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}

    def _encrypt(self, text: str) -> str:
        salt = os.urandom(16)
        return json.dumps(
            {"salt": base64.b64encode(salt).decode(), "box": self._fernet(salt).encrypt(text.encode()).decode()}
        )

    def _decrypt(self, text: str) -> str:
        from cryptography.fernet import InvalidToken

        sealed = json.loads(text)
        try:
            opened = self._fernet(base64.b64decode(sealed["salt"])).decrypt(sealed["box"].encode())
        except (InvalidToken, KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a box of this passphrase") from error
        return opened.decode()

    def _fernet(self, salt: bytes) -> Fernet:
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        # n, r, p as RFC 7914 and OWASP suggest for interactive use: 64 MiB, about 0.2 s.
        key = Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive((self._passphrase or "").encode())
        return Fernet(base64.urlsafe_b64encode(key))


async def choose_store(data: Path, *, insecure: bool, passphrase: str | None) -> SecretStore:
    """Return the best rung that holds on this machine; it is tried out, not assumed."""
    if insecure:
        return FileSecrets(data / "tokens.json", None)
    try:
        backend = await _within_limit(_probe)
    except SecretsUnavailable as error:
        if passphrase:
            return FileSecrets(data / "tokens.sealed", passphrase)
        return MemorySecrets(str(error))
    return KeyringSecrets(backend)


def _probe() -> str:
    """Return the name of a trusted backend that answers. Raises SecretsUnavailable."""
    import keyring

    backend = keyring.get_keyring()
    candidates = getattr(backend, "backends", None) or [backend]
    best = candidates[0]
    module = type(best).__module__
    if not module.startswith(_TRUSTED):
        if module.startswith("keyring.backends.fail") or module.startswith("keyring.backends.null"):
            raise SecretsUnavailable("this system offers no keyring")
        raise SecretsUnavailable(f"the keyring {module} is not one that keeps secrets")
    keyring.get_password(SERVICE, "probe")
    return str(getattr(best, "name", module))


async def _within_limit(work: Callable[[], T]) -> T:
    """Run `work` on a thread of its own for at most `ANSWER_WITHIN` seconds.

    A thread of asyncio's executor would be joined when the program ends, and a hung keyring would hang the exit; a
    daemon thread is left behind. Raises SecretsUnavailable for every way in which a keyring fails: its errors do not
    share an ancestor (a lost bus is no KeyringError).
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[None] = loop.create_future()
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def tell() -> None:
        if not answer.done():
            answer.set_result(None)

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - handed over to the caller, which translates it
            outcome.put((None, error))
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        await asyncio.wait_for(answer, ANSWER_WITHIN)
    except TimeoutError:
        raise SecretsUnavailable(f"the keyring did not answer within {ANSWER_WITHIN:g} s") from None
    value, error = outcome.get()
    if error is None:
        return value  # type: ignore[return-value]
    if isinstance(error, SecretsUnavailable):
        raise error
    if isinstance(error, Exception):
        raise SecretsUnavailable(f"the keyring does not work here: {type(error).__name__}") from error
    raise error
