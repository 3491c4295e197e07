"""HAR: what is written, and that those who read it take it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from haralyzer import HarParser
from hypothesis import given
from hypothesis import strategies as st

from api_client.errors import Unreachable
from api_client.inspect.causes import Cause
from api_client.inspect.har import har_json, to_har
from api_client.inspect.records import EPOCH, CallRecord, FrameRecord, Headers, Phases, SocketRecord
from api_client.inspect.redaction import Redactor
from tests.api_client.inspect.har_readers import as_chrome, as_firefox
from tests.inspect_canary import CANARY, TOKEN, survivors

MS = 1_000_000
START = 1_795_196_073_000_000_000 - EPOCH
"""2026-11-20T17:34:33Z, of perf_counter_ns."""


def redactor() -> Redactor:
    return Redactor({CANARY: "password", TOKEN: "token"}, key=b"k")


NOTE = json.dumps({"note": f"x {CANARY}"}).encode()
LIKE = CallRecord(
    1, "posts.like", "POST", "http://127.0.0.1:3000/api/v1/posts/1/like?sig=deadbeef&limit=20&q=#frag", START,
    request_headers=Headers.of(
        [("Host", "127.0.0.1:3000"), ("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json")]
    ),
    request_body=NOTE, request_size=len(NOTE), ended=START + 30 * MS, status=201,
    http_version="HTTP/1.1",
    response_headers=Headers.of([("content-type", "application/json"), ("content-encoding", "gzip"),
                                 ("set-cookie", f"s={CANARY}"), ("vary", "a"), ("vary", "b")]),
    body=b'{"data":{"on":true}}', wire_size=12, body_size=20, cause=Cause("post.vote_up", "Vote up", 7, START),
    phases=Phases(blocked=MS, dns=2 * MS, connect=3 * MS, tls=4 * MS, send=MS // 2, wait=10 * MS, receive=MS // 4),
    connection=5, server=("127.0.0.1", 3000), parsed_ns=MS,
)  # fmt: skip
AGAIN = CallRecord(
    2, "media", "GET", "http://127.0.0.1:3000/media/x.png", START + 40 * MS, ended=START + 41 * MS, status=200,
    response_headers=Headers.of([("content-type", "image/png")]), body=b"\x89PNG\0", wire_size=5, body_size=70_000,
    phases=Phases(blocked=0, send=0, wait=MS, receive=0), reused=True,
)  # fmt: skip
LOST = CallRecord(
    3, "feed.list", "GET", "http://nowhere.invalid/api/v1/feed", START - MS, ended=START + MS,
    error=Unreachable(f"The name of nowhere.invalid is not known. {CANARY}"), phases=Phases(blocked=MS, dns=MS),
)  # fmt: skip
UNDER_WAY = CallRecord(4, "feed.list", "GET", "http://127.0.0.1:3000/api/v1/feed", START)
SOCKET = SocketRecord(
    5, f"ws://127.0.0.1:3000/ws?ticket={CANARY}", START + 2 * MS, status=101, opened=START + 5 * MS,
    request_headers=Headers.of([("Upgrade", "websocket"), ("Cookie", f"s={CANARY}")]),
    response_headers=Headers.of([("Upgrade", "websocket")]), ended=START + 50 * MS,
    phases=Phases(connect=MS, wait=2 * MS), received_bytes=99, error="The live connection broke.",
)  # fmt: skip
FRAMES = [
    FrameRecord(6, 5, "sent", START + 6 * MS, json.dumps({"type": "auth", "token": TOKEN}), 90),
    FrameRecord(7, 5, "received", START + 7 * MS, b"\0\1\2", 3, 2),
    FrameRecord(8, 5, "received", START + 8 * MS, b"", 0, 9),
    FrameRecord(9, 77, "received", START + 9 * MS, "of a socket that is not given", 29),
]


def written() -> dict[str, Any]:
    return json.loads(har_json([LIKE, AGAIN, LOST, UNDER_WAY], FRAMES, [SOCKET], redactor=redactor()))


def test_every_entry_is_as_written_by_hand() -> None:
    lost, like, socket, again = written()["log"]["entries"]
    sig, note = redactor().tag("deadbeef", "signature"), redactor().tag(CANARY)
    assert like == {
        "startedDateTime": "2026-11-20T17:34:33.000000Z",
        "time": 20.75,
        "request": {
            "method": "POST",
            "url": f"http://127.0.0.1:3000/api/v1/posts/1/like?sig={sig}&limit=20&q=",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": "Host", "value": "127.0.0.1:3000"},
                {"name": "Content-Type", "value": "application/json"},
            ],
            "queryString": [
                {"name": "sig", "value": sig},
                {"name": "limit", "value": "20"},
                {"name": "q", "value": ""},
            ],
            "headersSize": LIKE.request_headers.size,
            "bodySize": len(NOTE),
            "postData": {
                "mimeType": "application/json",
                "text": f'{{"note":"x {note}"}}',
            },
        },
        "response": {
            "status": 201,
            "statusText": "Created",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": "content-type", "value": "application/json"},
                {"name": "content-encoding", "value": "gzip"},
                {"name": "vary", "value": "a"},
                {"name": "vary", "value": "b"},
            ],
            "content": {"size": 20, "mimeType": "application/json", "text": '{"data":{"on":true}}', "compression": 8},
            "redirectURL": "",
            "headersSize": LIKE.response_headers.size,
            "bodySize": 12,
            "_transferSize": 12 + LIKE.response_headers.size,
        },
        "cache": {},
        "timings": {"blocked": 1, "dns": 2, "connect": 7, "ssl": 4, "send": 0.5, "wait": 10, "receive": 0.25},
        "serverIPAddress": "127.0.0.1",
        "connection": "3000",
        "_connectionId": "5",
        "_resourceType": "fetch",
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_endpoint": "posts.like",
        "_attempt": 1,
        "_origin": "network",
        "_clientOverhead": 9.25,
        "_parse": 1.0,
        "_action": {"id": "post.vote_up", "label": "Vote up", "number": 7},
    }
    assert again["timings"] == {"blocked": 0, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 1, "receive": 0}
    assert again["time"] == 1
    assert again["response"]["content"] == {
        "size": 70_000, "mimeType": "image/png", "text": "iVBORwA=", "encoding": "base64",
        "comment": "the first 5 of 70000 bytes",
    }  # fmt: skip
    assert lost["response"] == {
        "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        "_transferSize": 0, "_error": f"The name of nowhere.invalid is not known. {note}",
    }  # fmt: skip
    assert lost["timings"] == {"blocked": 1, "dns": 1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": 0}
    assert socket["request"]["url"] == f"ws://127.0.0.1:3000/ws?ticket={note}"
    assert (socket["response"]["status"], socket["_resourceType"], socket["time"]) == (101, "websocket", 48.0)
    token = redactor().tag(TOKEN)
    assert socket["_webSocketMessages"] == [
        {"type": "send", "time": pytest.approx(1_795_196_073.006), "opcode": 1,
         "data": f'{{"type":"auth","token":"{token}"}}'},
        {"type": "receive", "time": pytest.approx(1_795_196_073.007), "opcode": 2, "data": "AAEC"},
        {"type": "receive", "time": pytest.approx(1_795_196_073.008), "opcode": 9, "data": ""},
        {"type": "error", "time": pytest.approx(1_795_196_073.050), "opcode": -1, "data": "The live connection broke."},
    ]  # fmt: skip


def test_what_others_read_is_what_was_written() -> None:
    har = written()
    chrome, firefox = as_chrome(har), as_firefox(har)
    assert [entry["status"] for entry in chrome] == [0, 201, 101, 200]
    assert [len(entry["messages"]) for entry in chrome] == [0, 0, 4, 0]
    assert len(firefox) == 4
    pages = HarParser(har)
    assert pages.har_data["version"] == "1.2"
    assert HarParser.match_request_type(har["log"]["entries"][1], "POST")
    assert HarParser.match_status_code(har["log"]["entries"][1], "201")


@pytest.mark.parametrize(
    "path",
    ["entries.0.time", "entries.1.timings.send", "entries.1.request.headersSize", "entries.1.response.status",
     "entries.1.response.content.size", "entries.1.startedDateTime", "entries.1.cache", "pages"],
)  # fmt: skip
def test_the_readers_of_the_tests_refuse_what_the_browsers_refuse(path: str) -> None:
    har = written()
    *parents, name = path.split(".")
    place: Any = har["log"]
    for parent in parents:
        place = place[int(parent) if parent.isdecimal() else parent]
    del place[name]
    with pytest.raises((KeyError, ValueError, TypeError)):
        as_firefox(har, also=as_chrome(har))


def test_no_form_of_a_secret_is_in_the_file() -> None:
    assert survivors(har_json([LIKE, AGAIN, LOST, UNDER_WAY], FRAMES, [SOCKET], redactor=redactor())) == []


PHASES = st.builds(Phases, *[st.none() | st.integers(0, 10**10)] * 7)


@given(PHASES, st.binary(max_size=20), st.text(max_size=10), st.integers(-(10**9), 10**9))
def test_whatever_was_recorded_is_a_har_that_can_be_read(phases: Phases, body: bytes, text: str, at: int) -> None:
    record = CallRecord(
        1, text, "GET", "http://x/" + text, START + at, request_body=body, request_size=len(body),
        response_headers=Headers([(body, body)]), body=body, body_size=len(body), status=599, phases=phases,
        ended=START + at + 1,
    )  # fmt: skip
    har = json.loads(json.dumps(to_har([record], redactor=Redactor())))
    (entry,) = as_chrome(har)
    timings = har["log"]["entries"][0]["timings"]
    assert min(timings.values()) >= -1
    assert min(timings["send"], timings["wait"], timings["receive"]) >= 0
    assert entry["time"] == pytest.approx(sum(value for name, value in timings.items() if name != "ssl" and value >= 0))
    assert as_firefox(har)


def test_an_address_with_a_user_or_a_secret_as_its_host_is_exported() -> None:
    known = Redactor({"cdn.example": "cookie"}, key=b"k")
    urls = ["https://ann:pass-word@x/y?a=b#c", "https://cdn.example:80/y?a=b", "https://cdn.example@x/y?a=b"]
    calls = [CallRecord(7 + place, "media", "GET", url, START, ended=START) for place, url in enumerate(urls)]
    entries = json.loads(har_json(calls, redactor=known))["log"]["entries"]
    assert [entry["request"]["queryString"] for entry in entries] == [[{"name": "a", "value": "b"}]] * 3
    assert "pass-word" not in entries[0]["request"]["url"]
    assert urlsplit(entries[0]["request"]["url"]).hostname == "x"
    assert urlsplit(entries[2]["request"]["url"]).hostname == "x"
    assert known.url(entries[0]["request"]["url"]) == entries[0]["request"]["url"]
