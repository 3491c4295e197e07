"""Figures are medians of rounds in turn; whoever fails is left out with a reason; the table finds its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.__main__ import main, measured
from benchmarks.figures import Figure, Findings, in_turn, p95
from benchmarks.peers import mastodon
from benchmarks.peers.install import Absent, from_debian, from_pypi
from benchmarks.peers.programs import guests
from benchmarks.profile import import_tables
from benchmarks.report import BEGIN, END, Report, number, place
from benchmarks.rows import PARTS, ROWS, Row

ROOT = Path(__file__).parents[2]


def test_median_and_95th_percentile_of_samples() -> None:
    figure = Figure("a step", "ms", [float(n) for n in range(100, -1, -1)])
    assert (figure.median, figure.p95) == (50.0, 95.0)
    assert p95([3.0]) == 3.0


@pytest.mark.parametrize(
    ("limit", "against", "allowed", "reached"),
    [(None, "", None, None), (2.0, "", 2.0, True), (1.9, "", 1.9, False), (0.5, "toot", 2.0, True),
     (0.4, "toot", 1.6, False), (0.4, "gone", None, None)],
)  # fmt: skip
def test_a_limit_is_in_the_unit_or_a_ratio_to_another_of_the_same_rounds(
    limit: float | None, against: str, allowed: float | None, reached: bool | None
) -> None:
    figure = Figure("a step", "ms", [1.0, 2.0, 3.0], {"toot": [4.0, 3.0, 9.0]}, limit, against)
    assert figure.allowed == (None if allowed is None else pytest.approx(allowed))
    assert figure.is_reached is reached


def test_rounds_are_in_turn_and_the_first_does_not_count() -> None:
    told: list[tuple[str, int]] = []

    def act(name: str, number: int) -> Mapping[str, float]:
        told.append((name, number))
        return {"ms": float(number)}

    taken = in_turn(2, {"a": lambda n: act("a", n), "b": lambda n: act("b", n)})
    assert told == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert taken.of("a", "ms") == taken.of("b", "ms") == [1.0, 2.0]


def test_who_fails_is_left_out_with_the_reason_and_the_others_go_on() -> None:
    def failing(number: int) -> Mapping[str, float]:
        if number == 2:
            raise TimeoutError("it hangs")
        return {"ms": 1.0}

    taken = in_turn(3, {"ours": lambda n: {"ms": 2.0}, "theirs": failing})
    assert taken.of("ours", "ms") == [2.0, 2.0, 2.0]
    assert taken.of("theirs", "ms") == []
    assert taken.left_out == {"theirs": "TimeoutError: it hangs"}
    assert taken.beside("ms", "theirs", "ours") == {"ours": [2.0, 2.0, 2.0]}


def test_findings_survive_their_way_from_one_process_to_another() -> None:
    findings = Findings([Figure("a", "ms", [1.0], {"b": [2.0]}, 3.0, "b")], {"c": "gone"}, {"b": "1.0"})
    assert Findings.from_json(findings.to_json()) == findings


def _report() -> Report:
    figures = [
        Figure("a | b", "ms CPU", [1.0, 2.0, 4.0], {"floor": [1.0, 1.0, 1.0], "toot": [10.0, 20.0, 40.0]}, 1.3, "floor")
    ]
    report = Report(before="1.0 1.0 1.0", after="2.0 1.0 1.0")
    report.rows["keys"] = Findings(figures, {"tooi": "not here"}, {"toot": "0.5"})
    report.failed["flood"] = "failed: it hangs"
    return report


def test_the_table_holds_figures_the_machine_versions_who_was_left_out_and_what_failed() -> None:
    table = _report().markdown()
    assert (
        "| a \\| b | ms CPU | 2.00 | 3.80 | 3 | floor 1.00 (1.00) · toot 20.0 (38.0) | ≤ 1.3 x floor | **no**, 2.00 x |"
    ) in table
    assert "| *flood: failed: it hangs* | | | | | | | |" in table
    assert "- tooi (keys): not here" in table
    assert "toot 0.5" in table
    assert "load 1.0 1.0 1.0 before and 2.0 1.0 1.0 after" in table
    widths = {line.replace("\\|", "").count("|") for line in table.splitlines() if line.startswith("|")}
    assert widths == {9}


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.034, "0.03"), (9.876, "9.88"), (12.34, "12.3"), (2_345.6, "2,346")]
)
def test_numbers_have_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text(f"# Head\n\n{BEGIN}\nold\n{END}\n\ntail\n", encoding="utf-8")
    place(document, "new\n")
    place(document, "newer\n")
    assert document.read_text(encoding="utf-8") == f"# Head\n\n{BEGIN}\n\nnewer\n\n{END}\n\ntail\n"


def test_a_document_without_a_place_is_left_as_it_is(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text(f"{END} {BEGIN}", encoding="utf-8")
    with pytest.raises(ValueError, match="no place"):
        place(document, "new\n")
    assert document.read_text(encoding="utf-8") == f"{END} {BEGIN}"


def test_the_document_of_the_figures_has_the_place() -> None:
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_programs_that_cannot_be_had_are_skipped_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Absent, match="less is not installed"):
        from_debian("less", "less")
    with guests(tmp_path, ["less", "cmus"]) as found:
        assert found.here == {}
        assert set(found.absent) == {"less", "cmus"}


def test_an_installation_that_fails_leaves_nothing_that_looks_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("benchmarks.peers.install.sys.executable", str(tmp_path / "no-python"))
    for _ in range(2):
        with pytest.raises(Absent, match="no-python"):
            from_pypi("toot", "toot")


def test_the_stub_has_a_thread_whose_authors_are_not_in_the_timeline() -> None:
    said = mastodon.answers("http://127.0.0.1:1")
    context, home = said["context"], said["/api/v1/timelines/home"]
    assert isinstance(context, dict)
    assert isinstance(home, list)
    assert len(context["descendants"]) == mastodon.REPLIES
    assert mastodon.REPLIER.rstrip("@") in {status["account"]["acct"] for status in context["descendants"]}
    assert mastodon.REPLIER.rstrip("@") not in {status["account"]["acct"] for status in home}


def test_imports_are_told_by_package_and_by_module_between_what_else_was_written() -> None:
    written = (
        b"import time: self [us] | cumulative | imported package\r\n"
        b"\x1b[1mimport time:       300 |        300 |   rich.text\r\nimport time:      1000 |       1300 | rich\r\n"
        b"paint\x1b[0mimport time:       500 |        500 | zlib\r\n"
    )
    table = import_tables(written)
    assert table.startswith("3 modules, 1.8 ms\n")
    assert [line.split() for line in table.splitlines()[3:5]] == [["1.3", "rich"], ["0.5", "zlib"]]
    assert ["1.0", "1.3", "rich"] in [line.split() for line in table.splitlines()]


def test_every_row_leads_to_what_measures_it() -> None:
    for row in (*ROWS.values(), *PARTS.values()):
        assert callable(row.load())


def test_a_row_that_takes_too_long_is_given_up_and_told() -> None:
    findings, reason = measured("text", Row("parts", "text", 1, 0, "text"), [], 1)
    assert findings.figures == []
    assert reason == "given up after 0 s"


def test_one_command_measures_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "document.md"
    document.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    assert main(["--rows", "text", "--rounds", "1", "--skip-peers", "--write", str(document)]) == 0
    table = capsys.readouterr().out
    assert "Markdown of 80 lines" in table
    assert table in document.read_text(encoding="utf-8")


def test_a_row_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--rows", "start,nothing"])
    assert "no such row: nothing" in capsys.readouterr().err
