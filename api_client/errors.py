"""What can go wrong between a client and the platform, and the words for it.

    PlatformError                      anything that kept a call from its reply; `sentence` is fit for a screen
    ├── Unreachable                    no connection: refused, no such host, TLS, network down
    ├── TimedOut                       the total deadline of the call passed
    ├── BadReply                       something answered, but not the platform: HTML, cut short, too large, wrong shape
    └── ApiError                       the platform said no, with a code of `ErrorCode`
        ├── SignInRequired             401, or 403 "Unauthorized": sign in again
        │   └── MfaRequired            the password was right, the second factor is missing
        ├── Forbidden                  known, and not allowed
        ├── NotFound
        ├── Invalid                    the request itself is wrong; `fields` says where
        ├── Conflict                   the state has moved on: version, kind, duplicate
        ├── TooLarge
        ├── RateLimited                `retry_after` seconds to wait
        └── ServerFailed               5xx

`SecretsUnavailable` and the like belong to the program, not to the platform: see `tui.keychain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The platform's error codes; `status` is the HTTP status each travels with."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    MFA_REQUIRED = "MFA_REQUIRED"
    FORBIDDEN = "FORBIDDEN"
    NOT_AVAILABLE_IN_REGION = "NOT_AVAILABLE_IN_REGION"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WRONG_KIND = "WRONG_KIND"
    DUPLICATE = "DUPLICATE"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    RANGE_NOT_SATISFIABLE = "RANGE_NOT_SATISFIABLE"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"

    @property
    def status(self) -> int:
        """The HTTP status that carries this code."""
        return _STATUS[self]


_STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.VALIDATION_ERROR: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.SESSION_EXPIRED: 401,
    ErrorCode.MFA_REQUIRED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_AVAILABLE_IN_REGION: 403,
    ErrorCode.SIGNATURE_INVALID: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.VERSION_CONFLICT: 409,
    ErrorCode.WRONG_KIND: 409,
    ErrorCode.DUPLICATE: 409,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.RANGE_NOT_SATISFIABLE: 416,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNAVAILABLE: 503,
}


class PlatformError(Exception):
    """A call to the platform did not get its reply."""

    _usually_sent: ClassVar[bool] = False

    def __init__(self, sentence: str, *, sent: bool | None = None) -> None:
        """`sent` says whether the request may have reached the platform, where it is known better than usual."""
        super().__init__(sentence)
        self.sentence = sentence
        """One clear sentence for the user: what happened and, where there is something to do, what."""
        self.may_have_happened = self._usually_sent if sent is None else sent
        """Whether the platform may have carried the request out although no reply says so, at any of the attempts."""

    @property
    def worth_retrying(self) -> bool:
        """Whether the same request may succeed later without being changed."""
        return False


class Unreachable(PlatformError):
    """No connection could be made or kept; after a connection broke, a write may have happened."""

    @property
    def worth_retrying(self) -> bool:
        return True


class TimedOut(PlatformError):
    """The total deadline of a call passed."""

    _usually_sent = True

    @property
    def worth_retrying(self) -> bool:
        return True


class BadReply(PlatformError):
    """Something answered that is not the platform, or not in a form that can be read."""

    _usually_sent = True


class ApiError(PlatformError):
    """The platform refused; `code` says why, `sentence` is its own message, cleaned."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str,
        status: int,
        details: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status
        self.details = details
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds the platform asks to wait, clamped to an hour; None if it did not say."""

    @property
    def worth_retrying(self) -> bool:
        return self.status in (408, 425, 429) or self.status >= 500


class SignInRequired(ApiError):
    """The tokens are missing, expired or revoked."""


class MfaRequired(SignInRequired):
    """The password was accepted and a second factor is asked for."""


class Forbidden(ApiError):
    """Known, and not allowed."""


class NotFound(ApiError):
    """There is no such thing, or not for this user."""


class Invalid(ApiError):
    """The request itself is wrong."""

    @property
    def fields(self) -> dict[str, str]:
        """Field name to complaint, as far as the platform named them."""
        if not isinstance(self.details, list):
            return {}
        return {
            str(item["field"]): str(item.get("message", self.sentence))
            for item in self.details
            if isinstance(item, dict) and "field" in item
        }


class Conflict(ApiError):
    """The state of the platform has moved on."""


class TooLarge(ApiError):
    """The body was larger than the platform takes."""


class RateLimited(ApiError):
    """Too many requests."""


class ServerFailed(ApiError):
    """The platform itself failed."""

    _usually_sent = True


def api_error(status: int, code: str, sentence: str, **more: Any) -> ApiError:
    """Return the member of the tree that fits `status` and `code`; `more` goes to `ApiError`."""
    return _class_for(status, code, sentence)(sentence, code=code, status=status, **more)


def _class_for(status: int, code: str, sentence: str) -> type[ApiError]:
    if code == ErrorCode.MFA_REQUIRED:
        return MfaRequired
    if status == 401 or (status == 403 and sentence.strip().casefold() == "unauthorized"):
        return SignInRequired
    if status >= 500:
        return ServerFailed
    return _BY_STATUS.get(status, ApiError)


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}
