"""`parlour fake`: a recording as a platform to look at without one, so that what was seen can be seen again."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.exits import CannotGoOn, Exit

if TYPE_CHECKING:
    from api_client.inspect.fake_platform import FakePlatform
    from tui.cli.parsers import Commands

_EPILOG = """\
examples:
  parlour fake session.jsonl                   says where it listens; any name and password signs in
  parlour --url http://127.0.0.1:3100 --data /tmp/fake           in another terminal
  parlour fake session.jsonl --port 0 --pace real -v

Each reply comes in its turn, and the last one again and again; what followed on the socket follows again.
What was not recorded is answered with 404, and said here.

exit status: 0 or 130 when it is ended, 2 a file that is wrong, 3 the port is taken
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `fake`."""
    parser = commands.add_parser(
        "fake",
        help="serve a recorded session as an offline platform",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="the recording")
    parser.add_argument("--port", type=int, default=3100, help="0 takes a free one (default: 3100)")
    parser.add_argument("--pace", choices=("real", "max"), default="max", help="real: as slow as it was (default: max)")
    parser.add_argument("-v", "--verbose", action="store_true", help="say every request, not only those not recorded")


def run(arguments: argparse.Namespace) -> int:
    """Serve until it is interrupted."""
    from api_client.inspect.fake_platform import FakePlatform
    from api_client.inspect.session_file import SessionFileError, read_session
    from tui.cli.output import say

    try:
        session = read_session(Path(arguments.file))
    except SessionFileError as error:
        raise CannotGoOn(str(error)) from error
    except OSError as error:
        raise CannotGoOn(f"{arguments.file}: {error.strerror}") from error
    if session.complaint:
        say(session.complaint)

    def missed(line: str) -> None:
        say(f"not in the recording: {line}")

    def said(line: str) -> None:
        if arguments.verbose:
            say(line)

    platform = FakePlatform(session, delays=arguments.pace == "real", said=said, missed=missed)
    if not len(platform.script):
        raise CannotGoOn(f"{arguments.file}: there is no reply in this recording", Exit.NOTHING)
    with _listener(arguments.port) as listener:
        try:
            import asyncio

            asyncio.run(serve(platform, listener))
        except KeyboardInterrupt:
            return Exit.OK
    return Exit.OK


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        # Whoever has read where it listens may connect, before the library is loaded.
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotGoOn(f"port {port} cannot be had; --port 0 takes a free one", Exit.UNAVAILABLE) from error
    return listener


async def serve(platform: FakePlatform, listener: socket.socket) -> None:
    """Serve `platform` on `listener` until SIGINT or SIGTERM, and say on stdout where; raises CannotGoOn."""
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise CannotGoOn("this needs more packages: pip install 'parlour[platform]'", Exit.UNAVAILABLE) from error
    config = uvicorn.Config(
        platform,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await uvicorn.Server(config).serve(sockets=[listener])
