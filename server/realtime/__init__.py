"""What is pushed: the one WebSocket, its hub, and the event streams."""
