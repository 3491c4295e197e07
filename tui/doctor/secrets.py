"""Looks at where sign-ins are kept: which place, how fast, and whether what is put there comes back."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence

from tui.doctor.desktop import keyring_is_locked
from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning
from tui.keychain import (
    ANSWER_WITHIN,
    FileSecrets,
    KeyringSecrets,
    MemorySecrets,
    SecretStore,
    SecretsUnavailable,
    choose_store,
)

SLOW_MS = 500.0
"""From when on a keyring is felt."""
PROBE = "doctor-probe"
"""Name under which something is kept for a moment."""
_PASSPHRASE = "PARLOUR_PASSPHRASE"
_PLAIN = "plain file"


async def look_at_secrets(patient: Patient) -> Sequence[Finding]:
    """Return where sign-ins are kept, whether that works, and whether there is one."""
    for name in ("PARLOUR_TOKEN", _PASSPHRASE):
        patient.redactor.add(patient.environment.get(name), "token" if name == "PARLOUR_TOKEN" else "passphrase")
    begun = time.perf_counter()
    passphrase = patient.environment.get(_PASSPHRASE) or None
    store = await choose_store(patient.paths.data, insecure=patient.arguments.insecure_storage, passphrase=passphrase)
    chosen_ms = (time.perf_counter() - begun) * 1_000
    if isinstance(store, MemorySecrets) and chosen_ms > ANSWER_WITHIN * 1_000:
        # Beside all the others it may be the machine that was slow: once more, with everything loaded.
        begun = time.perf_counter()
        store = await choose_store(patient.paths.data, insecure=False, passphrase=passphrase)
        chosen_ms = (time.perf_counter() - begun) * 1_000
    if isinstance(store, MemorySecrets):
        return [await _no_place(store, chosen_ms), _token(patient)]
    return [await _tried(store, chosen_ms, patient, passphrase), await _kept(store, patient), _token(patient)]


async def _no_place(store: MemorySecrets, chosen_ms: float) -> Finding:
    locked = await keyring_is_locked()
    facts: Facts = {"kind": "memory", "reason": store.reason, "locked": locked, "milliseconds": round(chosen_ms, 1)}
    if locked:
        advice = "Unlock the keyring, in the desktop's own program for passwords, or by signing in to the desktop."
        return warning("secrets.store", f"The keyring is locked: {store.reason}.", advice, **facts)
    advice = "PARLOUR_PASSPHRASE keeps sign-ins in an encrypted file, --insecure-storage in a plain one."
    return warning("secrets.store", f"Sign-ins last until you leave: {store.reason}.", advice, **facts)


async def _tried(store: SecretStore, chosen_ms: float, patient: Patient, passphrase: str | None) -> Finding:
    """Put something in, read it back, and take it out."""
    kind = _kind(store, patient)
    # A file is written as a whole: in that of the sign-ins a token that is renewed meanwhile would be lost.
    own = patient.paths.data / f".{PROBE}-{os.getpid()}"
    tried = FileSecrets(own, None if kind == _PLAIN else passphrase) if isinstance(store, FileSecrets) else store
    begun = time.perf_counter()
    try:
        back, left = await _there_and_back(tried, patient)
    except SecretsUnavailable as error:
        advice = "Unlock it, or keep sign-ins elsewhere: PARLOUR_PASSPHRASE encrypts them in a file."
        return problem("secrets.store", f"Sign-ins cannot be kept {store.where}: {error}.", advice, kind=kind)
    finally:
        own.unlink(missing_ok=True)
    took = (time.perf_counter() - begun) * 1_000
    facts: Facts = {"kind": kind, "where": store.where, "milliseconds": round(took, 1), "first_ms": round(chosen_ms, 1)}
    if not back or left:
        advice = "What keeps sign-ins here forgets or alters them. PARLOUR_PASSPHRASE encrypts them in a file instead."
        return problem("secrets.store", f"What is kept {store.where} does not come back as it was.", advice, **facts)
    sentence = f"Sign-ins are kept {store.where}; there and back takes {took:.0f} ms."
    if kind == _PLAIN:
        return warning(
            "secrets.store",
            sentence,
            "Everybody who reads your files can read them. PARLOUR_PASSPHRASE encrypts them.",
            **facts,
        )
    if took > SLOW_MS and isinstance(store, KeyringSecrets):
        return warning("secrets.store", sentence, "The keyring is slow: each start waits for it.", **facts)
    return ok("secrets.store", sentence, **facts)


async def _there_and_back(store: SecretStore, patient: Patient) -> tuple[bool, bool]:
    """Return whether something comes back as it was kept, and whether it is still there once it was taken out."""
    value = secrets.token_urlsafe(12)
    patient.redactor.add(value, "probe")
    await store.save(PROBE, value)
    came_back = await store.load(PROBE) == value
    await store.delete(PROBE)
    return came_back, await store.load(PROBE) is not None


def _kind(store: SecretStore, patient: Patient) -> str:
    if isinstance(store, KeyringSecrets):
        return "keyring"
    return _PLAIN if patient.arguments.insecure_storage else "encrypted file"


async def _kept(store: SecretStore, patient: Patient) -> Finding:
    """Return whether the sign-in of the account used last is there."""
    from tui.signin import KeptTokens

    account = patient.book.last()
    if account is None:
        return skipped("secrets.sign_in", "No account was used on this machine.", "`parlour login` signs in.")
    tokens = KeptTokens(store, account)
    kept = await tokens.load()
    for secret in (kept.access, kept.refresh, kept.cookie) if kept else ():
        patient.redactor.add(secret, "token")
    facts: Facts = {"account": account.username, "url": account.url}
    if kept is None:
        why = f": {tokens.trouble}" if tokens.trouble else ""
        return warning(
            "secrets.sign_in",
            f"The sign-in of {account.username} is not there{why}.",
            "`parlour login` signs in.",
            **facts,
        )
    return ok("secrets.sign_in", f"The sign-in of {account.username} is there.", **facts)


def _token(patient: Patient) -> Finding:
    if patient.environment.get("PARLOUR_TOKEN"):
        return ok("secrets.token", "PARLOUR_TOKEN is set: it is used instead of what is kept.", set=True)
    return ok("secrets.token", "PARLOUR_TOKEN is not set.", set=False)
