"""What a user wants done, kept in order until the platform has done it."""
