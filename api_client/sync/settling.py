"""What an outcome means for an intent, and how a reply is stored for those who come later."""

from __future__ import annotations

from enum import Enum, auto
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from api_client.endpoints import Endpoint
from api_client.errors import ApiError, BadReply, ErrorCode, NotFound, PlatformError, SignInRequired
from api_client.models.base import Done
from api_client.sync.receipts import Receipt


class Verdict(Enum):
    """What is to be done about an attempt that came to nothing."""

    SIGN_IN = auto()
    """Everything waits for somebody to sign in."""
    SLOW_DOWN = auto()
    """The platform asks the account to wait: that was no attempt."""
    AGAIN = auto()
    """The same once more, later, with the same key."""
    THERE_ALREADY = auto()
    """What it was to do has been done, by an earlier attempt whose reply was lost."""
    CONFLICT = auto()
    """Somebody else changed the record in between."""
    REFUSED = auto()
    """The user decides."""


def judge(receipt: Receipt, error: PlatformError, sent_before: bool) -> Verdict:
    """Return what to do; `sent_before` says whether an earlier attempt may have reached the platform."""
    if isinstance(error, SignInRequired):
        return Verdict.SIGN_IN
    if not isinstance(error, ApiError):
        unknown = error.worth_retrying or error.may_have_happened or isinstance(error, BadReply)
        return Verdict.AGAIN if unknown else Verdict.REFUSED
    if error.worth_retrying:
        return Verdict.AGAIN if error.retry_after is None else Verdict.SLOW_DOWN
    if isinstance(error, NotFound) and sent_before and _only_deletes(receipt.intent.endpoint):
        return Verdict.THERE_ALREADY
    if error.code == ErrorCode.VERSION_CONFLICT and receipt.intent.base is not None:
        return Verdict.CONFLICT
    return Verdict.REFUSED


def platform_is_away(error: PlatformError) -> bool:
    """Whether the error says that nothing gets through, rather than that one request was too much for the platform."""
    return not isinstance(error, ApiError) or error.status in (408, 429, 502, 503, 504)


def reply_text(endpoint: Endpoint, data: Any) -> str | None:
    """Return the data of a reply as JSON text; None where JSON has no form for it."""
    if data is None:
        return None
    try:
        return _adapter(endpoint).dump_json(data, warnings=False).decode()
    except (PydanticSerializationError, UnicodeDecodeError):
        return None


def reply_data(endpoint: Endpoint, text: str | None) -> Any:
    """Return the typed data of a stored reply; raises BadReply if it is not what the endpoint replies."""
    if text is None:
        return None
    try:
        return _adapter(endpoint).validate_json(text)
    except ValidationError as error:
        raise BadReply("This was done, but what the platform said to it can no longer be read.") from error


def _only_deletes(endpoint: Endpoint) -> bool:
    return endpoint.method == "DELETE" and endpoint.reply is Done


@cache
def _adapter(endpoint: Endpoint) -> TypeAdapter[Any]:
    return TypeAdapter(endpoint.reply)
