"""Libraries that write whole URLs, headers and frames into the log are kept from it: what is recorded is redacted."""

from __future__ import annotations

import logging

TALKATIVE = ("httpx", "httpcore", "websockets", "websockets.client")


def hush() -> None:
    """Let these libraries log warnings and worse alone, whatever the level of the program's log is."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
