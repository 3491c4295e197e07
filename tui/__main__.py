"""The command line: reads arguments, starts the program, a platform, or a one-off command; heavy imports come late."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli import parsers
from tui.cli.exits import Exit, leave
from tui.cli.output import have_streams, say, write_whatever_comes
from tui.cli.verbs.names import described

if TYPE_CHECKING:
    from api_client.inspect.fault_spec import FaultSpec
    from tui.curtain import LastFrame
    from tui.launch import Launch
    from tui.paths import Paths
    from tui.terminal import Terminal

VERSION = "0.1.0"

_EPILOG = """\
environment:
  PARLOUR_URL         the platform, as with --url
  PARLOUR_TOKEN       an access token for this run; nothing is stored
  PARLOUR_DATA        one folder for everything, as with --data
  PARLOUR_PASSPHRASE  encrypts the tokens in a file where there is no keyring
  NO_COLOR            no colours

files (without --data): config.toml, keymap.toml and themes/ in the user's config folder; see `parlour paths`.
Inside: ? lists the keys, ctrl+p finds any action, Q leaves.
"""
_DEMO = """\
examples:
  parlour demo
  parlour demo --fresh --theme parlour-light
  parlour demo --faults flaky
"""
_COMPLETION = """\
examples:
  eval "$(parlour completion bash)"
  parlour completion zsh > ~/.zfunc/_parlour
  parlour completion fish | source
"""
_SERVE = """\
examples:
  parlour serve
  parlour serve --demo --port 3000 --data ./platform
  parlour serve --music ~/Music --host 0.0.0.0
"""


def build_parser(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, or of as much of it as reading `argv` needs."""
    common = argparse.ArgumentParser(add_help=False)
    # SUPPRESS lets an option stand before or after the command without the one erasing the other.
    common.add_argument("--url", default=argparse.SUPPRESS, help="the platform, such as https://parlour.example")
    common.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="keep all files in this folder")
    common.add_argument(
        "--insecure-storage",
        action="store_true",
        default=argparse.SUPPRESS,
        help="keep tokens in a plain file (mode 0600) instead of the keyring",
    )
    looks = argparse.ArgumentParser(add_help=False)
    looks.add_argument("--theme", metavar="NAME", default=argparse.SUPPRESS, help="the theme for this run")
    looks.add_argument(
        "--no-mouse", action="store_true", default=argparse.SUPPRESS, help="leave the mouse to the terminal"
    )
    looks.add_argument(
        "--offline", action="store_true", default=argparse.SUPPRESS, help="begin without the network; T o goes online"
    )
    looks.add_argument(
        "--faults",
        metavar="SPEC",
        type=_faults,
        default=argparse.SUPPRESS,
        help="inject faults for this run, such as 'latency=300ms,loss=5%%,429=10%%,cut=30s' or slow; T f changes them",
    )
    looks.add_argument(
        "--record",
        metavar="FILE",
        type=_new_file,
        default=argparse.SUPPRESS,
        help="record the session to a new file, without secrets; T r ends it, `parlour replay` repeats it",
    )
    parser: argparse.ArgumentParser = parsers.Parser(
        prog="parlour",
        description="A whole social platform in one terminal: feed, threads, chat and music, by keyboard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common, looks],
    )
    parser.add_argument("--version", action="version", version=f"parlour {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    _add_programs(commands, common, looks)
    parsers.add_commands(commands, common, argv)
    parser.add_argument_group("verbs", described())
    return parser


def _add_programs(commands: parsers.Commands, common: argparse.ArgumentParser, looks: argparse.ArgumentParser) -> None:
    """Add what starts something, and the help of shells."""

    def add(name: str, what: str, epilog: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=list(parents),
            help=what,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    demo = add("demo", "start a platform with demo data and look around", _DEMO, common, looks)
    demo.add_argument("--fresh", action="store_true", help="begin the demo anew")

    completion = add("completion", "write what a shell needs to complete this command line", _COMPLETION)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))

    serve = add("serve", "run the reference platform", _SERVE)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=3000, help="0 takes a free one (default: 3000)")
    serve.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="where the platform keeps its data")
    serve.add_argument("--demo", action="store_true", help="fill it with demo data at first start")
    serve.add_argument("--music", metavar="DIR", help="serve this folder of music")


def _faults(text: str) -> FaultSpec:
    """Return what `--faults` asks for; raises what argparse shows before it leaves."""
    from api_client.inspect.fault_spec import BadSpec, parse_spec

    try:
        return parse_spec(text)
    except BadSpec as error:
        raise argparse.ArgumentTypeError(f"{error}\n{error.pointed}") from error


