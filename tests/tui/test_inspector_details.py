"""What is told of one call: bodies as trees that open piece by piece, times as bars, requests as text, differences."""

from __future__ import annotations

import itertools
import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from api_client.inspect.causes import Cause
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import CallRecord, FrameRecord, Headers, Phases
from tui.screens.inspector_parts import RowRenderer
from tui.state.inspector import InspectorStore
from tui.state.inspector_bodies import read_body
from tui.state.inspector_compare import Comparison
from tui.state.inspector_details import Details
from tui.state.inspector_requests import request_of, whole_body
from tui.state.inspector_rows import ActionGroup, Row
from tui.state.json_tree import PAGE, JsonTree, Line, read_json
from tui.state.raw_request import METHODS, OWN_HEADERS, RawRequest, Unreadable, from_text, to_text
from tui.state.waterfall import bars, felt, spans_of
from widgets.item_renderer import RenderContext

MS = 1_000_000
TEXT = st.text('ab{}[]",:\\\n\u2028é😀', max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


def tree_of(value: object) -> JsonTree:
    return JsonTree("body", value, 1, lambda _name, shown: shown)


def unfolded(tree: JsonTree) -> list[Line]:
    """Return all lines of a tree, everything opened."""
    lines = tree.top()
    while (key := next((line.key for line in lines if tree.can_open(line.key)), None)) is not None:
        at = next(at for at, line in enumerate(lines) if line.key == key)
        lines[at + (not key.endswith(":more")) : at + 1] = tree.open(key)
    return lines


@settings(max_examples=25, deadline=None)
@given(JSON, st.sampled_from([None, 2]))
def test_reading_piece_by_piece_gives_what_the_library_gives(value: object, indent: int | None) -> None:
    assert read_json(json.dumps(value, indent=indent)) == value


@settings(max_examples=25, deadline=None)
@given(JSON, st.data())
def test_of_a_body_that_was_cut_off_what_is_whole_is_read(value: object, data: st.DataObject) -> None:
    text = json.dumps({"data": value, "more": [value]})
    cut = text[: data.draw(st.integers(1, len(text)))]
    found = read_json(cut, cut=True)
    assert isinstance(found, dict)
    assert set(found) <= {"data", "more"}


@given(st.text(alphabet='{}[]",:0123 ae', max_size=30))
def test_what_is_no_json_is_refused_as_the_library_refuses_it(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind the library raises
            read_json(text)
    else:
        assert read_json(text) == expected


@settings(max_examples=25, deadline=None)
@given(JSON)
def test_opening_everything_lists_every_leaf_once_under_keys_of_its_own(value: object) -> None:
    lines = unfolded(tree_of({"value": value}))
    keys = [line.key for line in lines]
    assert len(keys) == len(set(keys))

    def leaves(inner: object) -> int:
        if isinstance(inner, dict):
            return sum(leaves(each) for each in inner.values()) + 1
        return sum(map(leaves, inner)) + 1 if isinstance(inner, list) else 1

    assert sum(bool(line.name) for line in lines) >= min(leaves(value), 1)


def test_eight_megabytes_open_at_once_and_a_page_at_a_time() -> None:
    body = json.dumps({"data": {"items": [{"id": number, "caption": "x" * 60} for number in range(100_000)]}})
    assert len(body) > 8_000_000
    tree = tree_of(read_json(body))
    first = tree.top()
    assert len(first) < PAGE
    items = next(line for line in first if line.name == "items")
    assert items.value == "[100,000]"
    page = tree.open(items.key)
    assert len(page) == PAGE + 1
    assert page[-1].value.startswith("… 99,800 more")
    assert tree.open(page[-1].key)[0].name == str(PAGE)


def test_text_of_a_stranger_cannot_steer_the_terminal() -> None:
    lines = unfolded(tree_of({"a\x1b[2J": "b\x1b]0;title\x07", "long": "\x1b[31m" + "y" * 500}))
    assert not [line for line in lines if "\x1b" in line.name + line.value or "\x07" in line.value]


# -- requests as text

_NAMES = st.text(alphabet=string.ascii_letters + "-", min_size=1, max_size=12).filter(
    lambda name: name.lower() not in OWN_HEADERS
)
_VALUES = st.text(alphabet=string.ascii_letters + " ;=/", max_size=20).map(str.strip)
_BODIES = TEXT
_PATHS = st.text(alphabet=string.ascii_letters + "/?=&%_-", max_size=30).map(lambda rest: "/a" + rest)


@given(st.builds(RawRequest, st.sampled_from(METHODS), _PATHS, st.dictionaries(_NAMES, _VALUES, max_size=4), _BODIES))
def test_a_request_survives_being_written_down(request: RawRequest) -> None:
    assert from_text(to_text(request)) == request


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1"),
        ("FETCH /a", "Line 1: FETCH"),
        ("GET https://evil.example/a", "this platform only"),
        ("GET //evil.example/a", "this platform only"),
        ("GET /\\evil.example", "this platform only"),
        ("GET /a\nno header", "Line 2"),
        ("GET /a\nX-A: 1\nAuthorization: Bearer x", "Line 3: Authorization is set by Parlour"),
        ("GET /a\nHost: evil.example", "Line 2"),
        ("GET /a b", "%20"),
        ("GET /ä", "%20"),
    ],
)
def test_what_is_no_request_to_this_platform_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        from_text(text)


# -- times


