"""What the program knows: one store per domain, no toolkit in it."""
