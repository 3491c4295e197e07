"""The client's contract against the platform's own description, and against what was seen of it."""
