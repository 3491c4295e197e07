"""The reference server of the platform: one process, one port, REST, WebSocket, SSE and media."""
