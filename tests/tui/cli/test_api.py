"""`parlour api` against the real platform: what is asked, what is written where, and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from tests.tui.cli.shell_world import Person
from tui.cli.exits import Exit

Out = pytest.CaptureFixture[str]


def posted(person: Person, count: int) -> list[str]:
    """Let `person` found a subreddit and write `count` posts; return their ids, the newest last."""
    subreddit = f"r{person.name[1:]}"

    async def write(client: Any) -> list[str]:
        await client.threads.found(NewSubreddit(name=subreddit))
        made = [
            await client.feed.create(NewThreadPost(subreddit=subreddit, title=f"post {number}", body="words"))
            for number in range(count)
        ]
        return [post.id for post in made]

    return person.ask(write)  # type: ignore[no-any-return]


def test_a_path_is_asked_for_and_the_bytes_are_written_as_they_came(person: Person, capfdbinary: Any) -> None:
    assert person.run("api", "auth/me") == Exit.OK
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["data"]["user"]["username"] == person.name
    assert not out.endswith(b"\n")
    assert err == b""


@pytest.mark.parametrize("path", ["/auth/me", "api/v1/auth/me", "/api/v1/auth/me", "{url}/api/v1/auth/me"])
def test_every_way_to_write_a_path_leads_there(person: Person, capsys: Out, path: str) -> None:
    assert person.run("api", path.replace("{url}", person.url), "-q", ".data.user.id") == Exit.OK
    assert capsys.readouterr().out == f"{person.id}\n"


def test_an_address_of_somebody_else_gets_nothing(person: Person, capsys: Out) -> None:
    assert person.run("api", "http://127.0.0.1:9/api/v1/auth/me") == Exit.USAGE
    assert "another platform is named by --url" in capsys.readouterr().err


def test_fields_make_a_post_and_the_method_can_be_said_in_two_ways(person: Person, capsys: Out) -> None:
    name = f"r{person.name[1:]}"
    assert person.run("api", "r", "-f", f"name={name}", "-f", "title=A place", "-q", ".data.name") == Exit.OK
    assert capsys.readouterr().out == f"{name}\n"
    assert person.run("api", "-X", "POST", f"r/{name}/join", "--silent") == Exit.OK
    assert person.run("api", "post", f"r/{name}/join", "--silent") == Exit.OK
    assert capsys.readouterr().out == ""
    assert person.run("api", "PUT", "x", "-X", "GET") == Exit.USAGE


def test_fields_of_a_get_stand_in_the_address(person: Person, capsys: Out) -> None:
    posted(person, 3)
    assert person.run("api", "GET", "users/{me}/posts", "-F", "limit=2", "-q", ".data | length") == Exit.OK
    assert capsys.readouterr().out == "2\n"


def test_all_pages_are_merged_before_jq_sees_them(person: Person, capsys: Out) -> None:
    ids = posted(person, 5)
    path = "users/{me}/posts?limit=2"
    assert person.run("api", path, "--paginate", "-q", "[.data[].id]") == Exit.OK
    assert json.loads(capsys.readouterr().out) == ids[::-1]
    assert person.run("api", path, "--paginate", "--slurp", "-q", "map(.data | length)") == Exit.OK
    assert json.loads(capsys.readouterr().out) == [2, 2, 1]
    assert person.run("api", path, "--paginate") == Exit.OK
    merged = json.loads(capsys.readouterr().out)
    assert [post["id"] for post in merged["data"]] == ids[::-1]
    assert merged["nextCursor"] is None
    assert merged["meta"]["nextCursor"] is None


def test_placeholders_stand_for_things_of_the_account(person: Person, capsys: Out) -> None:
    latest = posted(person, 2)[-1]
    assert person.run("api", "posts/{last.post}", "-q", ".data.id") == Exit.OK
    assert capsys.readouterr().out == f"{latest}\n"
    assert person.run("api", "posts/{now_playing}") == Exit.FAILED
    assert "no track plays" in capsys.readouterr().err
    assert person.run("api", "posts/{nothing}") == Exit.USAGE
    assert "{last.post}" in capsys.readouterr().err


def test_a_refusal_says_the_sentence_of_the_platform_and_jq_never_sees_it(person: Person, capsys: Out) -> None:
    assert person.run("api", "posts/none-such", "-q", ".data.id") == Exit.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    body, _, sentence = said.err.rpartition("parlour: ")
    assert json.loads(body)["error"]["code"] == "NOT_FOUND"
    assert "(HTTP 404, NOT_FOUND, request " in sentence


@pytest.mark.parametrize(
    ("where", "out", "err"), [("stdout", True, False), ("stderr", False, True), ("none", False, False)]
)
def test_the_body_of_a_refusal_goes_where_it_is_wanted(
    person: Person, capsys: Out, where: str, out: bool, err: bool
) -> None:
    assert person.run("api", "posts/none-such", "--error-body", where) == Exit.FAILED
    said = capsys.readouterr()
    assert ('"success":false' in said.out, '"success":false' in said.err) == (out, err)


def test_who_is_not_signed_in_is_told_to(person: Person, capsys: Out, tmp_path: Path) -> None:
    assert person.run("api", "auth/me", "--anonymous") == Exit.SIGN_IN
    assert "(HTTP 401" in capsys.readouterr().err
    new = ("--data", str(tmp_path / "new"), "--insecure-storage")
    from tui.__main__ import main

    assert main(["api", "auth/me", *new]) == Exit.SIGN_IN
    assert "parlour login" in capsys.readouterr().err
    assert person.run("api", "auth/me", "--account", "nobody") == Exit.SIGN_IN
    assert "no account nobody" in capsys.readouterr().err
    assert main(["api", "meta", "--anonymous", "--url", person.url, *new, "-q", ".success"]) == Exit.OK
    assert capsys.readouterr().out == "true\n"


def test_a_token_of_the_environment_is_enough(
    person: Person, capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.__main__ import main

    monkeypatch.setenv("PARLOUR_TOKEN", person.tokens.access or "")
    monkeypatch.setenv("PARLOUR_URL", person.url)
    assert main(["api", "users/{me}", "-q", ".data.id", "--data", str(tmp_path / "new")]) == Exit.OK
    assert capsys.readouterr().out == f"{person.id}\n"


def test_a_dead_platform_is_no_failure_of_what_was_asked(person: Person, capsys: Out) -> None:
    assert person.run("api", "meta", "--anonymous", "--url", "http://127.0.0.1:9") == Exit.UNAVAILABLE
    assert capsys.readouterr().err == "parlour: Nothing answers at http://127.0.0.1:9. Is the platform running?\n"


def test_a_body_comes_from_a_file_or_from_stdin_as_it_is(
    person: Person, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"r{person.name[1:]}"
    body = json.dumps({"name": name, "description": "typed"}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert person.run("api", "r", "--input", "-", "-q", ".data.description") == Exit.OK
    assert capsys.readouterr().out == "typed\n"
    assert person.run("api", "r", "--input", str(person.folder / "nothing")) == Exit.USAGE
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["GET"],
        ["a", "b", "c"],
        ["G3T", "meta"],
        ["meta", "-H", "no header"],
        ["meta", "-H", "A: b\nC: d"],
        ["meta", "-H", "A: grüße"],
        ["meta", "-q", ".["],
        ["meta", "--slurp"],
        ["meta", "-q", ".", "--silent"],
        ["POST", "posts", "--paginate"],
        ["../../metrics"],
        ["http://[half"],
        ["meta\n"],
    ],
)
def test_what_makes_no_sense_is_one_sentence(person: Person, capsys: Out, words: list[str]) -> None:
    assert person.run("api", *words) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("parlour: ")
    assert said.err.count("\n") == 1


def test_a_dry_run_sends_nothing(person: Person, capsys: Out) -> None:
    name = f"r{person.name[1:]}"
    assert person.run("api", "r", "-f", f"name={name}", "-f", "title=A place", "--dry-run") == Exit.OK
    head, _, body = capsys.readouterr().out.partition("\n\n")
    assert head.startswith("POST /api/v1/r HTTP/1.1\nHost: 127.0.0.1:")
    assert "X-Idempotency-Key: " in head
    assert json.loads(body) == {"name": name, "title": "A place"}
    assert person.run("api", f"r/{name}", "--silent") == Exit.FAILED
    capsys.readouterr()
    assert person.run("api", "users/{me}/posts/{last.post}", "--dry-run") == Exit.OK
    assert f"GET /api/v1/users/{person.name}/posts/{{last.post}} HTTP/1.1" in capsys.readouterr().out


def test_a_dry_run_with_a_token_does_not_guess_whose_it_is(
    person: Person, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLOUR_TOKEN", "somebody-else")
    assert person.run("api", "users/{me}", "--dry-run") == Exit.OK
    assert "GET /api/v1/users/{me} HTTP/1.1" in capsys.readouterr().out
    assert person.run("api", "users/{me}", "--dry-run", "--account", person.name) == Exit.OK
    assert f"GET /api/v1/users/{person.name} HTTP/1.1" in capsys.readouterr().out


def test_a_reply_is_held_against_the_contract(person: Person, capsys: Out) -> None:
    posted(person, 1)
    assert person.run("api", "users/{me}/posts", "--validate", "--silent") == Exit.OK
    assert person.run("api", "posts/none-such", "--validate", "--silent") == Exit.FAILED
    assert "contract:" not in capsys.readouterr().err
    assert person.run("api", "no/such/place", "--validate", "--silent") == Exit.FAILED
    assert "contract: no table has GET /no/such/place" in capsys.readouterr().err


def test_a_kept_reply_is_taken_while_it_is_young(person: Person, capsys: Out) -> None:
    path = ("api", "users/{me}/posts", "--cache", "1h", "-q", ".data | length")
    assert person.run(*path) == Exit.OK
    posted(person, 1)
    assert person.run(*path) == Exit.OK
    assert capsys.readouterr().out == "0\n0\n"
    assert person.run(*path, "--cache", "0") == Exit.OK
    assert capsys.readouterr().out == "1\n"
    kept = list((person.folder / "cache" / "api").glob("*.json"))
    assert kept
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)


def test_the_whole_call_is_written_without_secrets(person: Person, capsys: Out) -> None:
    assert person.run("api", "auth/me", "--verbose") == Exit.OK
    out = capsys.readouterr().out
    assert out.startswith("GET /api/v1/auth/me HTTP/1.1\n")
    assert "HTTP/1.1 200 OK\n" in out
    assert " ms\n" in out
    assert "Bearer [" in out
    assert (person.tokens.access or "") not in out
    assert person.run("api", "auth/me", "--include") == Exit.OK
    head, _, body = capsys.readouterr().out.partition("\n\n")
    status, *headers = head.splitlines()
    assert status == "HTTP/1.1 200 OK"
    assert headers == sorted(headers)
    assert json.loads(body)["data"]["user"]["id"] == person.id


def test_a_call_can_be_written_as_har_curl_and_python(person: Person, capsys: Out) -> None:
    assert person.run("api", "auth/me", "--as", "har") == Exit.OK
    entries = json.loads(capsys.readouterr().out)["log"]["entries"]
    assert len(entries) == 1
    for form in ("curl", "python"):
        assert person.run("api", "auth/me", "--as", form, "--dry-run") == Exit.OK
        out = capsys.readouterr().out
        assert f"{person.url}/api/v1/auth/me" in out
        assert "PARLOUR_TOKEN" in out
