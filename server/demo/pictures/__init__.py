"""Drawn pictures: every key names one picture, and the same key gives the same bytes.

`keys` is light; `render`, which draws, loads numpy.
"""