def _new_file(text: str) -> Path:
    """Return where `--record` shall write; raises what argparse shows before it leaves."""
    path = Path(text).expanduser().absolute()
    if path.exists():
        raise argparse.ArgumentTypeError(f"{text} exists already; a recording begins a new file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no such folder")
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Run Parlour and return its exit status."""
    parser, arguments = _read(argv)
    return _carry_out(arguments, parser)


def program() -> None:
    """Run Parlour as a process of its own, and end that."""
    have_streams()
    try:
        parser, arguments = _read(None)
    except SystemExit as end:
        # What was to be read may be of use to nobody any more: `parlour --help | head`.
        leave(end.code if isinstance(end.code, int) else Exit.USAGE)
    if arguments.command in parsers.COMMANDS or arguments.command == "completion":
        write_whatever_comes()
        leave(_carry_out(arguments, parser))
    sys.exit(_carry_out(arguments, parser))


def _read(argv: Sequence[str] | None) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    argv = sys.argv[1:] if argv is None else argv
    parser = build_parser(argv)
    arguments = parser.parse_args(argv)
    arguments.url = getattr(arguments, "url", None) or os.environ.get("PARLOUR_URL") or None
    arguments.data = getattr(arguments, "data", None) or os.environ.get("PARLOUR_DATA") or None
    arguments.insecure_storage = getattr(arguments, "insecure_storage", False)
    return parser, arguments


def _carry_out(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:
        match arguments.command:
            case "serve":
                return _serve(arguments)
            case "completion":
                from tui.completion import script_for

                with suppress(BrokenPipeError):
                    sys.stdout.write(script_for(arguments.shell, parser))
                return Exit.OK
            case command if command in parsers.COMMANDS:
                return parsers.run(arguments)
            case _:
                return _open(arguments)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def _serve(arguments: argparse.Namespace) -> int:
    try:
        from server.__main__ import main as serve
    except ModuleNotFoundError as error:
        say(f"the platform needs more packages ({error.name} is missing): pip install 'parlour[platform]'")
        return Exit.UNAVAILABLE
    from tui.paths import Paths

    data = Path(arguments.data) if arguments.data else Paths.find().data / "platform"
    options = ["--host", arguments.host, "--port", str(arguments.port), "--data", str(data)]
    options += ["--demo"] if arguments.demo else []
    options += ["--music", arguments.music] if arguments.music else []
    return serve(options)


def _open(arguments: argparse.Namespace) -> int:
    from tui import lightness

    lightness.hold()
    from tui.paths import Paths, UnsafeFolder
    from tui.terminal import UnusableTerminal, check_terminal

    try:
        terminal = check_terminal()
        paths, trouble = Paths.find(arguments.data).ensured()
    except (UnusableTerminal, UnsafeFolder) as error:
        say(str(error))
        return Exit.UNAVAILABLE
    last_frame = _last_frame(arguments, paths, terminal)
    curtain = last_frame.drop(arguments.url) if last_frame is not None else None
    try:
        launch = _launch(arguments, paths, terminal, trouble)
        from dataclasses import replace

        from tui.app import run

        status = run(replace(launch, last_frame=last_frame, curtain=curtain))
    finally:
        if curtain is not None:
            curtain.lift()
    from tui.ending import leave_what_hangs

    leave_what_hangs(status)
    return status


def _last_frame(arguments: argparse.Namespace, paths: Paths, terminal: Terminal) -> LastFrame | None:
    """Return what keeps the last frame; None where it is not certain that the account used last is opened."""
    from tui.curtain import LastFrame

    if arguments.command == "demo" or any(os.environ.get(name) for name in ("PARLOUR_TOKEN", "PARLOUR_PASSPHRASE")):
        return None
    options = (terminal.colours, getattr(arguments, "theme", ""), arguments.insecure_storage)
    return LastFrame(paths, VERSION, options, os.environ)


def _launch(arguments: argparse.Namespace, paths: Paths, terminal: Terminal, trouble: str | None) -> Launch:
    """Return how to start: what the arguments say, and else what the user's files say."""
    from tui.terminal import prepare_toolkit

    prepare_toolkit(terminal)
    from tui.config import load_config
    from tui.keymap import load_keymap
    from tui.launch import Launch

    config, keymap = load_config(paths.config_file), load_keymap(paths.keymap_file)
    chosen = config.config
    theme = getattr(arguments, "theme", chosen.view.theme)
    mouse = chosen.view.mouse and not getattr(arguments, "no_mouse", False)
    chosen = chosen.model_copy(update={"view": chosen.view.model_copy(update={"theme": theme, "mouse": mouse})})
    return Launch(
        paths=paths,
        terminal=terminal,
        config=chosen,
        keymap=keymap,
        complaints=(*([trouble] if trouble else ()), *config.complaints, *keymap.complaints),
        url=arguments.url,
        token=os.environ.get("PARLOUR_TOKEN") or None,
        demo=arguments.command == "demo",
        fresh=getattr(arguments, "fresh", False),
        offline=getattr(arguments, "offline", False),
        record=getattr(arguments, "record", None),
        faults=getattr(arguments, "faults", None),
        insecure_storage=arguments.insecure_storage,
        passphrase=os.environ.get("PARLOUR_PASSPHRASE") or None,
    )


if __name__ == "__main__":
    program()
