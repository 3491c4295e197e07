"""Files of scenarios: what is right is read, what is wrong is told with line, column and the line itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api_client.inspect.smoke import loading
from api_client.inspect.smoke.scenario import Scenario
from api_client.inspect.smoke.source import FILE_LIMIT, ScenarioError, parse_documents
from api_client.inspect.smoke.step_shapes import MatrixStep, RequestStep

HEAD = "scenario: It\npeople: [anna]\nsteps:\n"
GET = "  - request: GET /posts/feed\n"


def read(tmp_path: Path, text: str | bytes, name: str = "it.yaml", known: tuple[str, ...] = ()) -> list[loading.Loaded]:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return loading.load([file], known)


def only(tmp_path: Path, text: str) -> Scenario:
    (found,) = read(tmp_path, text)
    return found.scenario


def value_of(text: str) -> object:
    return parse_documents(text.encode(), "it.yaml")[0].value["a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("no", "no"),
        ("y", "y"),
        ("true", True),
        ("12:30", "12:30"),
        ("2026-01-05", "2026-01-05"),
        ("010", "010"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("-7", -7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ("'7'", "7"),
    ],
)
def test_words_stay_words(written: str, meant: object) -> None:
    assert value_of(f"a: {written}") == meant


def test_anchors_and_merges_are_read() -> None:
    assert value_of("a: {<<: {x: 1, y: 2}, y: 3}") == {"x": 1, "y": 3}
    assert value_of("b: &it [1, 2]\na: *it") == [1, 2]


WRONG = {
    "a key that stands twice": (HEAD + GET + "    as: anna\n    as: anna\n", 6, 5, "as stands here twice"),
    "an unknown key": (HEAD + GET + "    expct: 200\n", 5, 5, "expct is not known here; did you mean expect?"),
    "an unknown key of a rule": (HEAD + GET + "    expect: {stat: 200}\n", 5, 14, "did you mean status?"),
    "an unknown endpoint": (HEAD + "  - request: posts.gte\n", 4, 14, "did you mean posts.get?"),
    "a request that is a list": (HEAD + "  - request: [GET, /posts]\n", 4, 14, "a request is the name of an endpoint"),
    "a request that is a number": (HEAD + "  - request: 7\n", 4, 14, "a request is the name of an endpoint"),
    "an unknown method": (HEAD + "  - request: FETCH /posts\n", 4, 14, "there is no method FETCH"),
    "a path without a slash": (HEAD + "  - request: GET posts\n", 4, 14, "a path begins with /"),
    "an unknown variable": (HEAD + "  - request: GET /posts/{{pots}}\n", 4, 14, "{{pots}} is not known here"),
    "a variable that comes too late": (
        HEAD + "  - request: GET /posts/{{it}}\n" + GET + "    capture: {it: .data}\n",
        4,
        14,
        "{{it}} is not known here",
    ),
    "a variable that is none": (HEAD + "  - request: GET /posts/{{a b}}\n", 4, 14, "{{a b}} is no variable"),
    "a stranger": (HEAD + GET + "    as: ana\n", 5, 9, "nobody here is called ana; did you mean anna?"),
    "a socket that is not there": (
        HEAD + GET + "    events: [{on: anna, type: ready}]\n",
        5,
        19,
        "no socket anna was connected before",
    ),
    "a broken expression": (HEAD + GET + "    expect: {jq: .data |||}\n", 5, 18, "this is no jq expression"),
    "a status that is none": (HEAD + GET + "    expect: 20\n", 5, 13, "a status is a number from 100 to 599"),
    "an error code that is none": (HEAD + GET + "    expect: 404 NOT_FOND\n", 5, 13, "did you mean NOT_FOUND?"),
    "a duration without its unit": (HEAD + GET + "    expect: {within: 500}\n", 5, 22, "needs its unit, as in 500ms"),
    "two verbs": (HEAD + "  - request: GET /posts\n    wait: 1s\n", 4, 5, "a step has exactly one of: request"),
    "no verb": (HEAD + "  - title: x\n", 4, 5, "a step has exactly one of: request"),
    "no steps": ("scenario: It\n", 1, 1, "steps is missing"),
    "no scenario": ("steps: []\n", 1, 1, "a document begins with `scenario: its title`"),
    "somebody who is always there": ("scenario: It\npeople: [expired]\nsteps:\n" + GET, 2, 9, "is not listed"),
    "somebody twice": ("scenario: It\npeople: [a, a]\nsteps:\n" + GET, 2, 9, "somebody is named twice"),
    "a password without a name": ("scenario: It\npeople: {a: {password: x}}\nsteps:\n" + GET, 2, 13, "both"),
    "cells that do not fit": (
        HEAD + "  - matrix: x\n    as: [anna, anonymous]\n    rows: {GET /posts: [200]}\n",
        4,
        5,
        "GET /posts has 1 cells for 2 people",
    ),
    "shared steps that are nowhere": (HEAD + "  - use: login\n", 4, 10, "there are no shared steps called login"),
    "a write again": (
        HEAD + "  - {request: POST /posts, eventually: 1s}\n",
        4,
        5,
        "eventually is for GET",
    ),
    "a table that is not closed": (HEAD + "  - [1, 2\n", 5, 1, "expected ',' or ']'"),
    "a tab": (HEAD + "\t- request: GET /posts\n", 4, 1, "cannot start any token"),
    "rows that are not there": ("scenario: It\ndata: no.csv\nsteps:\n" + GET, 2, 7, "no.csv cannot be read"),
    "rows that have no end": ("scenario: It\ndata: /dev/zero\nsteps:\n" + GET, 2, 7, "is no file of at most 16 MiB"),
    "a file that has no name": ('scenario: It\ndata: "a\\0b"\nsteps:\n' + GET, 2, 7, "cannot be read"),
    "a duration without end": (HEAD + f"  - wait: {'9' * 9}m\n", 4, 11, "a duration is at most a day"),
    "a pattern that counts too far": (
        HEAD + GET + "    expect: {headers: {x: {matches: 'a{99999999999}'}}}\n",
        5,
        37,
        "this is no regular expression",
    ),
    "an unknown tag": (HEAD + "  - !!python/object:os.system x\n", 4, 5, "this value cannot be read"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_pointed_at(what: str, tmp_path: Path) -> None:
    text, line, column, said = WRONG[what]
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, text)
    error = caught.value
    assert said in error.message
    assert error.place is not None
    assert (error.place.line, error.place.column) == (line, column)
    head, *rest = error.shown().split("\n")
    assert head.startswith(f"{tmp_path / 'it.yaml'}:{line}:{column}: ")
    lines = text.splitlines()
    if line <= len(lines):
        source, caret = rest
        assert source == f" {line} | {lines[line - 1].replace(chr(9), ' ')}"
        assert caret.index("^") - source.index("|") == column + 1


@pytest.mark.parametrize("text", [b"\xff\xfe", b"a: \x00", b"[" * 2_000, b"a: " + b"x" * FILE_LIMIT])
def test_what_is_no_yaml_is_said_in_a_sentence(text: bytes, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, text)
    assert len(caught.value.shown()) < 500


def test_aliases_that_repeat_each_other_fill_no_memory() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
    )
    with pytest.raises(ScenarioError, match="repeat too much"):
        parse_documents(bomb.encode(), "bomb.yaml")


@settings(max_examples=40)
@given(st.text(max_size=200))
@example("a: &x [*x]")
@example("? [1]\n: 2")
@example("<<: 1")
@example("- scenario: {{x}}")
def test_no_text_gets_further_than_a_complaint(text: str) -> None:
    with suppress(ScenarioError):
        parse_documents(text.encode("utf-8", "surrogatepass"), "it.yaml")


def test_short_forms_are_the_long_ones(tmp_path: Path) -> None:
    steps = only(
        tmp_path,
        HEAD
        + GET
        + "    expect: 404 NOT_FOUND\n"
        + GET
        + "    expect: [200, 201]\n"
        + "  - matrix: Who\n    as: [anna, anonymous, expired]\n"
        + "    rows: {GET /posts: [200|404, UNAUTHENTICATED, '-']}\n",
    ).steps
    first, second, table = steps
    assert isinstance(first, RequestStep)
    assert (first.expect.status, first.expect.code) == ((404,), "NOT_FOUND")
    assert isinstance(second, RequestStep)
    assert second.expect.status == (200, 201)
    assert isinstance(table, MatrixStep)
    assert [step.line for step in steps] == [4, 6, 8]


def test_shared_steps_are_found_beside_in_the_folder_and_by_file(tmp_path: Path) -> None:
    shared = (
        "shared: {name}\nneeds: [who]\nsteps:\n  - {{request: GET /auth/me, as: '{{{{who}}}}', capture: {{x: .}}}}\n"
    )
    (tmp_path / "_shared.yaml").write_text(shared.format(name="common"))
    (tmp_path / "more.yaml").write_text(shared.format(name="special"))
    text = (
        shared.format(name="own") + "---\n" + HEAD + "  - {use: own, with: {who: anna}}\n"
        "  - {use: common, with: {who: anna}}\n  - {use: more.yaml#special, with: {who: anna}}\n"
        "  - request: GET /posts/{{x}}\n"
    )
    (loaded,) = read(tmp_path, text)
    assert len(loaded.shared) == 3
    with pytest.raises(ScenarioError, match="own needs who"):
        read(tmp_path, shared.format(name="own") + "---\n" + HEAD + "  - use: own\n")


def test_shared_steps_that_use_each_other_are_an_error(tmp_path: Path) -> None:
    text = "shared: a\nsteps:\n  - use: b\n---\nshared: b\nsteps:\n  - use: a\n---\n" + HEAD + "  - use: a\n"
    with pytest.raises(ScenarioError, match="without end"):
        read(tmp_path, text)


def test_rows_come_from_a_list_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("q,n\nü,1\n'x y',2\n", "utf-8")
    search = "steps:\n  - {request: GET /search, query: {q: '{{q}}'}}\n"
    (from_file,) = read(tmp_path, "scenario: It\ndata: rows.csv\n" + search)
    assert from_file.rows == [{"q": "ü", "n": "1"}, {"q": "'x y'", "n": "2"}]
    (from_list,) = read(tmp_path, "scenario: It\ndata: [{q: 1}]\n" + search)
    assert from_list.rows == [{"q": 1}]


def test_what_is_given_from_outside_is_known(tmp_path: Path) -> None:
    text = HEAD + "  - request: GET /posts/{{outside}}\n"
    assert read(tmp_path, text, known=("outside",))


def test_files_are_found_by_name_by_glob_and_by_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.yaml", "in/b.yml", "in/c.txt"):
        (tmp_path / name).write_text(HEAD + GET)
    assert [path.name for path in loading.find_files([str(tmp_path)])] == ["a.yaml", "b.yml"]
    assert [path.name for path in loading.find_files([str(tmp_path / "**/b.*"), str(tmp_path / "a.yaml")])] == [
        "b.yml",
        "a.yaml",
    ]
    with pytest.raises(ScenarioError, match="there is no such file"):
        loading.find_files([str(tmp_path / "none*.yaml")])


def test_the_worked_example_of_the_guide_is_a_scenario(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[4] / "docs" / "developers.md").read_text("utf-8")
    section = guide.partition("## Smoke")[2].partition("\n## ")[0]
    examples = [block.partition("```")[0] for block in section.split("```yaml\n")[1:]]
    scenario = next(text for text in examples if text.startswith("scenario:"))
    assert only(tmp_path, scenario).people
