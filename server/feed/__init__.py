"""Photo posts: the feed and its cache, likes, saves, explore, and the wire form of posts of both kinds."""
