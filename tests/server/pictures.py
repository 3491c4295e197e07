"""Small pictures for posts and stories."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image


def png(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (200, 60, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def medium(width: int = 64, height: int = 48, **more: Any) -> dict[str, Any]:
    return {"type": "image", "base64": base64.b64encode(png(width, height)).decode(), **more}
