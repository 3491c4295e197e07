"""A recorded call as a command of curl and as Python: what is pasted runs, and holds no secret."""

from __future__ import annotations

import base64
import shlex

from api_client.inspect.records import CallRecord
from api_client.inspect.redaction import Redactor

TOKEN_VARIABLE, COOKIE_VARIABLE = "PARLOUR_TOKEN", "PARLOUR_COOKIE"

_MADE_ANEW = frozenset({"host", "content-length", "connection", "accept-encoding", "x-request-id", "transfer-encoding"})
"""Headers that whoever repeats the call writes by itself."""
_SIGNS_IN = {"authorization": TOKEN_VARIABLE, "cookie": COOKIE_VARIABLE}
_CONTINUED = " \\\n  "


def as_curl(call: CallRecord, redactor: Redactor) -> str:
    """Return the command for a POSIX shell that repeats `call`; the token is `$PARLOUR_TOKEN` of whoever runs it.

    A body that is no plain text comes in base64 through a pipe; one that was not kept whole is expected on standard
    input.
    """
    words = ["curl --globoff --path-as-is"]
    if call.request_headers.get("accept-encoding"):
        words[0] += " --compressed"
    body = _body(call, redactor)
    if call.method == "HEAD":
        words[0] += " --head"
    elif call.method != ("GET" if body is None else "POST"):
        words[0] += f" --request {shlex.quote(call.method)}"
    words.append(f"--url {shlex.quote(redactor.url(call.url))}")
    typed = False
    for name, value in call.request_headers:
        lower = name.lower()
        typed = typed or lower == "content-type"
        if lower in _SIGNS_IN:
            # In double quotes, so that the shell puts in what is not to be written down here.
            words.append(f'--header "{name.title()}: {_scheme(value, lower)}${_SIGNS_IN[lower]}"')
        elif lower not in _MADE_ANEW:
            shown = redactor.header(name, value)
            words.append("--header " + shlex.quote(f"{name}: {shown}" if shown else f"{name};"))
    if body is not None and not typed:
        # Without one, curl would say that it is a form.
        words.append("--header 'Content-Type:'")
    if body is None:
        return _CONTINUED.join(words)
    text = _plain(body)
    if text is not None and _is_whole(call):
        return _CONTINUED.join((*words, f"--data-raw {shlex.quote(text)}"))
    words.append("--data-binary @-")
    if not _is_whole(call):
        return _CONTINUED.join(words)
    return f"printf %s {shlex.quote(base64.b64encode(body).decode('ascii'))} | base64 -d |\n" + _CONTINUED.join(words)


def as_python(call: CallRecord, redactor: Redactor) -> str:
    """Return a program of httpx that repeats `call`; the token is taken from `PARLOUR_TOKEN`."""
    body, headers, modules = _body(call, redactor), [], set()
    for name, value in call.request_headers:
        lower = name.lower()
        if lower in _SIGNS_IN:
            modules.add("os")
            headers.append(f'        ({name!a}, {_scheme(value, lower)!a} + os.environ["{_SIGNS_IN[lower]}"]),')
        elif lower not in _MADE_ANEW:
            headers.append(f"        ({name!a}, {redactor.header(name, value)!a}),")
    lines = ["response = httpx.request(", f"    {call.method!a},", f"    {redactor.url(call.url)!a},"]
    if headers:
        lines += ["    headers=[", *headers, "    ],"]
    if body is not None and not _is_whole(call):
        modules.add("sys")
        lines.append("    content=sys.stdin.buffer.read(),")
    elif body is not None and (text := _plain(body)) is not None:
        lines.append(f"    content={text!a},")
    elif body is not None:
        modules.add("base64")
        lines.append(f'    content=base64.b64decode("{base64.b64encode(body).decode("ascii")}"),')
    lines += [")", "print(response.status_code, response.text)"]
    imports = [f"import {module}" for module in sorted(modules)]
    return "\n".join([*imports, *([""] if imports else []), "import httpx", "", *lines]) + "\n"


def _body(call: CallRecord, redactor: Redactor) -> bytes | None:
    """Return the body, redacted; empty bytes stand for one that was not kept."""
    if call.request_body is None:
        return b"" if call.request_size else None
    media_type = call.request_headers.get("content-type").partition(";")[0].strip().lower()
    return redactor.body(call.request_body, media_type)


def _is_whole(call: CallRecord) -> bool:
    return len(call.request_body or b"") == call.request_size


def _plain(body: bytes) -> str | None:
    """Return a body as text that can be pasted into a terminal without that it does anything there; else None."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\n\t" for character in text) else None


def _scheme(value: str, name: str) -> str:
    scheme, space, _ = value.partition(" ")
    known = name == "authorization" and space and scheme.isalpha()
    return f"{scheme} " if known else ""
