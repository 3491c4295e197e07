"""What a start loads: a module that comes back here costs everybody its time at every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

NETWORK = {"httpx", "httpcore", "anyio", "websockets", "certifi"}
KEYS_AND_MEDIA = {"keyring", "cryptography", "PIL", "numpy", "mpv", "dbus_fast", "mutagen", "soundfile"}
PLATFORM = {"server", "fastapi", "starlette", "sqlalchemy", "uvicorn"}
TOOLKIT = {"textual", "rich"}
SHAPES = {"pydantic", "pydantic_core"}


def told_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter, and return the words of the last line that it writes."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.rpartition("\n")[2].split())


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has after `code`."""
    return told_by(f"{code}\nimport sys\nsys.stdout.write('\\n' + ' '.join(sys.modules))")


def packages(modules: set[str]) -> set[str]:
    """Return the names before the first dot."""
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "option",
    [
        "--version",
        "--help",
        "demo --help",
        "login --help",
        "completion bash",
        "api --help",
        "ws --help",
        "api x -q",
        "ws x",
        "smoke --help",
    ],
)
def test_what_the_command_line_says_of_itself_loads_next_to_nothing(option: str) -> None:
    code = f"import contextlib, tui.__main__ as it\nwith contextlib.suppress(SystemExit): it.main({option.split()})"
    too_much = {"asyncio", "sqlite3", "platformdirs", *NETWORK, *KEYS_AND_MEDIA, *PLATFORM, *TOOLKIT, *SHAPES}
    assert not packages(loaded_by(code)) & too_much


REQUEST = """
import contextlib, http.server, os, tempfile, threading
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.handle_request, daemon=True).start()
import sys
before = set(sys.modules)
os.environ["PARLOUR_TOKEN"] = "token"
import tui.__main__ as it
url = f"http://127.0.0.1:{server.server_address[1]}"
with tempfile.TemporaryDirectory() as folder:
    assert it.main(["api", "x", "--url", url, "--data", folder]) == 0
server.server_close()
sys.stdout.write("\\n" + " ".join(set(sys.modules) - before))
"""


def test_one_request_loads_no_toolkit_no_shape_and_no_library_for_requests() -> None:
    loaded = packages(told_by(REQUEST))
    assert "h11" in loaded
    too_much = {"sqlite3", "jq", "yaml", "websockets", "httpx", "httpcore", "anyio", *KEYS_AND_MEDIA, *PLATFORM}
    assert not loaded & (too_much | TOOLKIT | SHAPES)


def test_the_last_frame_is_painted_before_anything_heavy_is_loaded() -> None:
    loaded = packages(loaded_by("import tui.__main__, tui.curtain, tui.terminal"))
    assert not loaded & (NETWORK | KEYS_AND_MEDIA | PLATFORM | TOOLKIT | SHAPES | {"asyncio", "sqlite3"})


def test_the_program_loads_no_library_before_it_is_used() -> None:
    loaded = loaded_by("import tui.app")
    assert not packages(loaded) & (NETWORK | KEYS_AND_MEDIA | PLATFORM)
    screens = {name.rpartition(".")[2] for name in loaded if name.startswith("tui.screens.")}
    assert not screens & {"feed", "threads", "chat", "music", "post", "search", "outbox", "history", "photo_form"}


def test_scenarios_are_carried_out_without_the_toolkit() -> None:
    loaded = packages(loaded_by("import tui.__main__, tui.cli.smoke_run"))
    assert "jq" in loaded
    assert not loaded & (TOOLKIT | PLATFORM | KEYS_AND_MEDIA)


BEHIND = {
    "tui": "sound editor embedded palette completion",
    "tui.state": "chat comments music people threads live_lists",
    "tui.player": "player deck queue track mpv_engine mpv_core libmpv downloader",
    "tui.screens": "help photo_form photo_parts signin viewer welcome drafting",
    "widgets": "composer menu comment_item message_item track_row lyrics_line",
    "api_client": "transport replies operations transactions",
    "api_client.models": "chat music platform realtime records studio threads",
    "textual.widgets": "_text_area _progress_bar _markdown _tab _data_table",
    "textual": "_tree_sitter",
    "http": "client cookiejar cookies",
}
"""What belongs to no first frame: it is loaded behind it, or when it is opened."""


def test_what_the_first_screen_does_not_show_is_not_loaded_before_it() -> None:
    loaded = loaded_by("from tui import lightness; lightness.hold(); import tui.app, tui.screens.feed")
    assert not {f"{package}.{name}" for package, names in BEHIND.items() for name in names.split()} & loaded


def test_the_shapes_of_the_contract_are_prepared_when_they_are_first_read() -> None:
    ready = told_by(
        "import sys, tui.app\n"
        "from api_client.models.base import WireModel\n"
        "def kinds(kind):\n"
        "    for each in kind.__subclasses__():\n"
        "        yield each\n"
        "        yield from kinds(each)\n"
        "sys.stdout.write(' '.join(kind.__name__ for kind in kinds(WireModel) if kind.__pydantic_complete__))"
    )
    # One speaks of the other, which stands below it, and is told so at once.
    assert ready <= {"Meta", "Pagination"}


def test_a_platform_without_a_demo_does_not_load_what_draws_and_plays_it() -> None:
    loaded = loaded_by("import warnings\nwarnings.simplefilter('ignore')\nimport server.__main__")
    assert not packages(loaded) & {"numpy", "soundfile", "schemathesis", "hypothesis", "redis", "boto3", *TOOLKIT}
    assert not {"server.demo.world", "server.demo.pictures.render"} & loaded
