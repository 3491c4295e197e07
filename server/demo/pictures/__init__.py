"""Drawn pictures: every key names one picture, and the same key gives the same bytes."""
