"""Playlists, their tracks and their editors, and the library of saved things."""
