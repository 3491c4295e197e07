"""Every refusal of the server, and how each becomes the contract's error envelope."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException

from api_client.errors import ErrorCode
from api_client.models.base import ErrorBody, ErrorEnvelope, Meta, WireModel

_log = logging.getLogger(__name__)

_SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.VALIDATION_ERROR: "The request cannot be read.",
    ErrorCode.NOT_FOUND: "There is nothing at this address.",
    ErrorCode.METHOD_NOT_ALLOWED: "This address does not take that method.",
    ErrorCode.PAYLOAD_TOO_LARGE: "The request is too large.",
    ErrorCode.INTERNAL: "The platform failed to answer. The failure has been logged.",
    ErrorCode.UNAVAILABLE: "The platform is too busy right now. Try again in a moment.",
}

_CODE_BY_STATUS: Mapping[int, ErrorCode] = {
    400: ErrorCode.VALIDATION_ERROR,
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    416: ErrorCode.RANGE_NOT_SATISFIABLE,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.UNAVAILABLE,
}


class Problem(Exception):
    """A request that is refused, with the code, the sentence and the headers to answer with."""

    def __init__(
        self, code: ErrorCode, message: str, details: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


class BodyTooLarge(HTTPException):
    """More bytes arrived than the address takes.

    An HTTPException, because it is raised while the framework reads the body, and that lets only those through.
    """

    def __init__(self) -> None:
        super().__init__(ErrorCode.PAYLOAD_TOO_LARGE.status, headers={"Connection": "close"})


def invalid(field: str, message: str) -> Problem:
    """Return the problem that says what is wrong with one field of the request."""
    return Problem(ErrorCode.VALIDATION_ERROR, message, details=[{"field": field, "message": message}])


def version_conflict(key: str, current: WireModel) -> Problem:
    """Return the refusal of a change that was made on another version of the record `key`, with the present one."""
    details = {"current": current.model_dump(mode="json")}
    return Problem(ErrorCode.VERSION_CONFLICT, f"Version conflict for {key}", details)


def request_id_of(scope: Mapping[str, Any]) -> str | None:
    """Return the id that the request carries through logs and replies."""
    found = scope.get("state", {}).get("request_id")
    return found if isinstance(found, str) else None


def error_reply(
    request_id: str | None,
    code: ErrorCode,
    message: str,
    details: Any = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the error envelope as a response."""
    envelope = ErrorEnvelope(
        error=ErrorBody(code=code, message=message, details=details), meta=Meta(request_id=request_id)
    )
    return JSONResponse(
        envelope.model_dump(mode="json", exclude_none=True), status_code=code.status, headers=dict(headers or {})
    )


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Return validation errors as `{field, message}`; what was sent is never repeated."""
    return [
        {"field": _field_name(error), "message": str(error["msg"]).removeprefix("Value error, ")} for error in errors
    ]


def _field_name(error: Any) -> str:
    where, *parts = error["loc"]
    if error["type"] == "json_invalid" or not parts:
        return str(where)
    return ".".join(str(part) for part in parts)


async def _on_problem(request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, Problem)  # noqa: S101 - the handler is registered for this type alone
    return error_reply(request_id_of(request.scope), problem.code, problem.message, problem.details, problem.headers)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for this type alone
    details = field_errors(error.errors())
    code = ErrorCode.VALIDATION_ERROR
    message = details[0]["message"] if len(details) == 1 else "Some fields are not acceptable."
    return error_reply(request_id_of(request.scope), code, message, details)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - the handler is registered for this type alone
    code = _CODE_BY_STATUS.get(error.status_code, ErrorCode.INTERNAL)
    return error_reply(
        request_id_of(request.scope), code, _SENTENCES.get(code, str(error.detail)), headers=error.headers
    )


async def _on_busy_database(request: Request, error: Exception) -> JSONResponse:
    text = str(error)
    if isinstance(error, OperationalError) and not any(sign in text for sign in ("locked", "is full", "readonly")):
        raise error
    _log.error("the database refused: %s", text.splitlines()[0])
    code = ErrorCode.UNAVAILABLE
    return error_reply(request_id_of(request.scope), code, _SENTENCES[code], headers={"Retry-After": "2"})


async def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    request_id = request_id_of(request.scope)
    _log.error("request %s failed", request_id, exc_info=error)
    code = ErrorCode.INTERNAL
    headers = {"X-Request-Id": request_id} if request_id else {}
    return error_reply(request_id, code, _SENTENCES[code], headers=headers)


def install_handlers(app: FastAPI) -> None:
    """Make `app` answer every failure with the error envelope."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(StarletteHTTPException, _on_http)
    app.add_exception_handler(OperationalError, _on_busy_database)
    app.add_exception_handler(PoolTimeout, _on_busy_database)
    app.add_exception_handler(Exception, _on_unexpected)
