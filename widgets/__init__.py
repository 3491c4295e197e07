"""Widgets that draw and speak; none of them knows the network or the app."""
