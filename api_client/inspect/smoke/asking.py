"""A request of a scenario: built, sent, and its reply held against everything that is expected of it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from api_client.endpoints import Endpoint, Retry
from api_client.errors import ErrorCode
from api_client.inspect.smoke import contract
from api_client.inspect.smoke.checks import Checks
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Context, Words
from api_client.inspect.smoke.expecting import Capture, Captures, Expect, HeaderRule, Predicates
from api_client.inspect.smoke.people import Person
from api_client.inspect.smoke.results import Failure
from api_client.inspect.smoke.step_shapes import Asking, target_of
from api_client.inspect.smoke.strict import Complaint
from api_client.inspect.smoke.values import (
    ValueTrouble,
    as_text,
    ask,
    brief,
    equal,
    filled,
    filled_jq,
    filled_path,
    filled_text,
    subset_difference,
)
from api_client.inspect.smoke.wire import Exchange

KEY_HEADER = "X-Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with everything filled in."""

    method: str
    url: str
    path: str
    headers: dict[str, str]
    content: bytes | None
    endpoint: Endpoint | None

    def again(self) -> Prepared:
        """Return the same request as a client would send it again: another request id, the same key."""
        headers = {**self.headers, "X-Request-Id": uuid.uuid4().hex}
        return Prepared(self.method, self.url, self.path, headers, self.content, self.endpoint)


def prepare(context: Context, request: str, asking: Asking, person: Person, words: Words) -> Prepared:
    """Return the request that a step means. Raises ValueTrouble."""
    method, template, named = target_of(request)
    if named is not None:
        values = {name: quote(filled_text(str(value), words), safe="@:") for name, value in asking.path.items()}
        missing = [name for name in re.findall(r"\{(\w+)\}", template) if name not in values]
        if missing:
            raise ValueTrouble(f"{request} needs path: {{{missing[0]}: …}}")
        place = template.format(**values)
    else:
        place = filled_path(template, words)
    query = _query(filled(asking.query, words))
    if query:
        place += ("&" if "?" in place else "?") + query
    try:
        url, path = context.means.wire.place(place, root=asking.root)
    except ValueError as error:
        raise ValueTrouble(str(error)) from error
    endpoint = contract.endpoint_at(method, path)
    content, kind = _content(asking, words)
    headers = {"Accept": "application/json", "X-Request-Id": uuid.uuid4().hex}
    if kind:
        headers["Content-Type"] = kind
    if person.token is not None:
        headers["Authorization"] = f"Bearer {person.token}"
    if asking.key is not False and (asking.key or (endpoint is not None and endpoint.retry is Retry.KEYED)):
        headers[KEY_HEADER] = filled_text(asking.key, words) if asking.key else str(uuid.uuid4())
    for name, value in asking.headers.items():
        _replace(headers, name, filled_text(value, words))
    return Prepared(method, url, path, headers, content, endpoint)


def _replace(headers: dict[str, str], name: str, value: str) -> None:
    for present in [each for each in headers if each.lower() == name.lower()]:
        del headers[present]
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueTrouble(f"the header {name} holds letters that no header can") from error
    headers[name] = value


def _query(query: dict[str, Any]) -> str:
    pairs = []
    for name, value in query.items():
        items = value if isinstance(value, list) else [value]
        pairs += [(name, as_text(item)) for item in items if item is not None]
    return urlencode(pairs)


def _content(asking: Asking, words: Words) -> tuple[bytes | None, str]:
    if asking.body is not None:
        return json.dumps(filled(asking.body, words), ensure_ascii=False).encode(), "application/json"
    if asking.text is not None:
        return filled_text(asking.text, words).encode(), ""
    if asking.base64 is None:
        return None, ""
    try:
        return base64.b64decode(filled_text(asking.base64, words), validate=True), ""
    except binascii.Error as error:
        raise ValueTrouble(f"this is not base64: {error}") from error


