"""Comments on posts of both kinds: paths, the tree and its pages, and the live streams."""
