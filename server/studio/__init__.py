"""The studio: projects, what is in them, and who works on them."""
