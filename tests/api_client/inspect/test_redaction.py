"""Secrets do not get out: by name, and by value in whatever form and surroundings."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from api_client.inspect.records import KEPT
from api_client.inspect.redaction import Redactor
from api_client.inspect.secret_names import kind_of_key
from tests.inspect_canary import CANARY, TOKEN, encoded, escaped, survivors

KEY = b"a key for tests"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["\\", "%", "%25", "%E2", '"', "\\\\", "\\u", "\\ud83d", "&token=", "Bearer ", "AAAA", "="]
)
SECRETS = st.sampled_from([CANARY, TOKEN]) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=8, max_size=30
).filter(lambda text: "secret" not in text and len(set(text)) > 4)


def redactor(*secrets: str) -> Redactor:
    return Redactor(dict.fromkeys(secrets, "token"), key=KEY)


@given(SECRETS, TEXTS, TEXTS, st.data())
@example('\\b"ackslash first', "\\", "", None)
def test_no_form_of_a_known_secret_survives_whatever_surrounds_it(
    secret: str, before: str, behind: str, data: st.DataObject | None
) -> None:
    every = escaped(secret) + encoded(secret)
    for form in every if data is None else [data.draw(st.sampled_from(every))]:
        shown = redactor(secret).text(before + form + behind)
        assert survivors(shown, secret) == []


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_of_more_than_the_secret_does_not_give_it_away(secret: str, before: bytes, behind: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + secret.encode() + behind).decode()
        assert survivors(redactor(secret).text(f"Authorization: {text}; {text}"), secret) == []


@settings(max_examples=40)
@given(SECRETS, st.lists(st.booleans(), min_size=30, max_size=30))
def test_a_secret_that_is_escaped_in_parts_is_found(secret: str, escaped: list[bool]) -> None:
    mixed = "".join(
        "".join(f"%{byte:02x}" for byte in letter.encode()) if hide else letter
        for letter, hide in zip(secret, escaped, strict=False)
    )
    assume(len(secret) <= 30 and "%" not in secret)
    assert redactor(secret).text(f"<{mixed}>") == f"<{redactor(secret).tag(secret)}>"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(JSON, TEXTS, TEXTS, st.booleans())
def test_json_stays_json_and_holds_no_secret(value: Any, before: str, behind: str, ascii_only: bool) -> None:
    body = json.dumps([value, {before + CANARY + behind: value, "text": behind + CANARY}], ensure_ascii=ascii_only)
    shown = redactor(CANARY).body(body.encode(), "application/json")
    assert len(json.loads(shown)) == 2
    assert survivors(shown, CANARY) == []


@settings(max_examples=40)
@given(JSON)
def test_what_is_redacted_already_stays_as_it_is(value: Any) -> None:
    body = json.dumps({"password": "hunter2hunter2", "value": value, "url": f"/x?sig=abc&a={CANARY}"}).encode()
    once = redactor(CANARY).body(body)
    assert redactor(CANARY).body(once) == once


@settings(max_examples=40)
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_bytes_around_a_secret_stay_as_they_are(before: bytes, behind: bytes) -> None:
    known = redactor(TOKEN)
    assume(known.bytes_(before) == before and known.bytes_(behind) == behind)
    assume(before[-1:].isascii() and not before[-12:].rstrip().endswith((b"=", b":", b"%")))
    assert survivors(known.bytes_(before + TOKEN.encode() + behind), TOKEN) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"),
        ("newPassword", "password"),
        ("PASSWD", "password"),
        ("access_token", "token"),
        ("refreshToken", "token"),
        ("X-Auth-Token", "token"),
        ("Authorization", "token"),
        ("Set-Cookie", "cookie"),
        ("api-key", "secret"),
        ("client_secret", "secret"),
        ("sig", "signature"),
        ("otp", "otp"),
        ("recovery_codes", "secret"),
        ("author", None),
        ("key", None),
        ("authorId", None),
        ("design", None),
        ("token_type", None),
        ("sessions", None),
        ("nextCursor", None),
        ("compass", None),
        ("", None),
    ],
)
def test_secrets_go_by_certain_names(name: str, kind: str | None) -> None:
    assert kind_of_key(name) == kind


def test_values_under_the_name_of_a_secret_go_in_json_and_the_rest_stays() -> None:
    body = (
        b'{"type":"auth","token":"abc-123","user":{"password":"p","pin":{"otp":123456}},"tokens":["a","b"],"ok":true}'
    )
    shown = json.loads(Redactor(key=KEY).body(body, "application/json"))
    assert (shown["type"], shown["ok"]) == ("auth", True)
    assert shown["token"].startswith("[token:")
    assert shown["user"]["password"].startswith("[password:")
    assert shown["user"]["pin"]["otp"].startswith("[otp:")
    assert all(tag.startswith("[token:") for tag in shown["tokens"])


def test_json_that_breaks_off_is_redacted_by_name_as_well() -> None:
    cut = b'{"accessToken":"aaa.bbb.ccc","codes":{"recovery_codes":["one]","two"]},"note":"x","refreshToken":"never clo'
    shown = Redactor(key=KEY).body(cut, "application/json").decode()
    assert [word for word in ("aaa", "one", "two", "never") if word in shown] == []
    assert '"note":"x"' in shown


def test_json_inside_of_json_is_redacted_by_name() -> None:
    inner = json.dumps({"password": 'quo"te', "name": "ann"})
    shown = Redactor(key=KEY).text(json.dumps({"log": inner}) + " and then it broke")
    assert "quo" not in shown
    assert "te\\" not in shown
    assert "ann" in shown


def test_the_same_key_twice_hides_nothing() -> None:
    shown = Redactor(key=KEY).body(b'{"password":"first-one","password":null}', "application/json")
    assert b"first-one" not in shown


@pytest.mark.parametrize(
    ("url", "gone", "stays"),
    [
        ("https://x/media/a.ogg?exp=17&uid=u1&sig=deadbeef", "deadbeef", "exp=17&uid=u1&sig=["),
        ("https://ann:pass-word@x/y", "pass-word", "@x/y"),
        ("https://x/y?next=%2Fz%3Faccess_token%3Dabcdef%26b%3D1", "abcdef", "%26b%3D1"),
        ("https://x/y#access_token=abcdef&state=1", "abcdef", "&state=1"),
        ("wss://x/ws?ticket=abcdef", "abcdef", "ticket=["),
    ],
)
def test_urls_keep_their_shape_without_secrets(url: str, gone: str, stays: str) -> None:
    shown = Redactor(key=KEY).url(url)
    assert gone not in shown
    assert stays in shown


def test_headers_keep_scheme_and_names() -> None:
    shown = dict(
        Redactor({TOKEN: "token"}, key=KEY).headers(
            [
                ("Authorization", f"Bearer {TOKEN}"),
                ("Cookie", "session=abcdef; theme=dark"),
                ("Set-Cookie", "session=abcdef; Path=/; HttpOnly"),
                ("Accept", "application/json"),
                ("Location", f"/x?t={TOKEN}"),
            ]
        )
    )
    tag = Redactor({TOKEN: "token"}, key=KEY).tag(TOKEN)
    assert shown["Authorization"] == f"Bearer {tag}"
    assert shown["Location"] == f"/x?t={tag}"
    assert shown["Cookie"].startswith("session=[cookie:")
    assert shown["Set-Cookie"].endswith("; Path=/; HttpOnly")
    assert shown["Accept"] == "application/json"


def test_running_text_loses_what_signs_in() -> None:
    text = "> Authorization: Bearer abcdef123456\n> Accept: x\nBasic dXNlcjpwYXNzd29yZDE=\nbasic understanding of it"
    shown = Redactor(key=KEY).text(text)
    assert "abcdef123456" not in shown
    assert "dXNlcjpwYXNzd29yZDE=" not in shown
    assert "Accept: x" in shown
    assert "basic understanding of it" in shown


def test_the_same_secret_has_the_same_tag_under_one_key_alone() -> None:
    one, same, other = Redactor(key=KEY), Redactor(key=KEY), Redactor()
    assert one.tag("secret-1") == same.tag("secret-1") != one.tag("secret-2")
    assert {other.tag(f"{number}") for number in range(9)} != {one.tag(f"{number}") for number in range(9)}
    assert one.text("/x?token=secret-1") == "/x?token=" + one.tag("secret-1", "token")


def test_a_secret_inside_of_another_does_not_leave_the_rest_of_it() -> None:
    known = Redactor({"abcd1234": "token", "xx-abcd1234-yy": "cookie"}, key=KEY)
    assert known.text("<xx-abcd1234-yy abcd1234>") == f"<{known.tag('xx-abcd1234-yy')} {known.tag('abcd1234')}>"


@settings(max_examples=40)
@given(st.integers(5, len(TOKEN)))
def test_a_body_that_was_cut_in_the_middle_of_a_secret_gives_no_part_of_it(kept: int) -> None:
    text = ('{"text":"' + "x" * KEPT)[: KEPT - kept] + TOKEN[:kept]
    assert TOKEN[:5] not in redactor(TOKEN).body(text.encode()).decode()


def test_what_is_too_short_is_no_secret_by_value() -> None:
    assert Redactor({"cat": "password"}).text("a cat sat") == "a cat sat"


def test_what_is_seen_in_headers_and_sign_ins_is_known_by_value_from_then_on() -> None:
    known = Redactor(key=KEY)
    known.add_headers([("Authorization", f"Bearer {TOKEN}"), ("Set-Cookie", 'session="c00kie-value"; Path=/')])
    known.add_json({"user": {"password": CANARY}, "name": "nobody special"})
    shown = known.text(f"{TOKEN} c00kie-value {CANARY} nobody special /")
    assert survivors(shown) == []
    assert "c00kie-value" not in shown
    assert shown.endswith(" nobody special /")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "\\",
        '"a":',
        "token=",
        '"token":[',
        '"token":"\\',
        "%25",
        "%3D",
        "://",
        '[{"token":',
        "\ncookie:",
        '"' + " " * 19,
    ],
)
def test_a_server_cannot_keep_the_redactor_busy(piece: str) -> None:
    # What takes the square of the time takes minutes here.
    text = piece * (KEPT // len(piece))
    assert isinstance(redactor(TOKEN, CANARY).body(text.encode()), bytes)
