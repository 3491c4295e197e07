"""`python -m server`: run a platform from the command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from server.serve import CannotStart, serve
from server.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; return the exit status. `arguments` are the command line's own unless given."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(
        level=chosen.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    settings = Settings(
        data_dir=chosen.data.expanduser().absolute(),
        host=chosen.host,
        port=chosen.port,
        demo=chosen.demo,
        music_dir=chosen.music.expanduser().absolute() if chosen.music else None,
    )
    try:
        asyncio.run(serve(settings, exit_with_stdin=chosen.exit_with_stdin))
    except CannotStart as error:
        sys.stderr.write(f"parlour: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server", description="Run a Parlour platform.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=3000, help="port; 0 takes any free one (default: %(default)s)")
    parser.add_argument(
        "--data",
        type=Path,
        default=platformdirs.user_data_path("parlour") / "platform",
        help="folder of the database and the media (default: %(default)s)",
    )
    parser.add_argument("--demo", action="store_true", help="fill an empty platform with demo data")
    parser.add_argument("--music", type=_folder, metavar="DIR", help="serve the music in this folder")
    parser.add_argument(
        "--exit-with-stdin",
        action="store_true",
        help="stop when the standard input ends, as it does when the program that started this is gone",
    )
    parser.add_argument(
        "--log-level", choices=("error", "warning", "info", "debug"), default="warning", help="info logs every request"
    )
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.expanduser().is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return folder


if __name__ == "__main__":
    sys.exit(main())
