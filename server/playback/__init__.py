"""Stream addresses, the audio itself, and what was listened to."""
