import pytest

from api_client.addresses import fill, normalise
from api_client.errors import PlatformError


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000/api/v1"),
        ("localhost:3000", "http://localhost:3000/api/v1"),
        ("  http://[::1]:3000/ ", "http://[::1]:3000/api/v1"),
        ("example.org", "https://example.org/api/v1"),
        ("https://example.org:443/api/", "https://example.org/api"),
        ("https://example.org/social/api/v1", "https://example.org/social/api/v1"),
    ],
)
def test_what_is_typed_becomes_a_base_url(typed: str, base: str) -> None:
    assert normalise(typed).base == base


@pytest.mark.parametrize(
    "typed",
    ["", "http://", "ftp://example.org", "https://user:secret@example.org", "http://a b", "http://x:99999", "//[::"],
)
def test_what_is_no_address_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(PlatformError) as refusal:
        normalise(typed)
    assert "secret" not in refusal.value.sentence


def test_plain_http_is_for_this_machine_unless_it_is_asked_for() -> None:
    with pytest.raises(PlatformError, match=r"https://example\.org"):
        normalise("http://example.org")
    assert normalise("http://example.org", allow_plain_http=True).base == "http://example.org/api/v1"


def test_the_socket_is_below_the_base() -> None:
    assert normalise("example.org").socket == "wss://example.org/api/v1/ws"
    assert normalise("localhost:3000").socket == "ws://localhost:3000/api/v1/ws"


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("/api/v1/media/a.png", "https://example.org/api/v1/media/a.png"),
        ("media/a.png", "https://example.org/api/v1/media/a.png"),
        ("https://cdn.example.org/a.png", "https://cdn.example.org/a.png"),
        ("//cdn.example.org/a.png", "https://cdn.example.org/a.png"),
    ],
)
def test_relative_addresses_are_completed(url: str, full: str) -> None:
    assert normalise("example.org").absolute(url) == full


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "javascript:alert(1)", "http://cdn.example.org/a", "https://127.0.0.1/a",
     "https://10.0.0.7/a", "https://169.254.169.254/latest", "http://[::1", "https://localhost/a"],
)  # fmt: skip
def test_addresses_that_a_stranger_has_no_business_to_name_are_refused(url: str) -> None:
    with pytest.raises(PlatformError):
        normalise("example.org").absolute(url)


def test_an_address_owns_its_origin_alone() -> None:
    address = normalise("https://example.org")
    assert address.owns("https://EXAMPLE.org:443/x")
    assert not address.owns("https://example.org.evil.net/x")
    assert not address.owns("https://example.org:8443/x")
    assert not address.owns("http://example.org/x")


def test_path_values_cannot_leave_their_place() -> None:
    assert fill("/users/{username}/posts", {"username": "a/../b?c#d é"}) == "/users/a%2F..%2Fb%3Fc%23d%20%C3%A9/posts"
    for value in ("", ".", ".."):
        with pytest.raises(PlatformError):
            fill("/posts/{id}", {"id": value})
