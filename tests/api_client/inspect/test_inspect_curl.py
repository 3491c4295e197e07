"""Copies as curl and as Python: what a shell and Python make of them is the call, without its secrets."""

from __future__ import annotations

import ast
import base64
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.curl import as_curl, as_python
from api_client.inspect.records import KEPT, CallRecord, Headers
from api_client.inspect.redaction import Redactor
from tests.inspect_canary import CANARY, TOKEN, survivors

NASTY = """it's "$HOME" `id` $(id) \\ ! # ~ * ? [a] {b,c} ; & | < > \t@file -x ünï 🎧"""


def call(body: bytes | None = None, method: str = "POST", url: str = "http://x/y", **headers: str) -> CallRecord:
    return CallRecord(
        1, "posts.create", method, url, 0, request_body=None if body is None else body[:KEPT],
        request_size=len(body or b""),
        request_headers=Headers.of([(name.replace("_", "-"), value) for name, value in headers.items()]),
    )  # fmt: skip


def in_shells(commands: list[str]) -> list[tuple[list[str], bytes]]:
    """Return, for each command, the words and the standard input that curl is given by a shell."""
    script = "curl() { printf 'C'; for word; do printf '%s\\0' \"$word\"; done; printf '\\1'; "
    script += '[ "$last" = - ] || true; case "$*" in *@-*) base64 -w0;; esac; printf "\\2"; }\n'
    env = {"PATH": "/usr/bin:/bin", "PARLOUR_TOKEN": "tok'en $x", "PARLOUR_COOKIE": "s=1", "HOME": "/nowhere"}
    done = subprocess.run(
        ["sh", "-c", script + "\n".join(f"{command} </dev/null" if "|" not in command.split("\n")[0] else command
                                          for command in commands)],
        capture_output=True, env=env, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == b""
    found = []
    for part in done.stdout.split(b"\2")[:-1]:
        words, _, given = part.removeprefix(b"C").partition(b"\1")
        found.append(([word.decode() for word in words.split(b"\0")[:-1]], base64.b64decode(given)))
    return found


def test_the_command_is_as_written_by_hand() -> None:
    record = call(
        b'{"text":"it\'s"}', Host="x", Authorization=f"Bearer {TOKEN}", Content_Type="application/json",
        Accept_Encoding="gzip", X_Request_Id="r", Content_Length="15", Cookie="s=1",
    )  # fmt: skip
    assert as_curl(record, Redactor()) == (
        "curl --globoff --path-as-is --compressed \\\n"
        "  --url http://x/y \\\n"
        '  --header "Authorization: Bearer $PARLOUR_TOKEN" \\\n'
        "  --header 'Content-Type: application/json' \\\n"
        '  --header "Cookie: $PARLOUR_COOKIE" \\\n'
        '  --data-raw \'{"text":"it\'"\'"\'s"}\''
    )
    assert as_curl(call(method="GET", url="http://x/y?a=1&b=2"), Redactor()) == (
        "curl --globoff --path-as-is \\\n  --url 'http://x/y?a=1&b=2'"
    )
    assert "--request DELETE" in as_curl(call(method="DELETE"), Redactor())
    assert "--head" in as_curl(call(method="HEAD"), Redactor())


def test_the_program_is_as_written_by_hand() -> None:
    record = call(b'{"a":1}', Authorization=f"Bearer {TOKEN}", Content_Type="application/json", Host="x")
    assert as_python(record, Redactor()) == (
        "import os\n\nimport httpx\n\nresponse = httpx.request(\n    'POST',\n    'http://x/y',\n    headers=[\n"
        "        ('Authorization', 'Bearer ' + os.environ[\"PARLOUR_TOKEN\"]),\n"
        "        ('Content-Type', 'application/json'),\n    ],\n    content='{\"a\":1}',\n)\n"
        "print(response.status_code, response.text)\n"
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.just(NASTY)
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20).map(str.strip)
CALLS = st.lists(
    st.tuples(TEXTS.map(str.encode) | st.binary(max_size=40), LINES, st.sampled_from(["POST", "PUT", "PATCH"])),
    min_size=15,
    max_size=15,
)


@settings(max_examples=12)
@given(CALLS)
def test_a_shell_gives_curl_the_call_whatever_is_in_it(calls: list[tuple[bytes, str, str]]) -> None:
    redactor = Redactor()
    records = [
        call(body, method, f"http://x/y?q={number}&z='$(id)'", X_Text=text, Authorization="Bearer t")
        for number, (body, text, method) in enumerate(calls)
    ]
    assert len(records) == 15
    for record, (words, given_bytes) in zip(
        records, in_shells([as_curl(record, redactor) for record in records]), strict=True
    ):
        shown = redactor.body(record.request_body or b"")
        assert words[words.index("--url") + 1] == record.url
        headers = [words[place + 1] for place, word in enumerate(words) if word == "--header"]
        text = redactor.header("X-Text", record.request_headers.get("x-text"))
        assert headers == [f"X-Text: {text}" if text else "X-Text;", "Authorization: Bearer tok'en $x", "Content-Type:"]
        assert (record.method == "POST") is ("--request" not in words)
        if "--data-raw" in words:
            assert words[words.index("--data-raw") + 1].encode() == shown
        else:
            assert words[-2:] == ["--data-binary", "@-"]
            assert given_bytes == shown


def arguments(program: str) -> dict[str, Any]:
    """Return what the program gives httpx, its constants evaluated."""
    (made,) = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call) and _is_request(node)]
    found: dict[str, Any] = {"method": ast.literal_eval(made.args[0]), "url": ast.literal_eval(made.args[1])}
    for keyword in made.keywords:
        if keyword.arg == "content" and isinstance(keyword.value, ast.Call):
            found["content"] = base64.b64decode(ast.literal_eval(keyword.value.args[0]))
        elif keyword.arg == "content":
            found["content"] = ast.literal_eval(keyword.value).encode()
        elif isinstance(keyword.value, ast.List):
            found["headers"] = [ast.literal_eval(pair) for pair in keyword.value.elts]
    return found


