"""Verbs for scripts: what the program does on its screens, one command each, without a screen."""
