"""One search over everything the platform has."""
