"""Looks at everything that Parlour needs, and says what to do where something is not as it should be."""
