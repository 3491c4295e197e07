"""Chat: conversations, messages that may disappear, who is there, and the demo's talking partner."""
