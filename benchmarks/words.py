"""The words of which made-up comments, lines and captions consist."""

from __future__ import annotations

_SENTENCE = (
    "the quiet valley below kept its light until the last train went by and nobody knew why it was so late while "
    "old radios hum in kitchens where people argue about weather bread and the best way to mend a broken chair"
)
WORDS = _SENTENCE.split()