async def send(context: Context, prepared: Prepared) -> Exchange:
    """Send it."""
    return await context.means.wire.send(
        prepared.method, prepared.url, prepared.path, prepared.headers, prepared.content
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as jq sees it."""

    exchange: Exchange
    value: Any
    """The decoded body, null where it is no JSON."""
    words: Words


def read_reply(exchange: Exchange, words: Words) -> Reply:
    """Return the reply decoded, with what jq knows beside it."""
    value, text = None, ""
    try:
        value = contract.read_strict(exchange.body) if exchange.body else None
    except contract.NotJson:
        text = exchange.body.decode("utf-8", "replace")
    about = {
        "status": exchange.status,
        "headers": exchange.reply_headers,
        "ms": round(exchange.seconds * 1000, 3),
        "size": len(exchange.body),
        "text": text,
    }
    return Reply(exchange, value, words.with_(**about))


def judge(context: Context, exchange: Exchange, expect: Expect, words: Words, checks: Checks) -> Reply | None:
    """Hold a reply against what is expected; returns it where its status is right, so that more can be asked of it."""
    if exchange.trouble is not None:
        checks.wrong("reply", exchange.trouble, exchange.sentence, exchange=exchange)
        return None
    checks.passed("reply")
    reply = read_reply(exchange, words)
    is_right = _judge_status(exchange, expect, checks)
    if is_right and expect.code is not None:
        _judge_code(reply, expect.code, checks)
    if expect.contract != "off":
        _judge_contract(context, reply, expect, checks)
    if not is_right:
        return None
    for name, rule in expect.headers.items():
        _judge_header(exchange, name, rule, words, checks)
    judge_content(reply, expect, checks)
    _judge_time(context, exchange, expect, checks)
    return reply


def judge_content(reply: Reply, expect: Expect, checks: Checks) -> None:
    """Hold the body of a reply against what is expected of it."""
    judge_predicates(expect.jq, reply.value, reply.words, checks, reply.exchange)
    if expect.match is None:
        return
    difference = subset_difference(filled(expect.match, reply.words), reply.value)
    if difference:
        checks.wrong("match", Code.CONTENT, str(difference), exchange=reply.exchange)
    else:
        checks.passed("match")


def _judge_status(exchange: Exchange, expect: Expect, checks: Checks) -> bool:
    status, endpoint = exchange.status, exchange.endpoint
    wanted: tuple[int, ...] = expect.status or ()
    if not wanted and expect.code is not None:
        wanted = (ErrorCode(expect.code).status,)
    if not wanted and endpoint is not None:
        wanted = (endpoint.status,)
    if status in wanted or (not wanted and 200 <= status < 300):
        checks.passed("status")
        return True
    said = " or ".join(map(str, wanted)) or "2xx"
    if status >= 500:
        code = Code.SERVER_ERROR
    elif wanted and min(wanted) >= 400 and status < 300:
        code = Code.LEAK
    elif endpoint is not None and status not in contract.documented(endpoint):
        code = Code.UNDOCUMENTED_STATUS
    else:
        code = Code.STATUS
    checks.wrong("status", code, f"the status is {status}", expected=said, exchange=exchange)
    return False


def _judge_code(reply: Reply, wanted: str, checks: Checks) -> None:
    error = reply.value.get("error") if isinstance(reply.value, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if code == wanted:
        checks.passed("code")
    else:
        checks.wrong("code", Code.ERROR_CODE, f"the code is {brief(code)}", expected=wanted, exchange=reply.exchange)


def _judge_contract(context: Context, reply: Reply, expect: Expect, checks: Checks) -> None:
    exchange, lenient = reply.exchange, expect.contract == "lenient"
    succeeded = exchange.endpoint is not None and exchange.status == exchange.endpoint.status
    refused = exchange.status >= 400 and exchange.url.startswith(context.means.wire.address.base + "/")
    if not (succeeded or refused) or exchange.method == "HEAD":
        return
    complaints: list[Complaint] = []
    if exchange.media_type != "application/json":
        said = f"the content type is {brief(exchange.media_type)}"
        complaints.append(Complaint(Code.ENVELOPE, "Content-Type", said))
    echoed = exchange.reply_headers.get("x-request-id")
    if echoed != exchange.headers.get("X-Request-Id", echoed):
        complaints.append(Complaint(Code.ENVELOPE, "X-Request-Id", "the reply is to another request"))
    try:
        body = contract.read_strict(exchange.body)
    except contract.NotJson as error:
        complaints = [Complaint(Code.NOT_JSON, "", str(error))]
    else:
        if succeeded and exchange.endpoint is not None:
            complaints += contract.check_success(exchange.endpoint, body, lenient=lenient)
        else:
            complaints += contract.check_refusal(exchange.status, exchange.reply_headers, body, lenient=lenient)
    if not complaints:
        checks.passed("contract")
        return
    first, *others = complaints
    failure = Failure(first.code, str(first), details=[f"{each.code.value} {each}" for each in others])
    checks.fail("contract", failure, exchange)


def _judge_header(exchange: Exchange, name: str, rule: str | HeaderRule, words: Words, checks: Checks) -> None:
    value = exchange.reply_headers.get(name.lower())
    wrong, expected = "", ""
    if isinstance(rule, str):
        expected = filled_text(rule, words)
        wrong = "" if value == expected else f"{name} is {brief(value)}"
    elif not rule.present:
        wrong = f"{name} should not be there" if value is not None else ""
    elif value is None:
        wrong = f"{name} is missing"
    elif rule.matches is not None and not re.search(rule.matches, value):
        wrong, expected = f"{name} is {brief(value)}", f"/{rule.matches}/"
    if wrong:
        checks.wrong(f"header {name}", Code.HEADER, wrong, expected=expected, exchange=exchange)
    else:
        checks.passed(f"header {name}")


def judge_predicates(
    predicates: Predicates, value: Any, words: Words, checks: Checks, exchange: Exchange | None = None
) -> None:
    """Ask each jq expression of `value`: it must be true, or make the value that it is mapped to."""
    wanted = predicates if isinstance(predicates, dict) else dict.fromkeys(predicates, True)
    for expression, expected in wanted.items():
        name = f"jq {expression}"
        try:
            found = ask(filled_jq(expression, words), value, words)
            aim = filled(expected, words)
        except ValueTrouble as error:
            checks.wrong(name, Code.CONTENT, str(error), exchange=exchange)
            continue
        if not equal(aim, found):
            said = f"{expression} is {brief(found)}"
            checks.wrong(name, Code.CONTENT, said, expected=brief(aim), exchange=exchange)
        else:
            checks.passed(name)


def _judge_time(context: Context, exchange: Exchange, expect: Expect, checks: Checks) -> None:
    limit = min((each for each in (expect.within, context.means.max_seconds) if each is not None), default=None)
    if limit is None:
        return
    if exchange.seconds <= limit:
        checks.passed("time")
        return
    said = f"the reply took {exchange.seconds * 1000:.0f} ms"
    checks.wrong("time", Code.SLOW, said, expected=f"at most {limit * 1000:.0f} ms", exchange=exchange)


def capture(context: Context, captures: Captures, value: Any, words: Words, checks: Checks) -> None:
    """Keep values of a reply or an event; that there is nothing is a failure."""
    for name, rule in captures.items():
        expression, secret = (rule.jq, rule.secret) if isinstance(rule, Capture) else (rule, False)
        try:
            found = ask(filled_jq(expression, words), value, words)
        except ValueTrouble as error:
            checks.wrong(f"capture {name}", Code.NO_CAPTURE, str(error))
            continue
        if found is None:
            checks.wrong(f"capture {name}", Code.NO_CAPTURE, f"{expression} made nothing of {brief(value)}")
            continue
        context.keep(name, found, secret=secret)
        checks.passed(f"capture {name}")
