"""What the documents say is true: the script in the README runs, the generated pages are current."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from server.serve import running
from server.settings import HashCost, Settings

ROOT = Path(__file__).parent.parent


async def test_the_script_in_the_readme_reads_the_feed(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    script = next(block for block in blocks if "PlatformClient" in block)
    settings = Settings(
        data_dir=tmp_path, port=0, demo=True, demo_scale=0.05, hash_cost=HashCost(passes=1, memory_kib=64, lanes=1)
    )
    async with running(settings) as platform:
        assert "http://127.0.0.1:3000" in script
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            script.replace("http://127.0.0.1:3000", platform.url),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        printed, _ = await process.communicate()
    assert process.returncode == 0
    assert len(printed.decode().splitlines()) >= 5


def test_the_interface_document_is_current() -> None:
    shown = subprocess.run(
        [sys.executable, "scripts/apidoc.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    ).stdout
    assert (ROOT / "docs/API.md").read_text(encoding="utf-8") == shown, "run `make docs`"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_every_test_that_the_page_on_reliability_names_is_there() -> None:
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[^`]+)`", page))
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
