"""The catalogue: artists, albums, tracks, the music home, and the reading of music folders."""
