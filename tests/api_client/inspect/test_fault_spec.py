"""What people type to have faults injected: understood or refused at its column, and written as it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.inspect.fault_spec import PRESETS, BadSpec, FaultSpec, Only, parse_spec

WHOLE = "latency=300ms±100,loss=5%,429=10%,500=5%,cut=30s,duplicate=20%,seed=7,only=POST /posts/*"


def test_a_whole_specification_is_understood() -> None:
    assert parse_spec(WHOLE) == FaultSpec(
        latency=0.3,
        spread=0.1,
        loss=0.05,
        statuses=((429, 0.1), (500, 0.05)),
        cut=30.0,
        duplicate=0.2,
        seed=7,
        only=(Only("POST", "/posts/*"),),
        socket=False,
    )


@pytest.mark.parametrize(
    "text", ["latency=1.5s+-200ms", "latency=1500ms±0.2s", " latency = 1.5s ± 200ms ".replace(" = ", "=")]
)
def test_the_spread_may_be_written_as_people_do(text: str) -> None:
    spec = parse_spec(text)
    assert (spec.latency, round(spec.spread, 9)) == (1.5, 0.2)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "nothing here"),
        ("latency=300", 9, "has a unit"),
        ("latency=300ms±lots", 9, "has a unit"),
        ("latency=90s", 9, "more than 60s"),
        ("loss=5", 6, "percentage"),
        ("loss=5%,429=lots", 13, "percentage"),
        ("loss=101%", 6, "percentage"),
        ("loss=5%, lost=5%", 10, "perhaps loss"),
        ("loss=5%,200=5%", 9, "400 to 599"),
        ("loss=5%,loss=6%", 9, "said twice"),
        ("loss=5%,,seed=1", 9, "missing"),
        ("loss=5%,", 8, "missing"),
        ("loss", 5, "percentage"),
        ("cut=50ms", 5, "at least"),
        ("loss=1%,seed=x", 14, "whole number"),
        ("loss=1%,only=posts", 14, "POST /posts/*"),
        ("loss=1%,only=SHOVE /posts", 14, "no method"),
        ("429=60%,500=60%", 1, "more than 100%"),
        ("seed=7", 1, "injects nothing"),
        ("loss=5%,slow", 9, "alone or first"),
    ],
)
def test_what_is_wrong_is_said_at_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(BadSpec) as caught:
        parse_spec(text)
    assert caught.value.column == column
    assert words in caught.value.sentence
    assert caught.value.pointed.splitlines()[-1] == " " * (column - 1) + "^"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_its_specification_and_may_be_seeded(name: str) -> None:
    assert parse_spec(name) == parse_spec(PRESETS[name][1])
    assert parse_spec(f"{name},seed=9").seed == 9


@pytest.mark.parametrize(
    ("only", "method", "path", "wanted"),
    [
        ("only=POST /posts/*", "POST", "/posts/1/like", True),
        ("only=POST /posts/*", "GET", "/posts/1", False),
        ("only=/feed", "GET", "/feed", True),
        ("only=/feed", "GET", "/feed/2", False),
        ("only=DELETE", "DELETE", "/anything", True),
        ("only=socket", "GET", "/feed", False),
        ("only=socket,only=/feed", "GET", "/feed", True),
        ("only=/a,only=/b", "GET", "/b", True),
        ("seed=1", "GET", "/feed", True),
    ],
)
def test_only_says_which_requests_are_meant(only: str, method: str, path: str, wanted: bool) -> None:
    assert parse_spec(f"loss=5%,{only}").wants(method, path) is wanted


@pytest.mark.parametrize(
    ("only", "socket"),
    [("seed=1", True), ("only=/feed", False), ("only=socket", True), ("only=/feed,only=socket", True),
     ("only=socket,only=/feed", True)],
)  # fmt: skip
def test_only_says_whether_the_socket_is_meant(only: str, socket: bool) -> None:
    assert parse_spec(f"loss=5%,{only}").socket is socket


shares = st.integers(0, 1000).map(lambda number: number / 1000)
specs = st.builds(
    FaultSpec,
    latency=st.integers(0, 59_000).map(lambda ms: ms / 1000),
    spread=st.integers(0, 1000).map(lambda ms: ms / 1000),
    loss=shares,
    statuses=st.sampled_from([(), ((429, 0.25),), ((429, 0.1), (503, 0.2))]),
    cut=st.sampled_from([0.0, 0.25, 30.0, 600.0]),
    duplicate=shares,
    seed=st.integers(0, 10**9),
).filter(lambda spec: not spec.is_nothing)


@given(specs, st.sampled_from(["", ",only=socket", ",only=POST /posts/*", ",only=GET *,only=socket"]))
def test_what_is_written_is_read_back_as_the_same(spec: FaultSpec, only: str) -> None:
    once = parse_spec(str(spec) + only)
    again = parse_spec(str(once))
    assert str(again) == str(once)
    assert (again.only, again.socket) == (once.only, once.socket)
    assert abs(once.loss - spec.loss) < 1e-9
    assert abs(once.latency - spec.latency) < 1e-9


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_or_refused_with_a_column_in_it(text: str) -> None:
    try:
        parse_spec(text)
    except BadSpec as error:
        column = error.column
    else:
        return
    assert 1 <= column <= len(text) + 1
