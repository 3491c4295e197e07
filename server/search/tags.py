"""Tags: what stands behind a number sign in a caption."""

from __future__ import annotations

import re

_TAG = re.compile(r"(?<![\w&#])#(\w{1,50})(?!\w)")


def tags_in(caption: str) -> set[str]:
    """Return the tags of a caption, casefolded and without the sign; numbers alone are none."""
    return {tag.casefold() for tag in _TAG.findall(caption) if not tag.isdigit()}
