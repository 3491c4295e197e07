"""`parlour ws`: the live connection as lines of JSON."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tui.cli.durations import seconds_in
from tui.cli.exits import CannotGoOn

if TYPE_CHECKING:
    from tui.cli.parsers import Commands

_DESCRIPTION = """\
Sign in on the platform's WebSocket and write every frame that comes as one line of JSON, until it is interrupted.
KEY is a record whose changes are told, such as posts:ID, r:NAME or player:{me.id}.
"""
_EPILOG = """\
examples:
  parlour ws
  parlour ws posts:8f3c r:synths --timestamps
  parlour ws --type new-message -q .message.content
  parlour ws --chat ID --send '{"type":"typing","chatId":"ID"}' --count 1
  parlour ws --until '.type == "new-message" and .message.clientId == "abc"' --timeout 5s
  generate-frames | parlour ws --send - --type error

frames are sent once the connection is signed in; lines of stdin (--send -) as they come
exit: 0 --until or --count was met, or the time is over without either; 1 the time is over before; 2 wrong use,
      3 no connection, 4 sign in first, 130 interrupted
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `ws` to the command line."""
    parser = commands.add_parser(
        "ws",
        parents=[common],
        help="write what comes over the live connection",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("keys", nargs="*", metavar="KEY", help="a record whose changes are told")
    parser.add_argument("--chat", action="append", default=[], metavar="ID", help="enter this conversation's room")
    parser.add_argument(
        "--send",
        action="append",
        default=[],
        metavar="JSON",
        help="send this frame; - for one in each line of stdin",
    )
    parser.add_argument("--type", action="append", default=[], metavar="TYPE", help="write frames of this type alone")
    parser.add_argument("-q", "--jq", metavar="EXPR", help="write what jq makes of each frame")
    parser.add_argument("--timestamps", action="store_true", help='write {"at": TIME, "frame": FRAME}')
    parser.add_argument("--until", metavar="EXPR", help="end when jq finds this to be true of a frame")
    parser.add_argument("--count", type=_count, metavar="N", help="end after N frames were written")
    parser.add_argument("--timeout", type=_seconds, metavar="TIME", help="end after this time, such as 30s")
    parser.add_argument("--no-reconnect", action="store_true", help="end when the connection does")


def run(arguments: argparse.Namespace) -> int:
    """Listen until there is a reason to end."""
    if arguments.jq is not None and arguments.timestamps:
        raise CannotGoOn("--jq and --timestamps do not go together")
    if arguments.send.count("-") > 1:
        raise CannotGoOn("stdin can be read only once")
    for key in arguments.keys:
        if not 3 <= len(key) <= 200 or not key.isprintable():
            raise CannotGoOn(f"{key!r} is no key of a record; write posts:ID")
    for chat in arguments.chat:
        if not 1 <= len(chat) <= 64:
            raise CannotGoOn(f"{chat!r} is no id of a conversation")

    from tui.cli.calls.frames import Listener, frame_to_send

    for text in arguments.send:
        if text != "-":
            frame_to_send(text, "--send")
    listener = Listener(arguments, sys.stdin)

    import asyncio

    return asyncio.run(listener.run())


def _seconds(text: str) -> float:
    try:
        return seconds_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:10]) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of frames")
    return int(text)
