"""What a shell needs to complete the command line, made from the parser, so that the two cannot differ."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)


@dataclass(frozen=True)
class Option:
    """One option of a command: its names, what it is for, and what follows it."""

    names: tuple[str, ...]
    help: str
    takes: Literal["", "word", "file", "folder"] = ""
    words: tuple[str, ...] = ()
    """The words that may follow, where these are known."""


@dataclass(frozen=True)
class Command:
    """One command, or the program itself: what may stand behind it."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...] = ()
    """The words that it takes, where these are known."""


def script_for(shell: Shell, parser: argparse.ArgumentParser) -> str:
    """Return the script that makes `shell` complete what `parser` reads."""
    program, commands = _read(parser)
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](program, commands)


def _read(parser: argparse.ArgumentParser) -> tuple[Command, list[Command]]:
    commands = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, inner in action.choices.items():
                told = helps.get(name) or inner.description
                commands.append(Command(name, _sentence(told), tuple(_options(inner)), tuple(_words(inner))))
    return Command(parser.prog, parser.description or "", tuple(_options(parser))), commands


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            takes: Literal["", "word", "file", "folder"] = "word" if action.nargs is None else ""
            takes = {"DIR": "folder", "FILE": "file"}.get(str(action.metavar), takes)  # type: ignore[assignment]
            words = tuple(map(str, action.choices or ()))
            yield Option(tuple(action.option_strings), _sentence(action.help), takes, words)


def _words(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if not action.option_strings and action.choices is not None:
            yield from map(str, action.choices)


def _sentence(text: str | None) -> str:
    """Return a help text such that no shell reads anything into it."""
    return re.sub(r"[^\w .,:;()/-]", "", (text or "").replace("%", ""))


def _all(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in option.names)


def _names(options: Iterable[Option]) -> str:
    """Return the names of options as a pattern of the shell."""
    return "|".join(sorted({name for option in options for name in option.names}))


def _bash(program: Command, commands: list[Command]) -> str:
    cases = "\n".join(
        f'    {command.name}) words="{" ".join((*command.words, _all(command.options))).strip()}" ;;'
        for command in commands
    )
    every = [option for command in (program, *commands) for option in command.options]
    folders = _names(option for option in every if option.takes == "folder")
    files = _names(option for option in every if option.takes == "file")
    others = _names(option for option in every if option.takes == "word")
    known: dict[str, dict[str, None]] = {}
    for option in every:
        for name in option.names if option.words else ():
            known.setdefault(name, {}).update(dict.fromkeys(option.words))
    choices = "".join(
        f'\n    {name}) mapfile -t COMPREPLY < <(compgen -W "{" ".join(words)}" -- "$current"); return ;;'
        for name, words in sorted(known.items())
    )
    names = " ".join(command.name for command in commands)
    return f"""\
# bash completion for {program.name}; for good: {program.name} completion bash > \\
#   ~/.local/share/bash-completion/completions/{program.name}
_{program.name}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD - 1]}}" words word
  case "$before" in{choices}
    {folders}) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    {files or "--"}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    {others}) return ;;
  esac
  words="{names} {_all(program.options)}"
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
  case "$word" in
{cases}
  esac
  done
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _{program.name} {program.name}
"""


def _zsh(program: Command, commands: list[Command]) -> str:
    def told(option: Option) -> Iterator[str]:
        follows = {"": "", "word": ":value:", "file": ":file:_files", "folder": ":folder:_files -/"}[option.takes]
        follows = f":value:({' '.join(option.words)})" if option.words else follows
        for name in option.names:
            yield f"'{name}[{option.help}]{follows}'"

    def lines(options: tuple[Option, ...], indent: str) -> str:
        return f" \\\n{indent}".join(each for option in options for each in told(option))

    told_of = ((command.name, command.help.replace(":", "\\:")) for command in commands)
    names = "\n".join(f"      '{name}:{what}'" for name, what in told_of)
    cases = "\n".join(
        f"        {command.name})\n          _arguments {lines(command.options, '            ')}"
        + (f" \\\n            '1:word:({' '.join(command.words)})'" if command.words else "")
        + " ;;"
        for command in commands
    )
    return f"""\
#compdef {program.name}
# zsh completion for {program.name}; for good: {program.name} completion zsh > a folder of $fpath, as _{program.name}
_{program.name}() {{
  local context state state_descr line
  typeset -A opt_args
  _arguments -C {lines(program.options, "    ")} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
{names}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
{cases}
      esac ;;
  esac
}}
if [ "$funcstack[1]" = "_{program.name}" ]; then
  _{program.name} "$@"
else
  compdef _{program.name} {program.name}
fi
"""


def _fish(program: Command, commands: list[Command]) -> str:
    def line(condition: str, option: Option) -> str:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
        folders = " -x -a '(__fish_complete_directories)'"
        follows = {"": "", "word": " -x", "file": " -r -F", "folder": folders}[option.takes]
        follows = f" -x -a '{' '.join(option.words)}'" if option.words else follows
        return f"complete -c {program.name} -n {condition} {names}{follows} -d '{option.help}'"

    lines = [
        f"# fish completion for {program.name}; for good: {program.name} completion fish > \\",
        f"#   ~/.config/fish/completions/{program.name}.fish",
        f"complete -c {program.name} -f",
    ]
    lines += [line("__fish_use_subcommand", option) for option in program.options]
    for command in commands:
        lines.append(f"complete -c {program.name} -n __fish_use_subcommand -a {command.name} -d '{command.help}'")
        seen = f"'__fish_seen_subcommand_from {command.name}'"
        lines += [line(seen, option) for option in command.options]
        if command.words:
            lines.append(f"complete -c {program.name} -n {seen} -a '{' '.join(command.words)}'")
    return "\n".join(lines) + "\n"
