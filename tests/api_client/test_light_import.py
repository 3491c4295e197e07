import subprocess
import sys

import pytest

import api_client


def _loaded_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after `statement`."""
    command = [sys.executable, "-c", f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split())


def test_importing_the_library_loads_nothing_heavy() -> None:
    assert not _loaded_after("import api_client") & {"httpx", "websockets", "pydantic", "asyncio"}


def test_the_outbox_and_the_text_need_no_network_library() -> None:
    loaded = _loaded_after("import api_client.sync, api_client.text, api_client.auth")
    assert not loaded & {"httpx", "websockets", "ssl.SSLContext", "textual", "rich"}


def test_the_client_does_not_load_the_socket() -> None:
    loaded = _loaded_after("from api_client import PlatformClient")
    assert not loaded & {"websockets", "textual", "server", "tui", "widgets"}


def test_a_client_that_has_not_called_yet_has_loaded_no_library_for_it() -> None:
    made = "from api_client import PlatformClient; PlatformClient('http://127.0.0.1:9')"
    assert not _loaded_after(made) & {"httpx", "websockets", "anyio"}


def test_a_client_that_has_not_called_yet_has_prepared_no_shape_of_the_contract() -> None:
    made = "from api_client import PlatformClient; PlatformClient('http://127.0.0.1:9')"
    assert not _loaded_after(made) & {"pydantic", "pydantic_core", "api_client.models.base"}


def test_every_name_that_is_offered_is_there() -> None:
    for name in api_client.__all__:
        assert getattr(api_client, name).__name__ == name
    with pytest.raises(AttributeError):
        api_client.nothing_of_the_kind  # noqa: B018


def test_the_library_for_calls_comes_without_its_command_line() -> None:
    loaded = _loaded_after("from api_client.postponed import httpx; httpx.Client")
    assert "httpx" in loaded
    assert not loaded & {"click", "rich", "pygments"}
