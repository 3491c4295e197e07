"""The codes of everything that a scenario can find wrong: stable, so that baselines and greps hold."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """HT1xx the line, ST2xx the reply's status and content, CT3xx the contract, WS4xx the socket, TM5xx time."""

    REFUSED = "HT101"
    UNKNOWN_HOST = "HT102"
    TLS = "HT103"
    NO_ANSWER = "HT104"
    CUT = "HT105"
    NOT_HTTP = "HT106"
    TOO_LARGE = "HT107"

    STATUS = "ST201"
    UNDOCUMENTED_STATUS = "ST202"
    LEAK = "ST203"
    SERVER_ERROR = "ST204"
    ERROR_CODE = "ST205"
    HEADER = "ST206"
    NOT_IDEMPOTENT = "ST207"
    CONTENT = "ST208"
    NO_CAPTURE = "ST209"
    SETUP = "ST210"
    REPEATED = "ST211"
    SIGN_IN = "ST212"

    MISSING_FIELD = "CT301"
    UNKNOWN_FIELD = "CT302"
    WRONG_TYPE = "CT303"
    UNKNOWN_VALUE = "CT304"
    NOT_JSON = "CT305"
    ENVELOPE = "CT306"
    OUT_OF_BOUNDS = "CT307"
    UNKNOWN_FRAME = "CT308"

    NOT_SEEN = "WS401"
    DUPLICATE = "WS402"
    GAP = "WS403"
    OUT_OF_ORDER = "WS404"
    LATE = "WS405"
    UNEXPECTED = "WS406"
    CLOSED = "WS407"
    FRAME_REFUSED = "WS408"
    HANDSHAKE = "WS409"

    SLOW = "TM501"
    SCENARIO_TIMEOUT = "TM502"
    BUSY_CLIENT = "TM503"


MEANINGS: dict[Code, tuple[str, str]] = {
    Code.REFUSED: (
        "Nothing answers at the address",
        "The connection was refused or could not be made. Is the platform running, and is --url right?",
    ),
    Code.UNKNOWN_HOST: ("The host's name is not known", "The name could not be resolved. Check --url and the network."),
    Code.TLS: ("TLS failed", "The certificate is not to be trusted, or the other side does not speak TLS."),
    Code.NO_ANSWER: (
        "No answer in time",
        "The request was sent, or the connection begun, and nothing came within the time limit (--timeout).",
    ),
    Code.CUT: ("The connection broke off", "The connection ended before the whole reply was there."),
    Code.NOT_HTTP: ("This is no HTTP", "Something answers at the address that does not speak HTTP as it should."),
    Code.TOO_LARGE: ("The reply is too large", "The reply has more bytes than are read."),
    Code.STATUS: (
        "Another status than expected",
        "The reply's status is not the one that the scenario names.",
    ),
    Code.UNDOCUMENTED_STATUS: (
        "A status that the contract does not know here",
        "The endpoint's entry in the contract does not list this status. Either the platform or the table is wrong.",
    ),
    Code.LEAK: (
        "Allowed although it should have been refused",
        "A refusal was expected and the platform answered with success: somebody can see or do what is not theirs.",
    ),
    Code.SERVER_ERROR: ("The platform failed", "The reply's status is 5xx. Its log knows more, under the request id."),
    Code.ERROR_CODE: ("Another error code than expected", "The status may be right; `error.code` is another one."),
    Code.HEADER: ("A header is not as expected", "A header of the reply is missing or has another value."),
    Code.NOT_IDEMPOTENT: (
        "Done twice is not done once",
        "The same request sent again, with the same idempotency key, got another reply.",
    ),
    Code.CONTENT: ("The reply is not as expected", "A jq assertion or a `match` of the scenario does not hold."),
    Code.NO_CAPTURE: ("There was nothing to capture", "A capture's jq expression made nothing, or null, of the reply."),
    Code.SETUP: (
        "What the scenario needs could not be made",
        "A person could not be registered or signed in, or a variable was not known when it was needed.",
    ),
    Code.REPEATED: (
        "Something came twice while paging",
        "Following `nextCursor` to the end, the same item came on two pages, or the pages did not end.",
    ),
    Code.SIGN_IN: (
        "A sign-in was refused",
        "The platform takes the name and the password of an account that the scenario brings no more, or never did.",
    ),
    Code.MISSING_FIELD: ("A field of the contract is missing", "The model has a field that the reply or frame lacks."),
    Code.UNKNOWN_FIELD: (
        "A field that the contract does not know",
        "The reply or frame has a field that no model has (as with extra='forbid').",
    ),
    Code.WRONG_TYPE: ("A field has another type", "The value is not of the type that the model gives the field."),
    Code.UNKNOWN_VALUE: ("A value that the contract does not list", "An enumeration or literal has another value."),
    Code.NOT_JSON: (
        "This is not JSON",
        "The body or frame is not JSON, or can be read in two ways.",
    ),
    Code.ENVELOPE: (
        "The envelope is wrong",
        "Something beside `data` or `error` is not as it must be.",
    ),
    Code.OUT_OF_BOUNDS: ("A value is out of bounds", "The value has the right type and breaks a rule of the model."),
    Code.UNKNOWN_FRAME: ("A frame of a type that the contract does not know", "The frame's `type` is in no model."),
    Code.NOT_SEEN: ("An event did not come", "The event was not seen on the socket, also not late."),
    Code.DUPLICATE: ("An event came more often than it should", "More events match than the scenario expects."),
    Code.GAP: (
        "There is a gap in the events",
        "A value that should rise by one left something out.",
    ),
    Code.OUT_OF_ORDER: (
        "Events came in the wrong order",
        "The events came in another order than listed, a value did not rise, or a version notice went back.",
    ),
    Code.LATE: ("An event came too late", "The event came, but after its time limit."),
    Code.UNEXPECTED: ("An event that should not have come", "The scenario excludes this event on this socket."),
    Code.CLOSED: ("The socket was closed", "The platform closed the socket, or it broke, while it was needed."),
    Code.FRAME_REFUSED: ("A frame was refused", "The platform answered a frame with an `error` event."),
    Code.HANDSHAKE: ("The socket was not opened", "The upgrade or the sign-in on the socket did not end in `ready`."),
    Code.SLOW: ("Slower than allowed", "The reply took longer than the scenario's or the command's limit."),
    Code.SCENARIO_TIMEOUT: ("The scenario took too long", "It was broken off at its time limit; its teardown ran."),
    Code.BUSY_CLIENT: (
        "This machine was the bottleneck",
        "The client could not keep its own timetable, so its latencies say nothing about the platform.",
    ),
}
"""Code to its one-line meaning and its explanation."""


def explained(code: str) -> str | None:
    """Return the explanation of a code such as `WS402`, None if there is no such code."""
    try:
        found = Code(code.strip().upper())
    except ValueError:
        return None
    title, text = MEANINGS[found]
    return f"{found.value}  {title}\n\n{text}\n"