def _is_request(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "request"


@given(st.binary(max_size=40) | TEXTS.map(str.encode), LINES)
def test_python_gives_httpx_the_call_whatever_is_in_it(body: bytes, text: str) -> None:
    redactor = Redactor()
    program = as_python(call(body, url=f"http://x/y?{NASTY}", X_Text=text), redactor)
    assert program.isascii()
    given_arguments = arguments(program)
    assert given_arguments["content"] == redactor.body(body)
    assert given_arguments["headers"] == [("X-Text", redactor.header("X-Text", text))]
    assert given_arguments["url"] == redactor.url(f"http://x/y?{NASTY}")


@pytest.mark.parametrize("write", [as_curl, as_python])
def test_no_form_of_a_secret_is_in_a_copy(write: Any) -> None:
    record = call(
        f'{{"password":"{TOKEN}","text":"{TOKEN}"}}'.encode(), url=f"http://x/{TOKEN}?sig=s", Cookie=f"s={TOKEN}",
        Authorization=f"Bearer {TOKEN}", X_Echo=CANARY,
    )  # fmt: skip
    assert survivors(write(record, Redactor({TOKEN: "token", CANARY: "password"}))) == []


@pytest.mark.parametrize("body", [b"\x1b[201~; id\n", "\u202egnp".encode(), b"\0", b"\xff"])
def test_what_a_terminal_would_act_on_is_not_pasted(body: bytes) -> None:
    for copy in (as_curl(call(body), Redactor()), as_python(call(body), Redactor())):
        assert all(character.isprintable() or character == "\n" for character in copy)
        assert base64.b64encode(body).decode() in copy


def test_a_body_that_was_not_kept_is_expected_on_standard_input() -> None:
    streamed = call()
    streamed.request_size = 900
    for record in (streamed, call(b"x" * (KEPT + 1))):
        assert as_curl(record, Redactor()).endswith("--data-binary @-")
        assert "sys.stdin.buffer.read()" in as_python(record, Redactor())
