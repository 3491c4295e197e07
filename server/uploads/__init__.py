"""Uploads: announced, put to a signed address, completed, and then used once."""
