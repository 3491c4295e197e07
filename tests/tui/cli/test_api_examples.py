"""The examples that `parlour api` gives are of endpoints that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from api_client.inspect.smoke.contract import endpoint_at
from tui.cli import api

GUIDE = Path(__file__).parents[3] / "docs" / "developers.md"
_EXAMPLE = re.compile(r"^.*\bparlour api (.+)$", re.MULTILINE)
_BODY = {"-f", "-F", "--field", "--raw-field", "--input"}


def examples() -> list[str]:
    found = _EXAMPLE.findall(api._EPILOG)
    section = GUIDE.read_text("utf-8").partition("## parlour api")[2].partition("\n## ")[0]
    found += _EXAMPLE.findall(section.partition("```sh")[2].partition("```")[0])
    return [example for example in found if not example.startswith("[")]


def test_there_are_examples() -> None:
    assert len(examples()) > 10


@pytest.mark.parametrize("example", examples())
def test_an_example_names_an_endpoint(example: str) -> None:
    first, *more = shlex.split(example, comments=True)
    if first.isupper():
        method, path = first, more[0]
    else:
        method, path = "POST" if _BODY & set(more) else "GET", first
    filled = re.sub(r"\{[^}]*\}", "some", path)
    assert endpoint_at(method, f"/{filled}") is not None
