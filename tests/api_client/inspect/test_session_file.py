"""Recordings as files: what goes in comes out, and what is damaged is told with its line."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_client.inspect.session_file import (
    ActionLine,
    CallLine,
    Content,
    EndLine,
    FrameLine,
    Header,
    Line,
    Session,
    SessionFileError,
    SocketLine,
    content_of,
    create,
    line_of,
    read_session,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=30),
    JSON_VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"", b"null", b'"\\ud800"', b"[1e999]", b"12345678901234567890", b'{"a":1,"a":2}', b"NaN", b"\xff"]
    ),
    st.just(b"[" * 300 + b"]" * 300),
)
MOMENTS = st.floats(0, 1e9, allow_nan=False)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3)
CALLS = st.builds(
    CallLine,
    at=MOMENTS,
    number=st.integers(0, 9999),
    name=TEXTS,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    url=TEXTS.map(lambda text: f"http://x/{text}"),
    headers=PAIRS,
    body=BODIES.map(content_of) | st.none(),
    status=st.none() | st.integers(100, 599),
    reply_headers=PAIRS,
    reply=st.builds(content_of, BODIES, cut=st.booleans()) | st.none(),
    took=MOMENTS,
    cause=st.none() | st.integers(0, 99),
    error=st.none() | TEXTS,
)
FRAMES = st.builds(
    FrameLine,
    at=MOMENTS,
    socket=st.integers(0, 9),
    direction=st.sampled_from(["sent", "received"]),
    content=BODIES.map(content_of),
)
ACTIONS = st.builds(ActionLine, at=MOMENTS, number=st.integers(0, 99), id=TEXTS, label=TEXTS)
SOCKETS = st.builds(SocketLine, at=MOMENTS, socket=st.integers(0, 9), event=st.sampled_from(["opened", "closed"]))

HEADER = Header(platform="http://127.0.0.1:3000/api/v1", username="ann", parlour="0.1.0")
CALL = CallLine(at=1.0, number=1, name="posts.get", method="GET", url="http://x/y", status=200, reply=content_of(b"{}"))


def written(path: Path, *lines: Line) -> Path:
    path.write_bytes(b"".join(map(line_of, lines)))
    return path


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CALLS | FRAMES | ACTIONS | SOCKETS, max_size=4))
def test_what_is_written_is_read_again(tmp_path: Path, entries: list[Line]) -> None:
    session = read_session(written(tmp_path / "s.jsonl", HEADER, *entries, EndLine(at=5.0, calls=1)))
    assert (session.header, session.complaint) == (HEADER, "")
    found: list[Line] = [*session.actions, *session.calls, *session.frames, *session.sockets]
    assert sorted(map(line_of, found)) == sorted(map(line_of, entries))


@settings(max_examples=30, deadline=None)
@given(BODIES)
def test_a_body_keeps_its_meaning(body: bytes) -> None:
    content = content_of(body)
    assert content is not None
    again = content.bytes_()
    assert again == body or json.loads(again) == json.loads(body)
    assert content_of(again) == content


@settings(max_examples=30, deadline=None)
@given(CALLS | FRAMES)
def test_a_line_is_ascii_and_one_line(entry: Line) -> None:
    line = line_of(entry)
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert b"\x1b" not in line


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_cut_anywhere_gives_what_stands_before_the_cut(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path / "s.jsonl", HEADER, CALL, ActionLine(at=2.0, number=1, id="a"), EndLine(at=3.0))
    whole = path.read_bytes()
    cut = data.draw(st.integers(len(line_of(HEADER)), len(whole) - 1))
    path.write_bytes(whole[:cut])
    session = read_session(path)
    lines = whole[:cut].count(b"\n")
    assert len(session.calls) == (lines >= 2 or whole[:cut].endswith(line_of(CALL)[:-1]))
    # The file may end in the middle of a line, behind a whole one, or only without the last end of a line.
    assert session.complaint.startswith(str(path)) or session.end is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.integers(0, 2))
def test_a_strange_line_is_complained_of_with_its_number_and_nothing_else_happens(
    tmp_path: Path, strange: bytes, place: int
) -> None:
    lines = [line_of(HEADER), line_of(CALL), line_of(EndLine(at=3.0))]
    lines.insert(place, strange.replace(b"\n", b"") + b"\n")
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"".join(lines))
    try:
        session = read_session(path)
    except SessionFileError as error:
        assert error.line == place + 1  # noqa: PT017 - passing over an empty line is right as well
    else:
        assert not strange.strip()
        assert session.calls == [CALL]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("{}\n", ":1: this is not a recording of Parlour"),
        ('{"log": {"version": "1.2"}}\n', ":1: this is not a recording of Parlour"),
        ('{"kind":"session","schema":"parlour.session/9","platform":"x"}\n', "another version of Parlour"),
        ('{"kind":"session","schema":"parlour.session/1"}\n', ":1: platform: Field required"),
        ("HEADER[1,\n", ":2:4: this is not JSON"),
        ("HEADER[]\n", ":2: this line does not say what it is"),
        ("HEADER" + "[" * 50_000 + "\n", ":2: this is not JSON as it is written here"),
        ('HEADER{"kind":"call","at":1,"number":1,"name":"x","method":"GET /","url":""}\n', ":2: method: "),
        ('HEADER{"kind":"call","at":-1,"number":1,"name":"x","method":"GET","url":""}\n', ":2: at: "),
        ('HEADER{"kind":"call","at":NaN,"number":1}\n', ":2: this is not JSON"),
        ('HEADER{"kind":"frame","at":1,"socket":1,"direction":"sent","content":{"base64":"?"}}\n', ":2: content"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(text.replace("HEADER", line_of(HEADER).decode()))
    with pytest.raises(SessionFileError) as raised:
        read_session(path)
    assert says in str(raised.value)


def test_lines_of_a_newer_parlour_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "s.jsonl", HEADER, CALL)
    with path.open("ab") as file:
        file.write(b'{"kind":"screen","at":1,"svg":"<svg/>"}\n' + line_of(EndLine(at=2.0)))
    assert read_session(path).calls == [CALL]


def test_entries_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    late, early = CALL.model_copy(update={"at": 9.0}), CALL.model_copy(update={"at": 2.0})
    assert [call.at for call in read_session(written(tmp_path / "s.jsonl", HEADER, late, early)).calls] == [2.0, 9.0]


def test_a_new_recording_belongs_to_its_owner_and_leaves_alone_what_exists(tmp_path: Path) -> None:
    import os

    path = tmp_path / "s.jsonl"
    os.close(create(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create(path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        create(link)
    assert not (tmp_path / "elsewhere").exists()


def test_null_is_a_body(tmp_path: Path) -> None:
    call = CALL.model_copy(update={"reply": content_of(b"null")})
    (read,) = read_session(written(tmp_path / "s.jsonl", HEADER, call)).calls
    assert read.reply == Content.model_construct(json_=None)
    assert isinstance(read_session(tmp_path / "s.jsonl"), Session)


@pytest.mark.parametrize("address", ["http://[x/y", "http://x:port/y", "//[secret:12ab]/y"])
def test_addresses_that_are_none_are_complained_of(tmp_path: Path, address: str) -> None:
    call = line_of(CALL).replace(b"http://x/y", address.encode())
    path = tmp_path / "s.jsonl"
    path.write_bytes(line_of(HEADER) + call)
    with pytest.raises(SessionFileError, match=r"s\.jsonl:2: url: .*this is no address"):
        read_session(path)
    path.write_bytes(line_of(HEADER).replace(b"http://127.0.0.1:3000/api/v1", address.encode()))
    with pytest.raises(SessionFileError, match=r"s\.jsonl:1: platform: .*this is no address"):
        read_session(path)
