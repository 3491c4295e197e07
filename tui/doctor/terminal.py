"""Looks at the terminal: its size, colours, pictures, widths, clipboard, mouse, and what stands in between."""

from __future__ import annotations

import curses
import sys
from collections.abc import Mapping, Sequence

from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning
from tui.doctor.multiplexer import look_at_tmux
from tui.player.threads import run_in_thread
from tui.terminal import check_terminal, colours_of, is_remote
from tui.terminal_questions import WIDE, Answers, ask_terminal

COLUMNS, ROWS = 80, 24
"""What every screen of the program fits into."""
_OWN_PICTURES = ("iTerm.app", "WezTerm")
"""Terminals, by TERM_PROGRAM, that have iTerm2's way of showing pictures."""


async def look_at_terminal(patient: Patient) -> Sequence[Finding]:
    """Return everything about the terminal; where there is none, that."""
    environment = patient.environment
    has_screen = await run_in_thread(lambda: _has_screen(environment), "terminal")
    answers = await run_in_thread(lambda: ask_terminal(environment), "terminal")
    findings = [has_screen, _encoding(environment), _terminfo(environment)]
    if answers is None:
        findings.append(
            skipped("terminal.answers", "There is no terminal to ask: its size, colours and widths are open.")
        )
    else:
        findings += [_size(answers), _answers(answers), _colours(environment, answers), _pictures(environment, answers)]
        findings += [_widths(answers), _clipboard(environment, answers), _mouse(patient, answers)]
    findings.append(_way(environment))
    findings += await run_in_thread(lambda: look_at_tmux(environment), "tmux")
    return findings


def _has_screen(environment: Mapping[str, str]) -> Finding:
    from tui.terminal import UnusableTerminal

    try:
        check_terminal(environment)
    except UnusableTerminal as error:
        # A report that goes into a file, or a job without a terminal, is nothing wrong.
        piped = not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))
        if piped:
            return skipped("terminal.screen", "Input or output is no terminal now: whether Parlour can draw is open.")
        return problem("terminal.screen", str(error), "Start Parlour in a terminal that shows a full screen.")
    return ok("terminal.screen", "Parlour can draw here.", term=environment.get("TERM", ""))


def _encoding(environment: Mapping[str, str]) -> Finding:
    stream = sys.__stderr__.encoding if sys.__stderr__ else ""
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    facts: Facts = {"encoding": stream, "locale": locale}
    if "utf" not in stream.lower():
        advice = "Set a UTF-8 locale, or start with PYTHONUTF8=1."
        return problem(
            "terminal.encoding", f"Text goes out as {stream}, not as UTF-8.", advice, "export LC_ALL=C.UTF-8", **facts
        )
    if locale and "utf" not in locale.lower() and locale not in ("C", "POSIX"):
        advice = "Other programs in this terminal, tmux among them, may take it for no UTF-8."
        return warning(
            "terminal.encoding",
            f"The locale is {locale}, which is not UTF-8.",
            advice,
            "export LC_ALL=C.UTF-8",
            **facts,
        )
    return ok("terminal.encoding", "Text is UTF-8.", **facts)


def _terminfo(environment: Mapping[str, str]) -> Finding:
    term = environment.get("TERM", "")
    if not term:
        return skipped("terminal.terminfo", "TERM is not set.")
    try:
        curses.setupterm(term, fd=1 if sys.__stdout__ else 2)
    except curses.error:
        advice = "Parlour draws all the same, but less and tmux do not. Copy the entry here from where you come from."
        commands = (f"infocmp -x {term} | ssh HOST -- tic -x -",) if term.replace("-", "").isalnum() else ()
        return warning(
            "terminal.terminfo", f"This machine has no description of TERM={term}.", advice, *commands, term=term
        )
    return ok("terminal.terminfo", f"TERM={term} is known here, with {curses.tigetnum('colors')} colours.", term=term)


def _size(answers: Answers) -> Finding:
    columns, rows = answers.size
    facts: Facts = {"columns": columns, "rows": rows}
    if not columns:
        return skipped("terminal.size", "The terminal does not say how large it is.")
    if columns < COLUMNS or rows < ROWS:
        advice = f"Screens are made for {COLUMNS}x{ROWS} and more: make the window larger or the letters smaller."
        return warning("terminal.size", f"The terminal has {columns}x{rows} cells.", advice, **facts)
    return ok("terminal.size", f"The terminal has {columns}x{rows} cells.", **facts)


