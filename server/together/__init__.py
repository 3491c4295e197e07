"""Listening among friends: what they hear, who may know, and sessions in which several hear the same."""
