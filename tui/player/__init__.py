"""The music player without a screen: queue, engines, byte source."""
