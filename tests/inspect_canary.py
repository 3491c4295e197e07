"""A secret that must not get out, and every form in which it could."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

CANARY = 'canary/T0p+"Sécret" %41&=~end'
"""Has something in it for every encoding to change."""
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWNhbmFyeQ"
"""A secret in the shape of a token, which most encodings leave as it is."""


def escaped(canary: str) -> list[str]:
    """Return `canary` plain and as URLs, forms and JSON write it."""
    return [
        canary,
        quote(canary, safe=""),
        re.sub("%[0-9A-F]{2}", lambda escape: escape.group().lower(), quote(canary, safe="")),
        quote(canary),
        quote_plus(canary),
        json.dumps(canary)[1:-1],
        json.dumps(canary, ensure_ascii=False)[1:-1],
        json.dumps(canary)[1:-1].replace("/", "\\/"),
        json.dumps(json.dumps(canary))[3:-3],
    ]


def encoded(canary: str | bytes) -> list[str]:
    """Return `canary` in base64 and base64url, by itself."""
    data = canary.encode() if isinstance(canary, str) else canary
    return [base64.b64encode(data).decode("ascii"), base64.urlsafe_b64encode(data).decode("ascii")]


def forms(canary: str) -> list[str]:
    """Return the forms of `canary` to look for: plain, URL, form, base64, base64url and JSON-escaped.

    Those of base64 are what stays the same whatever stands before and behind the canary.
    """
    found = escaped(canary)
    for shift in range(3):
        whole = canary.encode()[(3 - shift) % 3 :]
        found += encoded(whole[: len(whole) // 3 * 3])
    return list(dict.fromkeys(found))


def survivors(output: str | bytes, *canaries: str) -> list[str]:
    """Return the forms of `canaries` that stand in `output`, of the two above by default; empty where none got out."""
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
    return [form for canary in canaries or (CANARY, TOKEN) for form in forms(canary) if form in text]
