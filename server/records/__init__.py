"""Records of all kinds by their keys: reading many at once, and writing those of the studio."""
