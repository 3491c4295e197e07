"""The client library of the platform: typed REST and realtime, no UI in it."""
