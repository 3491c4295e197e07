"""The platform's WebSocket: signed in, subscribed, kept alive, and read into typed events."""

from api_client.realtime.link import Host, Realtime
from api_client.realtime.states import Phase, SocketState

__all__ = ["Host", "Phase", "Realtime", "SocketState"]
