"""Seeing, repeating and checking what goes over the wire; no screen in it."""
