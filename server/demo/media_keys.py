"""The keys under which the media store serves what the demo draws."""

from __future__ import annotations

PREFIX = "demo/"
_SUFFIX = ".jpg"


def media_key(drawing: str) -> str:
    """Return the key of the media store for a drawing of the demo world."""
    return f"{PREFIX}{drawing}{_SUFFIX}"


def draw(key: str) -> bytes:
    """Return the picture for a key made by `media_key`; raises KeyError if there is no such drawing."""
    # Drawing needs numpy, which a platform without demo data never loads.
    from server.demo.pictures.render import render_avatar, render_cover, render_picture

    drawing = key.removeprefix(PREFIX).removesuffix(_SUFFIX)
    kind = drawing.partition("-")[0]
    render = {"avatar": render_avatar, "cover": render_cover}.get(kind, render_picture)
    try:
        data, _ = render(drawing)
    except ValueError as error:
        raise KeyError(key) from error
    return data
