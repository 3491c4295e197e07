"""Replies and frames against the contract: envelope, status, error code, and the shape of what is inside."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Never, get_args

from pydantic import ValidationError

from api_client.endpoints import ENDPOINTS, Endpoint, Retry
from api_client.errors import ErrorCode
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.strict import Complaint, Manner, complaints_about, translated
from api_client.inspect.smoke.values import brief
from api_client.models import realtime
from api_client.models.base import ErrorBody


def _frame_kinds(union: Any) -> dict[str, Any]:
    kinds = get_args(get_args(union)[0])
    return {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in kinds}


SERVER_FRAMES: Mapping[str, Any] = _frame_kinds(realtime.ServerFrame)
"""Type of an event to its model."""
CLIENT_FRAMES: Mapping[str, Any] = _frame_kinds(realtime.ClientFrame)
"""Type of a frame that a client may send to its model."""


class NotJson(ValueError):
    """Bytes that are no JSON, or that two readers would understand differently."""


def read_strict(data: str | bytes) -> Any:
    """Return decoded JSON as it was sent, uncleaned; raises NotJson, for NaN and keys that stand twice as well."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotJson(" ".join(str(error).split())[:200] or "nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key stands twice")
    return found


def _refuse(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def documented(endpoint: Endpoint) -> frozenset[int]:
    """Return the statuses that `endpoint` may answer with."""
    codes = {ErrorCode.VALIDATION_ERROR, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE}
    codes |= set(endpoint.errors)
    if not endpoint.public or endpoint.request is not None:
        codes.add(ErrorCode.UNAUTHENTICATED)
    if not endpoint.public:
        codes.add(ErrorCode.FORBIDDEN)
    if endpoint.request is not None:
        codes.add(ErrorCode.PAYLOAD_TOO_LARGE)
    if endpoint.retry is Retry.KEYED:
        codes.add(ErrorCode.CONFLICT)
    return frozenset({endpoint.status, *(code.status for code in codes)})


@cache
def _routes() -> list[tuple[str, re.Pattern[str], Endpoint]]:
    """Return method, pattern and endpoint, the most literal paths first."""
    ordered = sorted(ENDPOINTS, key=lambda endpoint: (endpoint.path.count("{"), -len(endpoint.path)))
    return [(endpoint.method, re.compile("".join(_pattern_of(endpoint.path))), endpoint) for endpoint in ordered]


def _pattern_of(path: str) -> list[str]:
    return [r"[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path)]


def endpoint_at(method: str, path: str) -> Endpoint | None:
    """Return the endpoint that answers `method` on `path`, which is below the base URL; None if no table has it."""
    bare = path.partition("?")[0]
    return next((found for verb, pattern, found in _routes() if verb == method and pattern.fullmatch(bare)), None)


def check_success(endpoint: Endpoint, body: Any, *, lenient: bool = False) -> list[Complaint]:
    """Return what is wrong with the decoded reply of success of `endpoint`."""
    if not isinstance(body, dict):
        return [Complaint(Code.ENVELOPE, "", f"a reply is an object, this is {brief(body, 80)}")]
    found: list[Complaint] = []
    if body.get("success") is not True:
        found.append(Complaint(Code.ENVELOPE, ".success", f"this should be true and is {brief(body.get('success'))}"))
    allowed = {"success", "data", "meta", *endpoint.lifted, *(["nextCursor"] if endpoint.paged else [])}
    if not lenient:
        found += [
            Complaint(Code.ENVELOPE, f".{name}", "the envelope has no such field")
            for name in body
            if name not in allowed
        ]
    if "data" not in body:
        return [*found, Complaint(Code.ENVELOPE, ".data", "this is missing")]
    found += _check_page(body) if endpoint.paged else _check_lifted(endpoint, body)
    kind = list[endpoint.reply] if endpoint.paged else endpoint.reply  # type: ignore[name-defined]
    return found + complaints_about(body["data"], kind, Manner(lenient), ".data")


def _check_page(body: Mapping[str, Any]) -> list[Complaint]:
    found = []
    cursor = body.get("nextCursor", ...)
    if cursor is ... or not (cursor is None or isinstance(cursor, str)):
        found.append(Complaint(Code.ENVELOPE, ".nextCursor", "a list says where it goes on: text, or null at its end"))
    meta = body.get("meta")
    if not isinstance(meta, dict) or meta.get("nextCursor", ...) != cursor:
        found.append(Complaint(Code.ENVELOPE, ".meta.nextCursor", "this should be the same as .nextCursor"))
    return found


def _check_lifted(endpoint: Endpoint, body: Mapping[str, Any]) -> list[Complaint]:
    data = body["data"] if isinstance(body["data"], dict) else {}
    return [
        Complaint(Code.ENVELOPE, f".{name}", f"this should be the same as .data.{name}")
        for name in endpoint.lifted
        if name not in body or body[name] != data.get(name)
    ]


def check_refusal(status: int, headers: Mapping[str, str], body: Any, *, lenient: bool = False) -> list[Complaint]:
    """Return what is wrong with the decoded reply of a refusal."""
    if not isinstance(body, dict):
        return [Complaint(Code.ENVELOPE, "", f"a refusal is an object, this is {brief(body, 80)}")]
    found: list[Complaint] = []
    if body.get("success") is not False:
        found.append(Complaint(Code.ENVELOPE, ".success", f"this should be false and is {brief(body.get('success'))}"))
    if not lenient:
        known = ("success", "error", "meta")
        found += [Complaint(Code.ENVELOPE, f".{n}", "a refusal has no such field") for n in body if n not in known]
    meta = body.get("meta")
    if not isinstance(meta, dict) or not isinstance(meta.get("requestId"), str):
        found.append(Complaint(Code.ENVELOPE, ".meta.requestId", "a refusal names its request"))
    if status == ErrorCode.RATE_LIMITED.status and "retry-after" not in headers:
        found.append(Complaint(Code.ENVELOPE, "Retry-After", "429 says when to come again"))
    if "error" not in body:
        return [*found, Complaint(Code.ENVELOPE, ".error", "this is missing")]
    found += complaints_about(body["error"], ErrorBody, Manner(lenient, omits_null=True), ".error")
    code = body["error"].get("code") if isinstance(body["error"], dict) else None
    if not isinstance(code, str):
        return found
    if code not in ErrorCode.__members__:
        if not lenient:
            found.append(Complaint(Code.UNKNOWN_VALUE, ".error.code", f"there is no code {brief(code, 80)}"))
    elif ErrorCode(code).status != status:
        said = f"{code} travels with {ErrorCode(code).status}, not with {status}"
        found.append(Complaint(Code.ENVELOPE, ".error.code", said))
    return found


def check_frame(value: Any) -> list[Complaint]:
    """Return what is wrong with a decoded frame of the platform."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return [Complaint(Code.UNKNOWN_FRAME, "", f"a frame is an object with a type, this is {brief(value, 80)}")]
    kind = SERVER_FRAMES.get(value["type"])
    if kind is None:
        return [Complaint(Code.UNKNOWN_FRAME, ".type", f"the platform has no frame {brief(value['type'], 80)}")]
    return complaints_about(value, kind, Manner(omits_null=True))


def check_own_frame(value: Any) -> list[Complaint]:
    """Return what is wrong with a frame that is to be sent."""
    if not isinstance(value, dict):
        return [Complaint(Code.UNKNOWN_FRAME, "", "a frame is an object")]
    kind = CLIENT_FRAMES.get(str(value.get("type")))
    if kind is None:
        return [Complaint(Code.UNKNOWN_FRAME, ".type", f"no client sends {brief(value.get('type'), 80)}")]
    try:
        # Not walked: what a client leaves out has its default.
        kind.model_validate(value, extra="forbid")
    except ValidationError as error:
        return list(translated(error, ""))
    return []
