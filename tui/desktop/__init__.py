"""The player in the user's desktop: media keys, its controls and its notifications, over the session bus."""
