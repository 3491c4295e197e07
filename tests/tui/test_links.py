"""Links: what is refused, and whose host is shown."""

from __future__ import annotations

import pytest

from tui.links import browser_command, real_host, refusal


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "vscode://x", "smb://host/share", "tel:1", "",
        "--remote-debugging-port=9222", "-x", "http://", "http:///path", "http://[broken", "https://user@evil.example",
        "https://bank.example:443@evil.example/", "http://a b", "http://a\nb", "http://a/\x1b[2J",
        "https://e/" + "a" * 2048,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_link_is_refused_with_a_sentence(url: str) -> None:
    assert (refusal(url) or "").endswith(".")


@pytest.mark.parametrize("url", ["http://example.com", "https://example.com:8443/a?b=c#d", "https://[::1]/"])
def test_web_links_are_let_pass(url: str) -> None:
    assert refusal(url) is None


def test_the_host_is_shown_as_the_network_sees_it() -> None:
    assert real_host("https://аpple.com/login") == "xn--pple-43d.com"
    assert real_host("https://EXAMPLE.com/") == "example.com"


def test_a_browser_of_ones_own_is_split_like_a_command_and_never_run_by_a_shell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROWSER", "env --unset=X %s")
    assert browser_command() == ["env", "--unset=X"]
    monkeypatch.setenv("BROWSER", "no-such-browser-anywhere")
    monkeypatch.setenv("SSH_CONNECTION", "1")
    assert browser_command() is None
