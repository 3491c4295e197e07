"""Subreddits, their posts, how those are ranked, and votes."""
