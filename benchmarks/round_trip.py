"""A line with a round trip: `python -m benchmarks.round_trip PORT MS` passes connections on to 127.0.0.1:PORT, late.

A connection costs a round trip before it carries anything, as a handshake does; after that every piece is late by half
of one in either direction, however many are on the way. It prints the port at which it listens.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

_CHUNK = 1 << 16


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
    """Pass on what comes, each piece `late` seconds after it came."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)

    async def deliver() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                with suppress(OSError):
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    async with asyncio.TaskGroup() as group:
        group.create_task(deliver())
        while True:
            data = await reader.read(_CHUNK)
            await under_way.put((loop.time() + late, data))
            if not data:
                return


async def _serve(target: int, trip: float) -> None:
    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        try:
            await asyncio.sleep(trip)
            far_reader, far = await asyncio.open_connection("127.0.0.1", target)
            async with asyncio.TaskGroup() as group:
                group.create_task(_carry(reader, far, trip / 2))
                group.create_task(_carry(far_reader, writer, trip / 2))
        except* OSError:
            pass
        finally:
            writer.close()
            if far is not None:
                far.close()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
