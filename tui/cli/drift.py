"""`parlour drift`: the client's contract against a platform's description, and against recorded traffic."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn, Exit

if TYPE_CHECKING:
    from api_client.inspect.drift.contracts import Contract
    from api_client.inspect.drift.findings import Finding
    from api_client.inspect.drift.observing import Seen
    from tui.cli.parsers import Commands

SCHEMA = "parlour.drift/1"
DOCUMENT = "/openapi.json"
_DOCUMENT_LIMIT = 16 * 1024 * 1024
_SHOWN = 4
"""Operations that are named with a finding."""

_EPILOG = """\
examples:
  parlour drift                                  the platform of the account used last
  parlour drift --against https://parlour.example
  parlour drift --against openapi.json --fail-on any
  parlour drift --observed monday.jsonl --observed tuesday.jsonl
  parlour drift --json | jq '.findings[] | select(.level == "breaking")'

exit status: 0 no drift that --fail-on names, 1 drift, 2 a file or address that is wrong, 3 no answer
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `drift`."""
    parser = commands.add_parser(
        "drift",
        parents=[common],
        help="compare this client's contract with a platform's description and with recordings",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--against", metavar="URL|FILE", help="an OpenAPI document, or the platform that gives it")
    parser.add_argument(
        "--observed", metavar="FILE", action="append", default=[], help="a recording to compare as well; repeatable"
    )
    parser.add_argument(
        "--fail-on", choices=("breaking", "any", "none"), default="breaking", help="what makes the exit status 1"
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Compare, report, and return the exit status."""
    from api_client.inspect.drift.classifying import compare
    from api_client.inspect.drift.contracts import client_contract
    from api_client.inspect.drift.findings import counted
    from api_client.inspect.drift.observing import observe
    from api_client.inspect.session_file import SessionFileError, read_session

    try:
        sessions = [read_session(Path(name)) for name in arguments.observed]
    except SessionFileError as error:
        raise CannotGoOn(str(error)) from error
    except OSError as error:
        raise CannotGoOn(f"{error.filename}: {error.strerror}") from error
    where, theirs = _described(arguments)
    ours = client_contract()
    ledger = compare(ours, theirs)
    seen = observe(sessions, ours, theirs, ledger) if sessions else None
    findings = ledger.findings
    counts = counted(findings)
    if arguments.json:
        _write_json(where, findings, counts, seen, ours)
    else:
        _write(where, theirs, ours, findings, counts, seen)
    failing = {"breaking": counts["breaking"], "any": len(findings), "none": 0}[arguments.fail_on]
    return Exit.FAILED if failing else Exit.OK


def _described(arguments: argparse.Namespace) -> tuple[str, Contract]:
    """Return where the description is, and what it says; raises CannotGoOn."""
    from api_client.inspect.drift.contracts import NotADescription, server_contract

    against = arguments.against
    if against is not None and "://" not in against and Path(against).is_file():
        where, document, base = against, _document(_bytes_of(against), against), None
    else:
        import asyncio

        where, document, base = asyncio.run(_fetched(arguments, against))
    try:
        return where, server_contract(document, base=base) if base else server_contract(document)
    except NotADescription as error:
        raise CannotGoOn(f"{where}: {error}") from error


async def _fetched(arguments: argparse.Namespace, against: str | None) -> tuple[str, Any, str]:
    from urllib.parse import urlsplit

    from api_client.errors import NotFound
    from tui.cli.account import open_anonymous

    document = None
    if against is not None:
        if against.endswith((".json", ".yaml", ".yml")):
            parts = urlsplit(against)
            if not parts.netloc:
                raise CannotGoOn(f"{against}: there is no such file")
            document, against = against, f"{parts.scheme}://{parts.netloc}"
        arguments.url = against
    async with open_anonymous(arguments) as here:
        address = here.client.address
        document = document or address.origin + DOCUMENT
        try:
            body = await here.client.media(document, cap=_DOCUMENT_LIMIT)
        except NotFound as error:
            raise CannotGoOn(
                f"{document}: this platform does not describe itself; give a file with --against"
            ) from error
        return document, _document(body, document), urlsplit(address.base).path


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CannotGoOn(f"{name}: {error.strerror}") from error


def _document(body: bytes, where: str) -> Any:
    """Return the JSON or YAML in `body`."""
    import json

    import yaml

    try:
        if body.lstrip()[:1] == b"{":
            return json.loads(body)
        return yaml.safe_load(body)
    except json.JSONDecodeError as error:
        raise CannotGoOn(f"{where}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise CannotGoOn(f"{where}{place}: this is not YAML: {error.problem}") from None
    except (ValueError, RecursionError, yaml.YAMLError):
        raise CannotGoOn(f"{where}: this cannot be read") from None


def _write_json(where: str, findings: list[Finding], counts: dict[str, int], seen: Seen | None, ours: Contract) -> None:
    from tui.cli.output import write_json

    told: dict[str, Any] = {
        "schema": SCHEMA,
        "against": where,
        "counts": counts,
        "findings": [finding.as_json() for finding in findings],
    }
    if seen is not None:
        operations, events = seen.never(ours)
        told["seen"] = {
            "operations": seen.operations,
            "statuses": {name: sorted(statuses) for name, statuses in seen.statuses.items()},
            "events": seen.events,
            "neverSeen": {"operations": operations, "events": events},
        }
    write_json(told)


def _write(
    where: str, theirs: Contract, ours: Contract, findings: list[Finding], counts: dict[str, int], seen: Seen | None
) -> None:
    from tui.cli.output import write_text

    lines = []
    for finding in findings:
        names = list(finding.operations)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(f"{finding.kind.level.value:8}  {finding.kind.code:22}  {finding.place} {finding.sentence}")
        if names != [finding.place]:
            lines.append(f"{'':34}in {', '.join(names[:_SHOWN])}{more}")
        lines.append(f"{'':34}-> {finding.advice}")
    if seen is not None:
        operations, events = seen.never(ours)
        lines.append(
            f"seen: {len(ours.operations) - len(operations)} of {len(ours.operations)} endpoints, "
            f"{len(ours.events) - len(events)} of {len(ours.events)} events"
        )
        lines += [f"never seen: {', '.join(names)}" for names in (operations, events) if names]
    total = f"{counts['breaking']} breaking, {counts['other']} others" if findings else "no drift"
    lines.append(
        f"{total}: {len(ours.operations)} endpoints here, {len(theirs.operations)} in {where} ({theirs.title})"
    )
    write_text("\n".join(lines) + "\n", stream=sys.stdout)