def _answers(answers: Answers) -> Finding:
    if not answers.came:
        advice = "It works without; how wide signs are and what it can show is not known."
        return warning("terminal.answers", "The terminal answers no question within 1 s.", advice)
    name = answers.name or "The terminal"
    facts: Facts = {
        "terminal": answers.name,
        "milliseconds": round(answers.milliseconds, 1),
        "attributes": sorted(answers.attributes),
        "modes": dict(answers.modes),
        "kitty_keys": answers.kitty_keys,
    }
    return ok("terminal.answers", f"{name} answers in {answers.milliseconds:.0f} ms.", **facts)


def _colours(environment: Mapping[str, str], answers: Answers) -> Finding:
    said = colours_of(environment)
    facts: Facts = {"colours": said, "truecolour": answers.truecolour, "colorterm": environment.get("COLORTERM", "")}
    if environment.get("NO_COLOR"):
        return ok("terminal.colours", "NO_COLOR is set: everything is drawn without colours.", **facts)
    if said == 1 << 24:
        return ok("terminal.colours", "16 million colours.", **facts)
    if answers.truecolour:
        advice = "COLORTERM does not say so; ssh does not carry it by itself. Say it here, or let ssh send it."
        commands = ("export COLORTERM=truecolor", "ssh -o SendEnv=COLORTERM HOST")
        return warning(
            "terminal.colours", f"The terminal has 16 million colours, and {said} are used.", advice, *commands, **facts
        )
    if said >= 256:
        return ok("terminal.colours", "256 colours.", **facts)
    advice = "With 256 and more pictures are drawn as well. If the terminal has more, TERM says too little."
    return warning("terminal.colours", f"{said} colours.", advice, "export TERM=xterm-256color", **facts)


def _pictures(environment: Mapping[str, str], answers: Answers) -> Finding:
    program = environment.get("TERM_PROGRAM", "")
    able = {
        "sixel": 4 in answers.attributes,
        "kitty": answers.kitty_pictures,
        "iterm": program in _OWN_PICTURES,
    }
    drawn = colours_of(environment) >= 256
    facts: Facts = {
        **able,
        "halfblocks": drawn,
        "cell": list(answers.cell) if answers.cell else None,
    }
    others = [name for name, has in able.items() if has]
    also = f" The terminal also has {' and '.join(others)}." if others else ""
    if drawn:
        return ok("terminal.pictures", f"Pictures are drawn in half blocks.{also}", **facts)
    return ok("terminal.pictures", f"Pictures are named, not drawn: that takes 256 colours.{also}", **facts)


def _widths(answers: Answers) -> Finding:
    if not answers.widths:
        return skipped("terminal.widths", "The terminal does not say where its cursor is: widths are not measured.")
    wrong = {sign: width for sign, width in answers.widths.items() if width != 2}
    if not wrong:
        return ok("terminal.widths", "CJK and emoji are as wide as reckoned.", **answers.widths)
    listed = ", ".join(f"{sign} ({WIDE[sign]}) {width} cells" for sign, width in wrong.items())
    advice = (
        "Rows with such signs may be shifted by a cell or more; another terminal, or a newer one, draws them in two."
    )
    return warning(
        "terminal.widths", f"Drawn otherwise than reckoned, which is 2 cells: {listed}.", advice, **answers.widths
    )


def _clipboard(environment: Mapping[str, str], answers: Answers) -> Finding:
    if "TMUX" in environment:
        return ok(
            "terminal.clipboard", "What is copied goes into tmux's buffer, and on if set-clipboard lets it.", osc52=None
        )
    if 52 in answers.attributes:
        return ok("terminal.clipboard", "What is copied is on the terminal's clipboard (OSC 52).", osc52=True)
    advice = "Copy something with y and paste it. Where nothing comes, the terminal has a setting that allows it."
    return skipped(
        "terminal.clipboard", "The terminal does not say whether it takes what is copied (OSC 52).", advice, osc52=None
    )


def _mouse(patient: Patient, answers: Answers) -> Finding:
    wanted = patient.loaded.config.view.mouse
    if not wanted:
        return ok("terminal.mouse", "The mouse is left to the terminal: mouse = false in [view].", wanted=False)
    can = answers.modes.get("mouse")
    if can is None:
        return skipped("terminal.mouse", "The terminal does not say whether it reports the mouse.", wanted=True)
    if can:
        return ok("terminal.mouse", "The mouse is reported. Shift selects text as the terminal does.", wanted=True)
    return warning("terminal.mouse", "The terminal does not report the mouse.", "Everything has a key.", wanted=True)


def _way(environment: Mapping[str, str]) -> Finding:
    remote = is_remote(environment)
    if remote:
        return ok(
            "terminal.way", "Over ssh: nothing moves by itself, and there is no sound card here perhaps.", ssh=True
        )
    return ok("terminal.way", "On this machine, not over ssh.", ssh=False)
