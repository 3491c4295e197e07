"""A Secret Service that owns its name on the session bus and never answers: `python silent_secrets.py`.

A daemon that waits for a prompt on another seat looks just like this to its callers.
"""

from __future__ import annotations

import sys

from jeepney import HeaderFields, MessageType, message_bus
from jeepney.io.blocking import open_dbus_connection


def main() -> None:
    """Take the name, say so, and be silent until the bus goes away."""
    connection = open_dbus_connection(bus="SESSION")
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
    sys.stdout.write("silent\n")
    sys.stdout.flush()
    while True:
        message = connection.receive()
        if message.header.message_type is MessageType.method_call:
            sys.stdout.write(f"asked {message.header.fields.get(HeaderFields.member)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
