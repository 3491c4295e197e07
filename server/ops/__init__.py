"""The platform about itself: what it can do, whether it is well, and its figures."""
