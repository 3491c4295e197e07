"""Drawn pictures: every key names one picture, and the same key gives the same bytes."""

from server.demo.pictures.keys import picture_alt, picture_key, picture_size
from server.demo.pictures.render import render_avatar, render_cover, render_picture

__all__ = ["picture_alt", "picture_key", "picture_size", "render_avatar", "render_cover", "render_picture"]