def call_of(**changes: object) -> CallRecord:
    phases = Phases(blocked=MS, send=MS, wait=5 * MS, receive=2 * MS)
    call = CallRecord(1, "feed.page", "GET", "http://127.0.0.1:3000/api/v1/feed?limit=2", 100 * MS, phases=phases)
    call.ended, call.status, call.parsed_ns = 110 * MS, 200, MS
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def test_the_times_of_a_call_follow_each_other_without_a_hole() -> None:
    spans = spans_of(call_of())
    assert [span.name for span in spans][-2:] == ["client", "reading it"]
    assert spans[0].start == 100 * MS
    assert all(before.end == after.start for before, after in itertools.pairwise(spans))
    assert spans[-1].end == 111 * MS
    shares = bars(spans, 100 * MS, 111 * MS)
    assert shares[0][0] == 0.0
    assert shares[-1][1] == 1.0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), min_size=1, max_size=6), st.integers(0, 30))
def test_the_parts_of_an_action_are_never_more_than_all_of_it(calls: list[tuple[int, int]], painted: int) -> None:
    found = []
    for number, (start, wait) in enumerate(calls, 1):
        call = call_of(id=number, started=(10 + start) * MS, phases=Phases(wait=wait * MS), parsed_ns=0)
        call.ended = (10 + start + wait) * MS
        found.append(call)
    group = ActionGroup(Cause("item.positive", "like", 1, 5 * MS), calls=len(found))
    group.ended = max(call.ended or 0 for call in found)
    group.painted = group.ended + painted * MS
    sums = felt(group, found)
    assert sums is not None
    assert sums.before + sums.wait + sums.parse + (sums.paint or 0) + sums.other == sums.total
    assert sums.total == group.painted - 5 * MS


# -- the whole of it

SECRET = "s3cret-canary-4711"


def store_of(*calls: CallRecord) -> InspectorStore:
    recorder = Recorder()
    recorder.redactor.add(SECRET, "token")
    for call in calls:
        recorder.started(call)
        recorder.ended(call)
    return InspectorStore(recorder)


def lines_of(details: Details | Comparison) -> list[Line]:
    details.read()
    bodies = details.body_lines()
    return [each for line in details.top() for each in (line, *bodies.get(line.key, []))]


def secret_call(number: int = 1, name: str = "Ann") -> CallRecord:
    reply = json.dumps(
        {SECRET: 1, "data": {"name": name, "accessToken": SECRET, "items": [{"id": 1, "note": f"has {SECRET}"}]}}
    )
    return call_of(
        id=number,
        url=f"http://127.0.0.1:3000/media/x?token={SECRET}",
        request_headers=Headers.of([("Authorization", f"Bearer {SECRET}"), ("Accept", "application/json")]),
        request_body=json.dumps({"password": SECRET}).encode(),
        request_size=len(json.dumps({"password": SECRET})),
        response_headers=Headers.of([("Content-Type", "application/json"), ("Set-Cookie", f"sid={SECRET}")]),
        body=reply.encode(),
        body_size=len(reply),
        wire_size=len(reply),
    )


def test_everything_is_told_of_a_call_except_secrets_unless_they_are_asked_for() -> None:
    call = secret_call()
    store = store_of(call)
    lines = lines_of(Details(store, Row("call:1", call)))
    told = "\n".join(f"{line.name}: {line.value}" for line in lines)
    assert SECRET not in told
    for words in ("status: 200 OK", "waiting", "Accept: application/json", 'name: "Ann"', "items: [1]"):
        assert words in told
    store.reveals = True
    shown = lines_of(Details(store, Row("call:1", call)))
    assert SECRET in "\n".join(line.value for line in shown)


def test_the_sentence_of_a_failure_stands_with_it_and_a_cut_body_says_so() -> None:
    call = call_of(body=b'{"data": [1, 2, 3', body_size=900, wire_size=900, status=500)
    call.response_headers = Headers.of([("content-type", "application/json")])
    told = "\n".join(f"{line.name}: {line.value}" for line in lines_of(Details(store_of(call), Row("call:1", call))))
    assert "Only the first 17 of 900 bytes were kept." in told
    assert "1: 2" in told
    assert "500 Internal Server Error" in told


def test_two_replies_are_compared_by_what_they_mean_and_without_secrets() -> None:
    one, other = secret_call(1), secret_call(2, name="Eve")
    store = store_of(one, other)
    comparison = Comparison(other, one, store.recorder.redactor)
    lines = lines_of(comparison)
    changed = [line for line in lines if line.key.startswith("differences:")]
    assert [(line.name, line.value) for line in changed] == [(".data.name", '"Ann" → "Eve"')]
    assert SECRET not in "\n".join(line.value for line in lines)


def test_a_call_is_sent_again_without_what_makes_it_one_of_a_kind() -> None:
    call = secret_call()
    call.method = "POST"
    again = request_of(call)
    assert again.path == f"/media/x?token={SECRET}"
    assert list(again.headers) == ["Accept"]
    assert whole_body(call)
    call.request_size += 1
    assert not whole_body(call)


def test_a_secret_that_a_line_has_no_room_for_is_not_shown_in_part() -> None:
    store = store_of()
    frame = FrameRecord(7, 1, "sent", 100 * MS, json.dumps({"type": "auth", "ticket": "x" * 20, "t": SECRET}), 90)
    renderer = RowRenderer(lambda url: url, store.recorder.redactor.text)
    for width in (40, 60, 80, 120):
        context = RenderContext(width, lambda _: Style.null(), False, 0, 0.0)
        line = renderer.render(Row("frame:7", frame), context)[0].text
        assert SECRET[:6] not in line
        assert "xxxx" not in line


def test_bytes_that_are_no_text_lose_their_secrets_too() -> None:
    data = b"\x00\xff" + SECRET.encode() + b"\xfe"
    body = read_body(data, "application/octet-stream", len(data), store_of().recorder.redactor)
    assert SECRET.encode() not in body.raw
